/**
 * Several nodes as one engine: a run on a fleet is the run on its first node alone, to the last bit, whoever leaves, joins, hangs or is
 * slow; with older weights only where they are allowed, and told.
 */
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AdapterOptions, Engine, ModelSource, SampleRequest } from '../../../src/engine/engine';
import { InvalidRequestError } from '../../../src/engine/errors';
import { LocalEngine } from '../../../src/engine/local';
import { openNodeDevice } from '../../../src/engine/ort/node';
import { Fleet } from '../../../src/engine/remote/fleet';
import { type ClosableEngine, Sampler } from '../../../src/engine/remote/fleet-sampler';
import { openFleet } from '../../../src/engine/remote/open-fleet';
import { tinyConfig } from '../../contract/behaviour';
import { collect, sequenceDatum } from '../../contract/golden';
import { openNode, type TestNode } from '../../doubles/node';
import { smallRun } from '../../doubles/small-run';

const steps = 5;
let undisturbed: Awaited<ReturnType<typeof smallRun>>;
let nodes: TestNode[];
beforeAll(async () => {
  const engine = await openLocal();
  undisturbed = await smallRun(engine, steps);
  await engine.close();
  nodes = [await openNode(), await openNode(), await openNode()];
});
afterAll(async () => {
  for (const node of nodes) await node.close();
});

const openLocal = async () => new LocalEngine(await openNodeDevice(1));
const random: ModelSource = { kind: 'random', config: tinyConfig, seed: 7 };
const prompts = [[2, 3], [4], [5, 6, 7], [8, 9], [4], [10]].map((ids) => Int32Array.from(ids));
const ask = (model: string, more: Partial<SampleRequest> = {}): SampleRequest => ({
  model,
  prompts,
  samples: 3,
  maxTokens: 6,
  seed: 1,
  stop: [],
  ...more,
});
const learn = async (engine: Engine, model: string) => {
  const batch = [sequenceDatum([2, 3], [4, 5])];
  await engine.forwardBackward(model, batch, { kind: 'cross-entropy', aggregation: 'sum' });
  await engine.optimStep(model, { learningRate: 0.05 });
};

it('computes what its first node computes alone, to the last bit, and everybody takes part', async () => {
  const [first, second, third] = nodes;
  const fleet = await openFleet({ nodes: [first, second, third] });
  expect((await fleet.capabilities()).device).toMatch(/, and 2 more nodes to sample$/);
  expect(await smallRun(fleet, steps, () => fleet.settled())).toEqual(undisturbed);
  const measures = fleet.measures();
  for (const node of [1, 2, 3]) expect(measures[`fleet/share/${node}`], `${node}`).toBeGreaterThan(0);
  expect(measures).toMatchObject({
    'fleet/nodes': 3,
    'fleet/asked_again': 0,
    'fleet/staleness/mean': 0,
    'fleet/staleness/max': 0,
  });
  await fleet.close();
});

describe('a model with an adapter', () => {
  const adapter: AdapterOptions = { rank: 4, alpha: 8, targets: ['q_proj', 'down_proj'], seed: 3 };

  it.each([
    ['of a random base', 'float32', random],
    ['of a base in files, held in 8 bits', 'int8', null],
  ] as const)('%s samples alike everywhere', async (_, base, given) => {
    const local = await openLocal();
    const source = given ?? {
      kind: 'files' as const,
      files: (await local.save(await local.createModel(random), 'base', {}, { optimizer: false })).files,
    };
    const fleet = await openFleet({ nodes: [nodes[0], nodes[1]] });
    const told = [];
    for (const engine of [local, fleet]) {
      const model = await engine.createModel(source, { adapter, base });
      await learn(engine, model);
      await engine.publish(model);
      await fleet.settled();
      const first = await collect(engine.sample(ask(model)));
      const { files } = await engine.save(model, 'adapter');
      const loaded = await engine.load({ name: 'adapter', files }, { optimizer: true, baseModel: source });
      await engine.publish(loaded);
      told.push({ first, second: await collect(engine.sample(ask(loaded, { seed: 2 }))) });
    }
    expect(told[1]).toEqual(told[0]);
    expect(fleet.measures()['fleet/share/2']).toBeGreaterThan(0);
    await fleet.close();
    await local.close();
  });
});

