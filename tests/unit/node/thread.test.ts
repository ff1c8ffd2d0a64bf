/** The engine in a thread of its own computes what it computes here, and the server goes on answering meanwhile. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningNode, startEngineNode } from '../../../node/node';
import { openThreadEngine } from '../../../node/thread';
import { tinyConfig } from '../../contract/behaviour';
import { collect, sequenceDatum } from '../../contract/golden';
import { openClient, openNode } from '../../doubles/node';

let folder: string;
let node: RunningNode;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zeroloop-thread-'));
  node = await startEngineNode({
    folder,
    openEngine: () => openThreadEngine({ backend: 'node', threads: 1 }),
  });
});
afterAll(async () => {
  await node.close();
  await rm(folder, { recursive: true });
});

async function learned(running: RunningNode) {
  const client = await openClient(running);
  const model = await client.createModel({ kind: 'random', config: tinyConfig, seed: 3 });
  const batch = [sequenceDatum([2, 3], [4, 5, 1]), sequenceDatum([6], [7, 1])];
  const { loss, logProbs } = await client.forwardBackward(model, batch, {
    kind: 'cross-entropy',
    aggregation: 'token-mean',
  });
  const optim = await client.optimStep(model, { learningRate: 0.01 });
  const request = { model, prompts: [Int32Array.of(2, 3)], samples: 4, maxTokens: 8, seed: 1 };
  const rollouts = await collect(client.sample(request));
  const { files } = await client.save(model, 'after');
  await client.close();
  return { loss, logProbs, optim, rollouts, weights: files['model.safetensors'] };
}

it('computes the same', async () => {
  const here = await openNode();
  expect(await learned(node)).toEqual(await learned(here));
  await here.close();
});

it('answers while it computes', async () => {
  const client = await openClient(node);
  const model = await client.createModel({ kind: 'random', config: tinyConfig, seed: 3 });
  const long = Array.from({ length: 400 }, (_, i) =>
    sequenceDatum([2, i % 20], new Array<number>(80).fill(3)),
  );
  let busy = true;
  const training = client
    .forwardBackward(model, long, { kind: 'cross-entropy', aggregation: 'sum' })
    .finally(() => {
      busy = false;
    });
  let slowest = 0;
  let answers = 0;
  while (busy) {
    const began = performance.now();
    expect((await fetch(`${node.url}healthz`)).status).toBe(200);
    slowest = Math.max(slowest, performance.now() - began);
    answers++;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await training;
  expect(answers).toBeGreaterThan(3);
  expect(slowest).toBeLessThan(1000);
  await client.close();
});

it('says what is wrong with a thread that cannot open its backend', async () => {
  await expect(openThreadEngine({ backend: 'webgpu' })).rejects.toThrow(
    /The package webgpu is not installed|no graphics/,
  );
});
