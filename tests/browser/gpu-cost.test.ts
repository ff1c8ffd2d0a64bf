/**
 * What a step costs the GPU: counted at the WebGPU interface itself, so nothing is left out, onnxruntime's copies included. What is
 * counted does not depend on the width, only the time that it takes; `npm run proofs` counts at width 128.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalEngine } from '../../src/engine/local';
import { openWebDevice } from '../../src/engine/ort/web';
import { sequenceDatum } from '../contract/golden';
import { inProofs } from '../whole';

const width = inProofs(128, { else: 64 });
/** Whatever a step keeps is kept by each of them. */
const steps = inProofs(300, { else: 50 });

const counts = { dispatches: 0, buffers: 0, destroyed: 0 };

function count<T extends object>(prototype: T, method: keyof T, key: keyof typeof counts): void {
  const original = prototype[method] as (...args: unknown[]) => unknown;
  Object.defineProperty(prototype, method, {
    value(...args: unknown[]) {
      counts[key]++;
      return original.apply(this, args);
    },
  });
}

/** What happens to the counts while `job` runs. */
async function during(job: () => Promise<unknown>): Promise<typeof counts> {
  const before = { ...counts };
  await job();
  return {
    dispatches: counts.dispatches - before.dispatches,
    buffers: counts.buffers - before.buffers,
    destroyed: counts.destroyed - before.destroyed,
  };
}

const config = (layers: number, width: number) => ({
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  vocab_size: 128,
  hidden_size: width,
  intermediate_size: width * 3,
  num_hidden_layers: layers,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 256,
  tie_word_embeddings: true,
});

const answer = (length: number, shift: number) => Array.from({ length }, (_, i) => (i * 7 + shift) % 128);

describe(`four layers at width ${width}`, () => {
  let engine: LocalEngine;
  let model: string;

  beforeAll(async () => {
    count(GPUComputePassEncoder.prototype, 'dispatchWorkgroups', 'dispatches');
    count(GPUComputePassEncoder.prototype, 'dispatchWorkgroupsIndirect', 'dispatches');
    count(GPUDevice.prototype, 'createBuffer', 'buffers');
    count(GPUBuffer.prototype, 'destroy', 'destroyed');
    engine = new LocalEngine(await openWebDevice('webgpu'));
    model = await engine.createModel({ kind: 'random', config: config(4, width), seed: 1 });
  });
  afterAll(() => engine?.close());

  const batch = [1, 2].map((shift) => {
    const datum = sequenceDatum(answer(4, shift), answer(10, shift));
    const fill = (value: number) => new Float32Array(datum.tokens.length).fill(value);
    return { ...datum, advantages: fill(1), logProbs: fill(-4.8), referenceLogProbs: fill(-4.9) };
  });
  const policy = { kind: 'policy', aggregation: 'token-mean', clipLow: 0.2, clipHigh: 0.2 } as const;
  const adam = { learningRate: 1e-3, maxGradNorm: 1, weightDecay: 0.1 };

  it.each([
    ['cross-entropy step', { kind: 'cross-entropy', aggregation: 'token-mean' } as const],
    ['policy step', policy],
    ['policy step with entropy and KL terms', { ...policy, entropy: 0.01, kl: 0.01 }],
  ])('take at most 330 dispatches for a %s', async (name, loss) => {
    const step = async () => {
      await engine.forwardBackward(model, batch, loss);
      await engine.optimStep(model, adam);
    };
    for (let warmUp = 0; warmUp < 3; warmUp++) await step(); // plain, then recorded, then proven
    const { dispatches, buffers } = await during(step);
    console.log(`${name}: ${dispatches} dispatches, ${buffers} new buffers`);
    expect(dispatches).toBeLessThanOrEqual(330);
    expect(buffers).toBe(0);
  });

  it('take at most 70 dispatches for a token of the whole batch', async () => {
    const sample = async (maxTokens: number) => {
      const prompts = [Int32Array.from(answer(5, 3))];
      for await (const _ of engine.sample({ model, prompts, samples: 4, maxTokens, stop: [], seed: 1 }));
    };
    for (let warmUp = 0; warmUp < 3; warmUp++) await sample(16);
    const short = await during(() => sample(8));
    const long = await during(() => sample(16)); // one more turn of eight tokens
    console.log(`decoding: ${(long.dispatches - short.dispatches) / 8} dispatches a token`);
    expect((long.dispatches - short.dispatches) / 8).toBeLessThanOrEqual(70);
  });
});

describe('a tiny model', () => {
  it(`trains ${steps} steps without one new GPU buffer`, async () => {
    const engine = new LocalEngine(await openWebDevice('webgpu'));
    const model = await engine.createModel({ kind: 'random', config: config(1, 32), seed: 1 });
    const batch = [sequenceDatum(answer(3, 1), answer(8, 1))];
    const step = async () => {
      await engine.forwardBackward(model, batch, { kind: 'cross-entropy', aggregation: 'token-mean' });
      await engine.optimStep(model, { learningRate: 1e-3 });
    };
    for (let warmUp = 0; warmUp < 3; warmUp++) await step();
    const { buffers } = await during(async () => {
      for (let i = 0; i < steps; i++) await step();
    });
    expect(buffers).toBe(0);
    await engine.close();
  });
});
