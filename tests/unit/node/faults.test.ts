/**
 * Networks that cut, disks that fill, nodes that are killed: a run on a node ends as one that nothing disturbed, on the engine itself, to
 * the last bit. The long form, with processes that are really killed, is `npm run node-kills`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningNode, serveNode } from '../../../node/node';
import { serveUpstream } from '../../../node/upstream';
import { LocalEngine } from '../../../src/engine/local';
import { openNodeDevice } from '../../../src/engine/ort/node';
import { MemoryJournal } from '../../../src/engine/remote/journal';
import { tinyConfig } from '../../contract/behaviour';
import { sequenceDatum } from '../../contract/golden';
import { faults, fillingDisk, mortalDisk, openFaultyNetwork, slowDisk } from '../../doubles/faults';
import { openClient, openNode, type TestNode } from '../../doubles/node';
import { smallRun } from '../../doubles/small-run';
import { tinker } from '../../doubles/tinker';
import { tinyModel } from '../../doubles/tiny-model';

const steps = 8;
let undisturbed: Awaited<ReturnType<typeof smallRun>>;
let folder: string;
beforeAll(async () => {
  const engine = new LocalEngine(await openNodeDevice());
  undisturbed = await smallRun(engine, steps);
  await engine.close();
  folder = await mkdtemp(join(tmpdir(), 'zeroloop-faults-'));
});
afterAll(() => rm(folder, { recursive: true }));

const eager = { thrift: { leastWork: 0, largestJournal: 1e9 }, log: () => {} };
const lazy = { thrift: { leastWork: 1e9, largestJournal: 1e9 }, log: () => {} };

it('without faults, a run on a node is the run on its engine', async () => {
  const node = await openNode(eager);
  const client = await openClient(node);
  expect(await smallRun(client, steps)).toEqual(undisturbed);
  await client.close();
  await node.close();
});

it('a network that cuts, loses, doubles, delays and truncates changes nothing', async () => {
  const node = await openNode(lazy);
  const network = await openFaultyNetwork(node.url, 1);
  const client = await openClient({ ...node, url: network.url });
  expect(await smallRun(client, steps)).toEqual(undisturbed);
  for (const fault of faults) expect(network.counts[fault], fault).toBeGreaterThan(0);
  await client.close();
  await network.close();
  await node.close();
});

/** A node that is killed in the middle of what it does, again and again, and started anew on what is left. */
async function mortalNode(options: typeof eager, token: string) {
  const own = await mkdtemp(join(folder, 'data-'));
  let current: TestNode;
  let kill: () => void;
  const start = async (port?: number) => {
    const mortal = mortalDisk();
    kill = mortal.kill;
    current = await openNode({ ...options, folder: own, disk: mortal.disk, token, port });
    return current;
  };
  const first = await start();
  const port = Number(new URL(first.url).port);
  return {
    node: first,
    async restart() {
      kill();
      const dead = current;
      await dead.close().catch(() => {});
      await start(port);
    },
    close: () => current.close(),
  };
}

describe.each([
  ['weights are written after every step', eager],
  ['everything is repeated from the journal', lazy],
])('a node that is killed, where %s', (_, options) => {
  it('goes on where it was, in the middle of anything', async () => {
    const mortal = await mortalNode(options, 'k'.repeat(64));
    const client = await openClient(mortal.node);
    const killing = smallRun(client, steps, (step) => {
      // At other moments of each step: while it samples, learns or writes.
      if (step % 2 === 1) void sleep(7 * step).then(() => mortal.restart());
    });
    expect(await killing).toEqual(undisturbed);
    await client.close();
    await mortal.close();
  });
});

it('a full disk makes the run wait, and nothing is lost', async () => {
  let full = false;
  const node = await openNode({ ...eager, disk: fillingDisk(() => full) });
  const client = await openClient(node);
  const run = smallRun(client, steps, (step) => {
    if (step % 3 !== 1) return;
    full = true;
    void sleep(300).then(() => {
      full = false;
    });
  });
  expect(await run).toEqual(undisturbed);
  await client.close();
  await node.close();
});

