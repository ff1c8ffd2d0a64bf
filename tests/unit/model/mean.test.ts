/** Between two models of a kind: in the weights, and in nothing else. */
import { expect, it } from 'vitest';
import { meanOf } from '../../../src/model/mean';
import { openSafetensors } from '../../../src/model/safetensors';
import { writeSafetensors } from '../../../src/model/safetensors-write';

const text = (words: string) => new TextEncoder().encode(words);
const model = (...values: number[]) =>
  writeSafetensors(
    new Map([
      ['a', { shape: [2, 1], values: Float32Array.from(values.slice(0, 2)) }],
      ['b', { shape: [values.length - 2], values: Float32Array.from(values.slice(2)) }],
    ]),
  );

it('has its share of every number of the first, and the rest of the last', async () => {
  const first = { 'model.safetensors': model(0, 8, -4, 1) };
  const last = { 'model.safetensors': model(4, 0, -8, 1) };
  const files = await meanOf(first, last, 0.25);
  const { tensors, read } = await openSafetensors(files['model.safetensors']);
  expect(tensors.get('a')?.shape).toEqual([2, 1]);
  expect([...(await read('a'))]).toEqual([3, 2]);
  expect([...(await read('b'))]).toEqual([-7, 1]);
});

it('takes all that is not weights from the last, and leaves out how it was being trained', async () => {
  const last = {
    'config.json': text('{}'),
    'tokenizer.json': text('[]'),
    'trainer_state.safetensors': text('moments'),
    'model.safetensors': model(1, 2, 3),
  };
  const files = await meanOf({ ...last, 'config.json': text('old') }, last, 0.5);
  expect(Object.keys(files).sort()).toEqual(['config.json', 'model.safetensors', 'tokenizer.json']);
  expect(files['config.json']).toBe(last['config.json']);
  expect(files['model.safetensors']).toEqual(last['model.safetensors']);
});

it('reads a model that is dealt out to several files', async () => {
  const names = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
  const dealt = (...parts: Uint8Array[]) => Object.fromEntries(parts.map((part, i) => [names[i], part]));
  const files = await meanOf(
    dealt(model(0, 0, 0), model(2, 2, 2)),
    dealt(model(2, 4, 6), model(2, 4, 6)),
    0.5,
  );
  const read = async (name: string) => [...(await (await openSafetensors(files[name])).read('a'))];
  expect(await Promise.all(names.map(read))).toEqual([
    [1, 2],
    [2, 3],
  ]);
});

it('refuses models of two kinds', async () => {
  const last = { 'model.safetensors': model(1, 2, 3) };
  await expect(meanOf({}, last, 0.5)).rejects.toThrow(
    'There is no model.safetensors among the first weights',
  );
  await expect(meanOf({ 'model.safetensors': model(1, 2, 3, 4) }, last, 0.5)).rejects.toThrow(
    '"b" has 2 numbers among the first weights, and 1 now',
  );
});
