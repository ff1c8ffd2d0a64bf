/**
 * A run that ends between its first weights and its last (model.mean), with the real engine and the real Python: until its last update
 * it is the run without, and what it leaves is the mean of that one.
 */
import { describe, expect, it } from 'vitest';
import { openSafetensors } from '../../../../src/model/safetensors';
import { type Config, readConfig } from '../../../../src/selfplay/config';
import { Loop } from '../../../../src/selfplay/loop';
import { knowsNothing, newGame, openReal } from '../../../doubles/real-players';

const small: Partial<Config> = {
  dialect: 'compact',
  modes: ['deduction'],
  batch: 4,
  steps: 2,
  references: 2,
  'estimate.samples': 2,
  'seeding.factor': 0.5,
  'tokens.prompt': 200,
  'tokens.content': 150,
  'tokens.response': 24,
  'checkpoint.newest': 1,
  'evaluate.every': 0,
  'optimizer.rate': 1e-2,
};

const real = openReal();

async function setting(changes: Partial<Config>) {
  const config = readConfig({ ...small, ...changes });
  const { store, players } = await newGame(real, config);
  const run = await store.openRun('run', { newest: 1, every: config['checkpoint.sparse'] });
  return { run, players };
}

async function weightsOf(files: Record<string, Uint8Array>): Promise<Float32Array[]> {
  const { tensors, read } = await openSafetensors(files['model.safetensors']);
  return Promise.all([...tensors.keys()].map(read));
}

async function played(changes: Partial<Config>) {
  const { run, players } = await setting(changes);
  const loop = await Loop.begin(run, knowsNothing, players);
  const records = [];
  while (!loop.finished) records.push(await loop.advance());
  const kept = (await run.checkpoint(2)).files;
  const told = await loop.weights();
  await loop.close();
  return { run, records, first: await weightsOf((await run.checkpoint(0)).files), last: kept, told };
}

describe('model.mean', () => {
  it('keeps its share of the first weights where a run ends, in the checkpoint and in what is taken home', async () => {
    const plain = await played({});
    const mean = await played({ 'model.mean': 0.25 });
    expect(mean.records.map(({ metrics }) => metrics.loss)).toEqual(
      plain.records.map(({ metrics }) => metrics.loss),
    );
    const [last, found] = [await weightsOf(plain.last), await weightsOf(mean.last)];
    const expected = last.map((values, t) =>
      values.map((value, i) => 0.25 * plain.first[t][i] + 0.75 * value),
    );
    expect(found).toEqual(expected);
    expect(found).not.toEqual(last);
    expect(mean.told['model.safetensors']).toEqual(mean.last['model.safetensors']);
  });

  it.each<Partial<Config>>([{}, { 'loss.kl': 0.1 }, { 'model.train': 'adapter', 'checkpoint.sparse': 50 }])(
    'ends in the same place if the run was interrupted after every step, with its newest checkpoint alone (%j)',
    async (changes) => {
      const config = { 'model.mean': 0.5, 'checkpoint.every': 1, 'checkpoint.sparse': 0, ...changes };
      const whole = await played({ ...config, 'checkpoint.sparse': 50 });
      const { run, players } = await setting(config);
      let part = await Loop.begin(run, knowsNothing, players);
      while (!part.finished) {
        await part.advance();
        await part.close();
        part = await Loop.resume(run, players);
      }
      expect(await part.weights()).toEqual(whole.told);
      await part.close();
    },
  );

  it('says so where the first weights are gone from the checkpoint', async () => {
    const { run, players } = await setting({ 'model.mean': 0.5 });
    await (await Loop.begin(run, knowsNothing, players)).close();
    const whole = await run.checkpoint(0);
    const own = Object.entries(whole.files).filter(([name]) => !name.startsWith('reference/'));
    run.checkpoint = async () => ({ ...whole, files: Object.fromEntries(own) });
    await expect(Loop.resume(run, players)).rejects.toThrow(
      'This run ends between its first weights and its last (model.mean), and its checkpoint does not hold them',
    );
  });

  it('lessens what an adapter adds, where that is what is trained', async () => {
    const adapter: Partial<Config> = { 'model.train': 'adapter', 'adapter.rank': 2, 'adapter.alpha': 4 };
    const [plain, mean] = [await played(adapter), await played({ ...adapter, 'model.mean': 0.25 })];
    const read = async (files: Record<string, Uint8Array>) =>
      openSafetensors(files['adapter_model.safetensors']);
    const [last, found] = [await read(plain.last), await read(mean.last)];
    for (const name of last.tensors.keys()) {
      const share = name.includes('lora_B') ? 0.75 : 1;
      expect(await found.read(name), name).toEqual((await last.read(name)).map((value) => share * value));
    }
    expect(Object.keys(mean.last).sort()).toEqual(Object.keys(plain.last).sort());
  });

  it('is refused for an adapter that the model brings', async () => {
    const { run } = await setting({ 'model.train': 'adapter', 'checkpoint.sparse': 1, steps: 1 });
    const { players } = await setting({});
    const loop = await Loop.begin(run, knowsNothing, players);
    const files = await loop.weights();
    await loop.close();
    const next = await setting({ 'model.mean': 0.25 });
    await expect(Loop.begin(next.run, { kind: 'files', files }, next.players)).rejects.toThrow(
      'A run that goes on with an adapter keeps its last weights: set model.mean to 0.',
    );
  });
});