it('a disk that stays full is an error with a sentence', async () => {
  let full = false;
  const node = await openNode({ ...eager, disk: fillingDisk(() => full) });
  const client = await openClient(node, { patience: 300 });
  const model = await client.createModel({ kind: 'random', config: tinyConfig, seed: 1 });
  full = true;
  await expect(client.optimStep(model, { learningRate: 1 })).rejects.toThrow(
    /did not answer.*The disk of the node is full/,
  );
  full = false;
  await client.close();
  await node.close();
});

describe('a node that is closed writes nothing any more', () => {
  const sampling = {
    base_model: 'tiny',
    prompt: { chunks: [{ type: 'encoded_text', tokens: [2, 3] }] },
    sampling_params: { max_tokens: 2 },
    num_samples: 1,
  };
  const asked = {
    'to sample from a model by its name': ['asample', sampling, 'application/json'],
    'for a new model': [
      'create_model',
      { session_id: 'session-0123456789abcdef', model_seq_id: 1, base_model: 'tiny' },
      'application/json',
    ],
    'to keep a file': [
      `zeroloop/files/${'a'.repeat(64)}?offset=0&total=3`,
      new Uint8Array(2),
      'application/octet-stream',
    ],
  } as const;
  it.each(Object.entries(asked))('though it was asked %s', async (_, [path, body, type]) => {
    const changes: string[] = [];
    let begins = () => {};
    const disk = slowDisk((change) => {
      changes.push(change);
      if (change === 'write begins') begins();
    });
    const own = await mkdtemp(join(folder, 'data-'));
    const node = await openNode({ folder: own, models: { tiny: () => tinyModel() }, disk, log: () => {} });
    const begun = new Promise<void>((resolve) => {
      begins = resolve;
    });
    const answered = tinker(node)
      .ask(path, body, { 'Content-Type': type })
      .catch(() => null);
    await begun;
    await node.close();
    const before = [...changes];
    await sleep(200);
    expect(changes).toEqual(before);
    await answered;
  });
});

it('a server behind the node may fail and come back', async () => {
  const mortal = await mortalNode(lazy, 'u'.repeat(64));
  const front: RunningNode = await serveNode(
    {},
    serveUpstream({ url: mortal.node.url, key: mortal.node.token }),
  );
  const client = await openClient(front);
  const run = smallRun(client, steps, (step) => {
    if (step === 2 || step === 5) void sleep(10).then(() => mortal.restart());
  });
  expect(await run).toEqual(undisturbed);
  await client.close();
  await front.close();
  await mortal.close();
  await expect(openClient(front, { patience: 200 })).rejects.toMatchObject({ name: 'NodeUnreachableError' });
});

it('a client that is closed in the middle of an update finds it done once when it comes back', async () => {
  const node = await openNode(eager);
  const journal = new MemoryJournal();
  const network = await openFaultyNetwork(node.url, 1, 0);
  const away = { ...node, url: network.url };
  const client = await openClient(away, { journal, patience: 300 });
  const model = await client.createModel({ kind: 'random', config: tinyConfig, seed: 1 });
  const batch = [sequenceDatum([2, 3], [4, 5])];
  await client.forwardBackward(model, batch, { kind: 'cross-entropy', aggregation: 'sum' });
  network.target = 'http://127.0.0.1:1';
  await expect(client.optimStep(model, { learningRate: 0.1 })).rejects.toMatchObject({
    name: 'NodeUnreachableError',
  });
  network.target = node.url;
  const back = await openClient(away, { journal });
  expect(back.recovered).toEqual([model]);
  await back.forwardBackward(model, batch, { kind: 'cross-entropy', aggregation: 'sum' });
  expect((await back.optimStep(model, { learningRate: 0.1 })).step).toBe(2);
  await back.close();
  await network.close();
  await node.close();
});

it('an engine that is lost comes back with its models', async () => {
  let engines = 0;
  const openEngine = async () => {
    const engine = new LocalEngine(await openNodeDevice());
    engines++;
    return engine;
  };
  const node = await openNode({ ...lazy, openEngine });
  const client = await openClient(node);
  const run = smallRun(client, steps, async (step) => {
    if (step === 3 || step === 6) await ((await node.host.engine()) as LocalEngine).close();
  });
  expect(await run).toEqual(undisturbed);
  expect(engines).toBe(3);
  await client.close();
  await node.close();
});