// ---- Coming and going ------------------------------------------------------------------------------------------------

/** The same engine, where something happens before it samples or takes a model. */
function watched(engine: LocalEngine, before: { sample?(): Promise<void>; createModel?(): Promise<void> }) {
  return new Proxy(engine, {
    get(target, key) {
      const own: unknown = Reflect.get(target, key);
      if (typeof own !== 'function') return own;
      if (key === 'sample' && before.sample)
        return async function* (...args: Parameters<LocalEngine['sample']>) {
          await before.sample?.();
          yield* target.sample(...args);
        };
      if (key === 'createModel' && before.createModel)
        return async (...args: Parameters<LocalEngine['createModel']>) => {
          await before.createModel?.();
          return target.createModel(...args);
        };
      return own.bind(target);
    },
  });
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(20);
}

const away = expect.stringMatching(/^The node 127\.0\.0\.1:\d+ is away, and the others do its work: /);
const back = expect.stringMatching(/^The node 127\.0\.0\.1:\d+ is there, and samples from now on\.$/);

describe('a node that samples', () => {
  it('may be killed in the middle of its work: others do it, and it is used again when it is back', async () => {
    let samplings = 0;
    let killed = Promise.resolve();
    const engine = watched(await openLocal(), {
      async sample() {
        if (++samplings === 1) killed = mortal.close();
      },
    });
    const mortal = await openNode({ openEngine: async () => engine });
    const told: string[] = [];
    const tell = (line: string) => told.push(line);
    const fleet = await openFleet({ nodes: [nodes[0], { ...mortal, patience: 300 }], tell });
    const run = smallRun(fleet, steps, async (step) => {
      await fleet.settled();
      if (step !== 4) return;
      expect(samplings).toBe(1);
      const { 'fleet/nodes': there, 'fleet/asked_again': again } = fleet.measures();
      expect([there, again]).toEqual([1, expect.toSatisfy((count: number) => count > 0)]);
      await killed;
      // Nothing that it knew is left.
      reborn = await openNode({ token: mortal.token, port: Number(new URL(mortal.url).port) });
      await until(() => told.length === 2);
      await fleet.settled();
    });
    let reborn: TestNode | null = null;
    expect(await run).toEqual(undisturbed);
    expect(told).toEqual([away, back]);
    expect(fleet.measures()['fleet/share/2']).toBeGreaterThan(0);
    await fleet.close();
    await (reborn as TestNode | null)?.close();
  });

  it('may come later than the run, and is used from then on', async () => {
    const port = await freePort();
    const token = 't'.repeat(64);
    const told: string[] = [];
    const late = { url: `http://127.0.0.1:${port}`, token, patience: 300 };
    const fleet = await openFleet({ nodes: [nodes[0], late], tell: (line) => told.push(line) });
    let node: TestNode | null = null;
    const run = smallRun(fleet, steps, async (step) => {
      await fleet.settled();
      if (step !== 2) return;
      expect(fleet.measures()).toMatchObject({ 'fleet/nodes': 1, 'fleet/share/1': 1, 'fleet/share/2': 0 });
      node = await openNode({ token, port });
      await until(() => told.length === 2);
      await fleet.settled();
    });
    expect(await run).toEqual(undisturbed);
    expect(told).toEqual([away, back]);
    expect(fleet.measures()['fleet/share/2']).toBeGreaterThan(0);
    await fleet.close();
    await (node as TestNode | null)?.close();
  });

  it('that hangs has its work done by others, and is given no more', async () => {
    let release = () => {};
    const hanging = new Promise<void>((resolve) => {
      release = resolve;
    });
    const stuck = watched(await openLocal(), { sample: () => hanging });
    const node = await openNode({ openEngine: async () => stuck });
    const fleet = await openFleet({ nodes: [nodes[0], node] });
    const model = await fleet.createModel(random);
    await fleet.publish(model);
    await fleet.settled();
    const rollouts = await collect(fleet.sample(ask(model)));
    expect(rollouts).toHaveLength(prompts.length * 3);
    expect(fleet.measures()['fleet/asked_again']).toBeGreaterThan(0);
    await collect(fleet.sample(ask(model)));
    expect(fleet.measures()).toMatchObject({ 'fleet/asked_again': 0, 'fleet/share/1': 1 });
    release();
    await fleet.close();
    await node.close();
  });

  it('that refuses us is told before the run begins', async () => {
    const wrong = { ...nodes[1], token: 'x'.repeat(64) };
    await expect(openFleet({ nodes: [nodes[0], wrong] })).rejects.toMatchObject({ name: 'NodeRefusedError' });
  });
});

