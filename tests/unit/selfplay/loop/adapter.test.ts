/**
 * A run that trains an adapter, with the real engine and the real Python: what it keeps is the adapter, the model below it once, and
 * it goes on from there as if nothing had happened.
 */
import { describe, expect, it } from 'vitest';
import type { ModelSource } from '../../../../src/engine/engine';
import { withoutAdapter } from '../../../../src/model/adapter-base';
import { type Config, readConfig } from '../../../../src/selfplay/config';
import { Loop } from '../../../../src/selfplay/loop';
import { newestWeights, wholeCheckpoint } from '../../../../src/selfplay/model-files';
import { knowsNothing, newGame, openReal } from '../../../doubles/real-players';

const small: Partial<Config> = {
  dialect: 'compact',
  modes: ['deduction'],
  batch: 4,
  steps: 3,
  references: 2,
  'estimate.samples': 2,
  'seeding.factor': 0.5,
  'tokens.prompt': 200,
  'tokens.content': 150,
  'tokens.response': 24,
  'checkpoint.every': 1,
  'checkpoint.newest': 1,
  'evaluate.every': 0,
  'optimizer.rate': 1e-2,
  'model.train': 'adapter',
  'adapter.rank': 2,
  'adapter.alpha': 4,
};

const real = openReal();

async function setting(changes: Partial<Config> = {}) {
  const config = readConfig({ ...small, ...changes });
  const { store, players } = await newGame(real, config);
  const run = await store.openRun('run', { newest: 1, every: config['checkpoint.sparse'] });
  return { run, players };
}

type Setting = Awaited<ReturnType<typeof setting>>;
const names = async ({ run }: Setting, step: number) =>
  Object.keys((await run.checkpoint(step)).files).sort();

describe.each<Partial<Config>>([{}, { 'loss.kl': 0.1 }, { 'model.base': 'int8' }])(
  'a run that trains an adapter (%j)',
  (changes) => {
    it('keeps the model once, and after that what is trained', async () => {
      const here = await setting(changes);
      const loop = await Loop.begin(here.run, knowsNothing, here.players);
      while (!loop.finished) await loop.advance();
      await loop.close();
      const trained = ['adapter_config.json', 'adapter_model.safetensors', 'trainer_state.safetensors'];
      expect(await names(here, 3)).toEqual(trained);
      expect(await names(here, 0)).toEqual(
        [...trained, 'config.json', 'generation_config.json', 'model.safetensors'].sort(),
      );
      expect(Object.keys((await wholeCheckpoint(here.run, 3)).files).sort()).toEqual(await names(here, 0));
    });

    it('that is interrupted after every step ends as one that is not', async () => {
      const whole = await setting(changes);
      const loop = await Loop.begin(whole.run, knowsNothing, whole.players);
      while (!loop.finished) await loop.advance();
      const expected = await loop.weights();
      await loop.close();

      const broken = await setting(changes);
      let part = await Loop.begin(broken.run, knowsNothing, broken.players);
      while (!part.finished) {
        await part.advance();
        await part.close();
        part = await Loop.resume(broken.run, broken.players);
      }
      expect(await part.weights()).toEqual(expected);
      await part.close();
    });
  },
);

describe('its adapter', () => {
  it('can be trained on in another run, beside the same model', async () => {
    const first = await setting({ steps: 1 });
    const loop = await Loop.begin(first.run, knowsNothing, first.players);
    await loop.advance();
    await loop.close();
    const source = (await newestWeights(first.run)) as ModelSource & { kind: 'files' };

    const next = await setting({ steps: 1, 'model.train': 'all' });
    const second = await Loop.begin(next.run, source, next.players);
    await second.advance();
    await second.close();
    const { files } = await next.run.checkpoint(0);
    expect(files['adapter_model.safetensors']).toEqual(source.files['adapter_model.safetensors']);
    expect(files['model.safetensors']).toEqual(withoutAdapter(source.files)['model.safetensors']);
    expect(await names(next, 1)).not.toContain('model.safetensors');
  });

  it('is what can be trained beside rounded weights, not they', () => {
    expect(() => readConfig({ ...small, 'model.train': 'all', 'model.base': 'int4' })).toThrow(
      'model.base can be int4 only while model.train is adapter',
    );
  });

  it('needs the first checkpoint to stay', () => {
    expect(() => readConfig({ ...small, 'checkpoint.sparse': 0 })).toThrow(
      'checkpoint.sparse must be at least 1 while model.train is adapter',
    );
  });
});
