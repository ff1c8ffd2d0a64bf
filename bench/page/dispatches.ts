/**
 * @file What a step asks of the GPU, counted at the WebGPU interface itself, so that nothing is left out: dispatches,
 * copies, submissions and new buffers. On small models these, not arithmetic, are what time goes into.
 */

import { LocalEngine } from '../../src/engine/local';
import { openWebDevice } from '../../src/engine/ort/web';
import { ADAM, batchOf, SEED, subject } from '../lib/subject';

export interface DispatchCount {
  what: string;
  dispatches: number;
  submissions: number;
  buffers: number;
}

/** A program is run a few times before it is run in its final way. */
const WARM_UP = 5;

const counts = { dispatches: 0, submissions: 0, buffers: 0 };

function watch<T extends object>(prototype: T, method: keyof T, key: keyof typeof counts): void {
  const original = prototype[method] as (...args: unknown[]) => unknown;
  Object.defineProperty(prototype, method, {
    value(...args: unknown[]) {
      counts[key]++;
      return original.apply(this, args);
    },
  });
}

async function during(job: () => Promise<unknown>): Promise<typeof counts> {
  const before = { ...counts };
  await job();
  return {
    dispatches: counts.dispatches - before.dispatches,
    submissions: counts.submissions - before.submissions,
    buffers: counts.buffers - before.buffers,
  };
}

export async function countDispatches(): Promise<DispatchCount[]> {
  watch(GPUComputePassEncoder.prototype, 'dispatchWorkgroups', 'dispatches');
  watch(GPUComputePassEncoder.prototype, 'dispatchWorkgroupsIndirect', 'dispatches');
  watch(GPUQueue.prototype, 'submit', 'submissions');
  watch(GPUDevice.prototype, 'createBuffer', 'buffers');
  // In the page, not in a worker: the counters are here.
  const engine = new LocalEngine(await openWebDevice('webgpu'));
  const small = subject(128, 4, 384, 2, 16);
  const model = await engine.createModel({ kind: 'random', config: small.config, seed: SEED });
  const batch = batchOf(small).map((datum) => ({
    ...datum,
    advantages: new Float32Array(small.length).fill(1),
    logProbs: new Float32Array(small.length).fill(-6),
    referenceLogProbs: new Float32Array(small.length).fill(-6),
  }));
  const policy = { kind: 'policy', aggregation: 'token-mean', clipLow: 0.2, clipHigh: 0.2 } as const;
  const losses = [
    ['training step, cross-entropy', { kind: 'cross-entropy', aggregation: 'token-mean' }],
    ['training step, policy', policy],
    ['training step, policy with entropy and KL', { ...policy, entropy: 0.01, kl: 0.01 }],
  ] as const;
  const result: DispatchCount[] = [];
  for (const [what, loss] of losses) {
    const step = async () => {
      await engine.forwardBackward(model, batch, loss);
      await engine.optimStep(model, ADAM);
    };
    for (let i = 0; i < WARM_UP; i++) await step();
    result.push({ what, ...(await during(step)) });
  }
  const sample = async (maxTokens: number) => {
    const prompts = [Int32Array.of(1, 2, 3, 4)];
    for await (const _ of engine.sample({ model, prompts, samples: 4, maxTokens, stop: [], seed: 1 })) {
      // Only the counts matter.
    }
  };
  for (let i = 0; i < WARM_UP; i++) await sample(32);
  const short = await during(() => sample(24));
  const long = await during(() => sample(32)); // one more turn of eight tokens
  result.push({
    what: 'decoded token, whole batch',
    dispatches: (long.dispatches - short.dispatches) / 8,
    submissions: (long.submissions - short.submissions) / 8,
    buffers: (long.buffers - short.buffers) / 8,
  });
  await engine.close();
  return result;
}
