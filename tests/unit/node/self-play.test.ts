/** A whole run of self-play on a node, or on several, with the real Python: its log and its weights are those of the engine in Node, to the last bit. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Engine } from '../../../src/engine/engine';
import { LocalEngine } from '../../../src/engine/local';
import { openNodeDevice } from '../../../src/engine/ort/node';
import { openFleet } from '../../../src/engine/remote/open-fleet';
import { TinkerEngine } from '../../../src/engine/remote/tinker/tinker-engine';
import type { Executor } from '../../../src/sandbox/executor';
import { readConfig } from '../../../src/selfplay/config';
import { Loop } from '../../../src/selfplay/loop';
import { newRun } from '../../../src/selfplay/new-run';
import type { Players } from '../../../src/selfplay/players';
import { dialectOf } from '../../../src/selfplay/speaking';
import { MemoryStore } from '../../../src/store/memory';
import { tinyConfig } from '../../contract/behaviour';
import { openFaultyNetwork } from '../../doubles/faults';
import { openClient, openNode } from '../../doubles/node';
import { openNodePython } from '../../doubles/node-python';
import { tinyModel } from '../../doubles/tiny-model';

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
const room = { vocab_size: 272, max_position_embeddings: 256 };
const source = { kind: 'random', seed: 3, config: { ...tinyConfig, ...room } } as const;

let executor: Executor;
let here: Awaited<ReturnType<typeof played>>;
beforeAll(async () => {
  executor = await openNodePython();
  const local = new LocalEngine(await openNodeDevice());
  here = await played(local);
  await local.close();
  expect(here.steps).toHaveLength(4);
}, 120_000);
afterAll(() => executor.dispose());

/** All that does not depend on when it happened, and who did it. */
async function played(engine: Engine, measures?: Players['measures']) {
  const store = new MemoryStore();
  const about = { id: 'run', name: 'a run', createdAt: 0, appVersion: '0', backend: 'node', model: 'random' };
  await store.createRun(newRun({ ...about, config }));
  const players = {
    engine,
    executor,
    dialect: dialectOf(config, await executor.about()),
    clock: { now: () => performance.now(), date: () => Date.now() },
    measures,
  };
  const loop = await Loop.begin(await store.openRun('run'), source, players);
  while (!loop.finished) await loop.advance();
  const weights = await loop.weights();
  await loop.close();
  const run = await store.readRun('run');
  const steps: unknown[] = [];
  for await (const { at: _, metrics, ...record } of run.steps()) {
    const lasting = Object.entries(metrics).filter(([name]) => !/^(timing_s|perf|fleet)\//.test(name));
    steps.push({ ...record, metrics: Object.fromEntries(lasting) });
  }
  return { steps, snapshot: await run.snapshot(), weights };
}

it('gives the same learning log and the same weights, on a good network and on a bad one', async () => {
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

it('is played on a server that has nothing but Tinker, and goes on from the checkpoint that lives there', async () => {
  const node = await openNode({ models: { tiny: () => tinyModel(room) }, extensions: false });
  const store = new MemoryStore();
  const settings = { 'loss.entropy': 0, 'model.train': 'adapter', 'adapter.rank': 4, batch: 2, steps: 2 };
  const about = { id: 'run', name: 'a run', createdAt: 0, appVersion: '0', backend: 'remote', model: 'tiny' };
  await store.createRun(newRun({ ...about, config: readConfig({ ...config, ...settings }) }));
  const players = {
    executor,
    dialect: dialectOf(config, await executor.about()),
    clock: { now: () => performance.now(), date: () => Date.now() },
  };
  const open = () => TinkerEngine.open({ url: node.url, token: node.token, patience: 20_000 });
  const first = await open();
  const source = { kind: 'files', files: await tinyModel(room) } as const;
  const writer = await store.openRun('run');
  const loop = await Loop.begin(writer, source, { ...players, engine: first });
  await loop.advance();
  await loop.close();
  await first.close();
  const second = await open();
  const resumed = await Loop.resume(writer, { ...players, engine: second });
  while (!resumed.finished) await resumed.advance();
  await resumed.close();
  await second.close();
  await node.close();
  const run = await store.readRun('run');
  const metrics: Record<string, number>[] = [];
  for await (const step of run.steps()) metrics.push(step.metrics);
  expect(metrics).toHaveLength(3);
  for (const { loss, grad_norm } of metrics.slice(1))
    expect([Number.isFinite(loss), Number.isFinite(grad_norm)]).toEqual([true, true]);
  const { files } = await run.checkpoint(2);
  expect(Object.keys(files)).toContain('trainer_state.tinker.json');
});

it('gives the same on several nodes, one of which is lost in the middle; who wrote how much is logged', async () => {
  const nodes = [await openNode(), await openNode(), await openNode()] as const;
  const [first, second, mortal] = nodes;
  const fleet = await openFleet({ nodes: [first, second, { ...mortal, patience: 300 }] });
  const publish = fleet.publish.bind(fleet);
  fleet.publish = async (model) => {
    const published = await publish(model);
    await fleet.settled(); // a copy takes longer than so small a model writes: without it, the first would do most alone
    return published;
  };
  const taken: Record<string, number>[] = [];
  const measures = () => {
    taken.push(fleet.measures());
    if (taken.length === 2) void mortal.close(); // while the next step is played
    return taken[taken.length - 1];
  };
  expect(await played(fleet, measures)).toEqual(here);
  expect(taken.map((each) => each['fleet/nodes'])).toEqual([3, 3, expect.any(Number), 2]);
  expect(taken[1]['fleet/share/1']).toBeLessThan(1); // later it depends on how fast each was
  for (const each of taken) {
    expect(each['fleet/staleness/max']).toBe(0);
    expect(each['fleet/share/1'] + each['fleet/share/2'] + each['fleet/share/3']).toBeCloseTo(1);
  }
  await fleet.close();
  await first.close();
  await second.close();
});
