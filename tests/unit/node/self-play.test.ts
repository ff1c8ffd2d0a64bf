/** A whole run of self-play on a node, with the real Python: its log and its weights are those of the engine in Node, to the last bit. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Engine } from '../../../src/engine/engine';
import { LocalEngine } from '../../../src/engine/local';
import { openNodeDevice } from '../../../src/engine/ort/node';
import type { Executor } from '../../../src/sandbox/executor';
import { readConfig } from '../../../src/selfplay/config';
import { Loop } from '../../../src/selfplay/loop';
import { newRun } from '../../../src/selfplay/new-run';
import { dialectOf } from '../../../src/selfplay/speaking';
import { MemoryStore } from '../../../src/store/memory';
import { tinyConfig } from '../../contract/behaviour';
import { openFaultyNetwork } from '../../doubles/faults';
import { openClient, openNode } from '../../doubles/node';
import { openNodePython } from '../../doubles/node-python';

const config = readConfig({
  dialect: 'compact',
  batch: 4,
  steps: 3,
  references: 2,
  'induction.inputs': 2,
  'estimate.samples': 2,
  'seeding.factor': 0.5,
  'tokens.prompt': 200,
  'tokens.content': 150,
  'tokens.response': 24,
  'checkpoint.every': 2,
  'evaluate.every': 0,
  'optimizer.rate': 1e-2,
  'loss.kl': 0.01,
});
const source = {
  kind: 'random',
  seed: 3,
  config: { ...tinyConfig, vocab_size: 272, max_position_embeddings: 256 },
} as const;

let executor: Executor;
beforeAll(async () => {
  executor = await openNodePython();
});
afterAll(() => executor.dispose());

/** All that does not depend on when it happened. */
async function played(engine: Engine) {
  const store = new MemoryStore();
  const about = { id: 'run', name: 'a run', createdAt: 0, appVersion: '0', backend: 'node', model: 'random' };
  await store.createRun(newRun({ ...about, config }));
  const players = {
    engine,
    executor,
    dialect: dialectOf(config, await executor.about()),
    clock: { now: () => performance.now(), date: () => Date.now() },
  };
  const loop = await Loop.begin(await store.openRun('run'), source, players);
  while (!loop.finished) await loop.advance();
  const weights = await loop.weights();
  await loop.close();
  const run = await store.readRun('run');
  const steps: unknown[] = [];
  for await (const { at: _, metrics, ...record } of run.steps()) {
    const lasting = Object.entries(metrics).filter(([name]) => !/^(timing_s|perf)\//.test(name));
    steps.push({ ...record, metrics: Object.fromEntries(lasting) });
  }
  return { steps, snapshot: await run.snapshot(), weights };
}

it('gives the same learning log and the same weights, on a good network and on a bad one', async () => {
  const local = new LocalEngine(await openNodeDevice());
  const here = await played(local);
  await local.close();
  expect(here.steps).toHaveLength(4);
  const node = await openNode({ log: () => {} });
  const network = await openFaultyNetwork(node.url, 3, 0.15);
  for (const url of [node.url, network.url]) {
    const client = await openClient({ ...node, url });
    expect(await played(client)).toEqual(here);
    await client.close();
  }
  await network.close();
  await node.close();
});