// ---- Staleness -------------------------------------------------------------------------------------------------------

describe('weights that are on their way', () => {
  /** A fleet whose second node takes new weights only while the gate is open. */
  async function slowFleet() {
    let open = () => {};
    let gate = Promise.resolve();
    const sampler = watched(await openLocal(), { createModel: () => gate });
    const fleet = new Fleet(await openLocal(), [
      new Sampler({ name: 'slow', open: async () => sampler as ClosableEngine }),
    ]);
    const model = await fleet.createModel(random);
    await fleet.publish(model);
    await fleet.settled();
    const close = () => {
      gate = new Promise((resolve) => {
        open = resolve;
      });
    };
    return { fleet, model, close, open: () => open() };
  }

  it('are waited for, where no older ones will do', async () => {
    const { fleet, model, close, open } = await slowFleet();
    const alone = await openLocal();
    const own = await alone.createModel(random);
    await alone.publish(own);
    close();
    for (const engine of [fleet, alone]) {
      const id = engine === fleet ? model : own;
      await learn(engine, id);
      expect((await engine.publish(id)).version).toBe(2); // which waits for nobody
    }
    setTimeout(open, 50);
    fleet.measures();
    expect(await collect(fleet.sample(ask(model)))).toEqual(await collect(alone.sample(ask(own))));
    const measures = fleet.measures();
    expect(measures['fleet/share/2']).toBeGreaterThan(0);
    expect(measures['fleet/staleness/max']).toBe(0);
    await fleet.close();
    await alone.close();
  });

  it('are not waited for, where older ones will do; how old they were is told', async () => {
    const { fleet, model, close, open } = await slowFleet();
    const alone = await openLocal();
    const first = await collect(alone.sample(ask(await alone.createModel(random))));
    await alone.close();
    close();
    for (const version of [2, 3]) {
      await learn(fleet, model);
      expect((await fleet.publish(model)).version).toBe(version);
      fleet.measures();
      const rollouts = await collect(fleet.sample(ask(model, { staleness: 2 })));
      const old = rollouts.filter(({ policy }) => policy === 1);
      expect(new Set(rollouts.map(({ policy }) => policy))).toEqual(new Set([1, version]));
      // What older weights write is what they wrote when they were new.
      expect(first).toEqual(expect.arrayContaining(old.map((rollout) => ({ ...rollout, policy: 0 }))));
      expect(fleet.measures()).toMatchObject({
        'fleet/staleness/max': version - 1,
        'fleet/staleness/mean': ((version - 1) * old.length) / rollouts.length,
      });
    }
    await learn(fleet, model);
    await fleet.publish(model);
    setTimeout(open, 50);
    for await (const { policy } of fleet.sample(ask(model, { staleness: 2 })))
      expect(policy).toBeGreaterThan(1);
    await fleet.close();
  });
});

it('says what is wrong with a request in terms of the request', async () => {
  const fleet = await openFleet({ nodes: [nodes[0], nodes[1]] });
  const model = await fleet.createModel(random);
  await fleet.publish(model);
  const strange = prompts.map((prompt, i) => (i === 4 ? Int32Array.of(99) : prompt));
  const asked = collect(fleet.sample(ask(model, { prompts: strange })));
  await expect(asked).rejects.toBeInstanceOf(InvalidRequestError);
  await expect(asked).rejects.toThrow('Prompt 4 has the token id 99');
  expect(fleet.measures()['fleet/nodes']).toBe(2);
  await expect(collect(fleet.sample(ask(model, { prompts: [] })))).rejects.toThrow('no prompts');
  await fleet.close();
});

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
