/** Errors keep their class, their words and what else they tell on the way out of a worker. */
import { transferHandlers } from 'comlink';
import { expect, it } from 'vitest';
import { DeviceLostError } from '../../../src/engine/errors';
import { installTransfers } from '../../../src/engine/transfer';
import { ConfigError } from '../../../src/selfplay/config';

installTransfers({ ConfigError });

/** As it comes out on the other side. */
function sent(error: unknown): unknown {
  const handler = transferHandlers.get('throw')!;
  const [wire] = handler.serialize({ value: error });
  try {
    return handler.deserialize(structuredClone(wire));
  } catch (thrown) {
    return thrown;
  }
}

it('a class of the engine', () => {
  const error = sent(new DeviceLostError('unplugged'));
  expect(error).toBeInstanceOf(DeviceLostError);
  expect(error).toMatchObject({ name: 'DeviceLostError', message: /unplugged/ });
});

it('a class that was made known, with its details', () => {
  const problems = [{ key: 'batch', message: 'batch must be a whole number.' }];
  const error = sent(new ConfigError(problems));
  expect(error).toBeInstanceOf(ConfigError);
  expect(error).toMatchObject({ name: 'ConfigError', message: problems[0].message, problems });
});

it('an unknown class as an error with its name, without what cannot be sent', () => {
  class Strange extends Error {
    override name = 'Strange';
    readonly callback = () => {};
    readonly figure = 3;
  }
  const error = sent(new Strange('odd'));
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ name: 'Strange', message: 'odd', figure: 3 });
  expect(error).not.toHaveProperty('callback');
});

it('an abort, and what is no error at all', () => {
  expect(sent(new DOMException('enough', 'AbortError'))).toMatchObject({
    name: 'AbortError',
    message: 'enough',
  });
  expect(sent('a word')).toMatchObject({ name: 'Error', message: 'a word' });
});
