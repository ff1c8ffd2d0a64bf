/** The processor's optimizer works part by part: the bits are those of the one program over all parameters. */
import { createHash } from 'node:crypto';
import * as ort from 'onnxruntime-node';
import { afterAll, describe, expect, it } from 'vitest';
import type { OptimizerStep } from '../../../src/engine/ort/device';
import { type HostBlock, HostDevice } from '../../../src/engine/ort/host-device';
import { HostOptimizer, optimizerInputs } from '../../../src/engine/ort/host-optimizer';
import { optimizerModel } from '../../../src/graph/artifacts';
import { trainedParameters } from '../../../src/model/build';
import { parseModelConfig } from '../../../src/model/config';

const shape = parseModelConfig({
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  vocab_size: 300,
  hidden_size: 48,
  intermediate_size: 100,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 64,
  tie_word_embeddings: true,
});
const info = {
  backend: 'node',
  description: '',
  threads: 1,
  memory: 2 ** 32,
  largestTensor: 2 ** 32,
  float16: true,
} as const;
const device = new HostDevice(ort, info, { executionProviders: ['cpu'], intraOpNumThreads: 1 });
afterAll(() => device.close());

const settings = (step: number): OptimizerStep => ({
  step,
  learningRate: 1e-2,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  weightDecay: 0.1,
  maxGradNorm: 0.5,
});

function parameters(size = (index: number) => Math.sin(index * 12.9898) / 10) {
  const block = (length: number, of: (index: number) => number): HostBlock => ({
    dtype: 'float32',
    size: length,
    data: Float32Array.from({ length }, (_, index) => of(index)),
  });
  return trainedParameters(shape).map(({ name, size: length, decay }, at) => ({
    name,
    decay,
    weight: block(length, (index) => Math.cos(index + at)),
    gradient: block(length, (index) => size(index + at)),
    momentum: block(length, () => 0),
    variance: block(length, () => 0),
  }));
}
type Parameters = ReturnType<typeof parameters>;

const numbers = (all: Parameters): Float32Array[] =>
  all.flatMap(({ weight, momentum, variance }) =>
    [weight, momentum, variance].map(({ data }) => data as Float32Array),
  );
const bits = (all: Parameters): string => {
  const sum = createHash('sha256');
  for (const data of numbers(all)) sum.update(data);
  return sum.digest('hex');
};

/** As it is written in the one program. */
async function stepAtOnce(all: Parameters, step: number): Promise<number> {
  const session = await device.compile(optimizerModel(shape));
  const block = (value: number): HostBlock => ({ dtype: 'float32', size: 1, data: Float32Array.of(value) });
  const feeds = Object.fromEntries(
    Object.entries(optimizerInputs(settings(step))).map(([name, value]) => [name, block(value)]),
  );
  const results: Record<string, HostBlock> = { grad_norm: block(0) };
  for (const { name, weight, gradient, momentum, variance } of all) {
    Object.assign(feeds, { [name]: weight, [`grad.${name}`]: gradient });
    Object.assign(feeds, { [`m.${name}`]: momentum, [`v.${name}`]: variance });
    Object.assign(results, {
      [`new.${name}`]: weight,
      [`new.m.${name}`]: momentum,
      [`new.v.${name}`]: variance,
    });
  }
  await device.run(session, feeds, results);
  await session.release();
  return results.grad_norm.data[0] as number;
}

describe('the optimizer of a processor', () => {
  it('gives the bits of one program over all parameters, in however many parts', async () => {
    const once = parameters();
    const inParts = [15_000, 2 ** 21].map((atMost) => ({
      all: parameters(),
      optimizer: new HostOptimizer(device, atMost),
    }));
    for (const step of [1, 2, 3]) {
      const norm = await stepAtOnce(once, step);
      expect(norm).toBeGreaterThan(0.5);
      for (const { all, optimizer } of inParts) {
        expect(await optimizer.step(shape, all, settings(step))).toBe(norm);
        expect(bits(all)).toBe(bits(once));
      }
    }
    for (const { optimizer } of inParts) await optimizer.release();
  });

  it('cuts a parameter that is larger than a part, which only the last bits of the norm show', async () => {
    const [whole, cut] = [parameters(), parameters()];
    const optimizer = new HostOptimizer(device, 1000);
    const norm = await stepAtOnce(whole, 1);
    expect(Math.abs((await optimizer.step(shape, cut, settings(1))) / norm - 1)).toBeLessThan(1e-6);
    const others = numbers(whole);
    for (const [at, data] of numbers(cut).entries()) {
      const farthest = data.reduce((most, value, i) => Math.max(most, Math.abs(value - others[at][i])), 0);
      expect(farthest).toBeLessThan(1e-6);
    }
    await optimizer.release();
  });

  it('changes nothing where a gradient is not a number', async () => {
    const all = parameters((index) => (index === 99 ? Number.NaN : 0.1));
    const optimizer = new HostOptimizer(device, 15_000);
    expect(await optimizer.step(shape, all, settings(1))).toBeNaN();
    expect(bits(all)).toBe(bits(parameters()));
    await optimizer.release();
  });
});
