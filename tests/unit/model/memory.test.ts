import { describe, expect, test } from 'vitest';
import { ADAPTER_TARGETS } from '../../../src/model/adapter';
import type { BuiltShape } from '../../../src/model/build';
import { formatBytes } from '../../../src/model/bytes';
import { parseModelConfig } from '../../../src/model/config';
import { type MemoryUse, planMemory } from '../../../src/model/memory';
import { parameterCount } from '../../../src/model/parameters';

const GiB = 2 ** 30;
const MiB = 2 ** 20;

const smolLM2 = parseModelConfig({
  architectures: ['LlamaForCausalLM'],
  vocab_size: 49152,
  hidden_size: 576,
  intermediate_size: 1536,
  num_hidden_layers: 30,
  num_attention_heads: 9,
  num_key_value_heads: 3,
  tie_word_embeddings: true,
});
const qwen25 = parseModelConfig({
  architectures: ['Qwen2ForCausalLM'],
  vocab_size: 151936,
  hidden_size: 896,
  intermediate_size: 4864,
  num_hidden_layers: 24,
  num_attention_heads: 14,
  num_key_value_heads: 2,
  tie_word_embeddings: true,
});

const training: MemoryUse = { training: 'full', batch: 8, context: 256, sampleBatch: 64, sampleContext: 256 };
const running: MemoryUse = { training: 'none', batch: 1, context: 256, sampleBatch: 8, sampleContext: 256 };
/** What every WebGPU device gives without asking, and what a desktop's gives when asked. */
const least = { maxBufferSize: 256 * MiB, maxBindingSize: 128 * MiB };
const desktop = { maxBufferSize: 4 * GiB, maxBindingSize: 2 * GiB };

describe('a model is accepted or refused from its config alone', () => {
  test('135M parameters train in 8 GiB, but not in 4', () => {
    const plan = planMemory(smolLM2, training, { ...desktop, budgetBytes: 8 * GiB });
    expect(plan.verdict).toEqual({ fits: true });
    const small = planMemory(smolLM2, training, { ...desktop, budgetBytes: 4 * GiB });
    expect(small.verdict).toEqual({
      fits: false,
      reason: expect.stringMatching(
        /needs \d\.\d+ GiB .* 4\.00 GiB are available; lower the batch \(8\) or the context/,
      ),
    });
  });

  test('500M parameters need 7.4 GiB to train before a single token, and 1.8 GiB to run', () => {
    expect(parameterCount(qwen25)).toBe(494_032_768);
    const refused = planMemory(qwen25, training, { ...desktop, budgetBytes: 6 * GiB });
    expect(refused.verdict).toEqual({
      fits: false,
      reason: expect.stringMatching(/weights, gradients and moments take 7\.36 GiB.*without training/),
    });
    expect(planMemory(qwen25, running, { ...desktop, budgetBytes: 6 * GiB }).verdict).toEqual({ fits: true });
    expect(planMemory(qwen25, running, { ...desktop, budgetBytes: GiB }).verdict).toEqual({
      fits: false,
      reason: expect.stringMatching(/1\.00 GiB are available; its weights alone take 1\.84 GiB/),
    });
  });

  test('the largest tensor must fit into one buffer of the device', () => {
    const { largestTensor, verdict } = planMemory(qwen25, running, least);
    expect(largestTensor).toEqual({ name: 'embed', bytes: 151936 * 896 * 4 });
    expect(verdict).toEqual({
      fits: false,
      reason: expect.stringMatching(
        /\(embed\) needs 519 MiB in one piece and this device gives at most 128 MiB/,
      ),
    });
  });

  test('a long context is what is too large, where it is', () => {
    const { verdict } = planMemory(smolLM2, { ...running, batch: 4, context: 4096 }, desktop);
    expect(verdict).toEqual({
      fits: false,
      reason: expect.stringMatching(/attention probabilities.*lower the batch or the context/),
    });
  });

  test('many samples are what is too much, where they are', () => {
    const many = { ...running, sampleBatch: 512, sampleContext: 1024 };
    const { verdict } = planMemory(smolLM2, many, { ...desktop, budgetBytes: 8 * GiB });
    expect(verdict).toEqual({ fits: false, reason: expect.stringMatching(/sampled at once \(512\)/) });
  });

  test('an unknown budget refuses nothing but too large buffers', () => {
    expect(planMemory(qwen25, training, desktop).verdict).toEqual({ fits: true });
  });
});

describe('the plan is itemised', () => {
  const item = (name: string, use: MemoryUse, build: Partial<BuiltShape> = {}) =>
    planMemory({ ...smolLM2, ...build }, use, desktop).items.find((entry) => entry.name === name)?.bytes ??
    Number.NaN;

  test('training takes four times the weights, running once', () => {
    const weights = 4 * parameterCount(smolLM2);
    expect(['weights', 'gradients', 'moments'].map((name) => item(name, training))).toEqual([
      weights,
      weights,
      2 * weights,
    ]);
    expect(['weights', 'gradients', 'moments'].map((name) => item(name, running))).toEqual([weights, 0, 0]);
  });

  test('beside an adapter, gradients and moments are those of the adapter alone', () => {
    const adapter = { rank: 16, alpha: 32, targets: ADAPTER_TARGETS };
    const plan = planMemory({ ...smolLM2, adapter }, training, desktop);
    const bytes = (name: string) => plan.items.find((entry) => entry.name === name)?.bytes;
    const own = 4 * 16 * 30 * (2 * (576 + 576) + 2 * (576 + 192) + 3 * (576 + 1536));
    expect(bytes('weights')).toBe(4 * parameterCount(smolLM2) + own);
    expect([bytes('gradients'), bytes('moments')]).toEqual([own, 2 * own]);
  });

  test('a base of 4 bits takes 5 bits a number, its embedding 9, and one matrix is whole at a time', () => {
    const { items, largestTensor } = planMemory({ ...smolLM2, base: 'int4' }, running, desktop);
    const embedding = 49152 * 576;
    const norms = 61 * 576;
    const layers = parameterCount(smolLM2) - embedding - norms;
    expect(items[0].bytes).toBe((embedding * 9) / 8 + (layers * 5) / 8 + 4 * norms);
    expect(largestTensor).toEqual({ name: 'embed, whole', bytes: 4 * embedding });
    const activations = (longCalls: boolean) =>
      item('activations', { ...running, longCalls }, { base: 'int4' });
    expect(activations(true) - activations(false)).toBe(4 * layers);
  });

  test('layers that are computed again leave little to keep', () => {
    const kept = item('activations', training);
    expect(item('activations', { ...training, recompute: true })).toBeLessThan(kept / 8);
  });

  test('keys and values of all layers, read and written', () => {
    expect(item('kvCache', training)).toBe(2 * 2 * 30 * 64 * 256 * 3 * 64 * 4);
    expect(item('kvCache', { ...training, cacheCopies: 1 })).toBe(2 * 30 * 64 * 256 * 3 * 64 * 4);
  });

  test('activations grow with the batch, and attention with the square of the context', () => {
    const wide = item('activations', { ...training, batch: 16 });
    expect(wide / item('activations', training)).toBeCloseTo(2, 10);
    const long = item('activations', { ...training, context: 512 });
    expect(long / item('activations', training)).toBeGreaterThan(2);
  });

  test('logits are held a few rows at a time, at any vocabulary', () => {
    expect(item('logits', training)).toBeLessThanOrEqual(5 * 64 * MiB);
    expect(item('logits', { ...training, logitRows: 16, sampleBatch: 0 })).toBe(5 * 16 * 49152 * 4);
  });

  test('the total is the sum, and half the bytes take half the memory', () => {
    const plan = planMemory(smolLM2, training, desktop);
    expect(plan.total).toBe(plan.items.reduce((sum, { bytes }) => sum + bytes, 0));
    expect(planMemory(smolLM2, { ...training, bytesPerNumber: 2 }, desktop).total).toBe(plan.total / 2);
    for (const { how } of plan.items) expect(how).not.toBe('');
  });
});

test.each([
  [0, '0 bytes'],
  [640, '640 bytes'],
  [1536, '1.50 KiB'],
  [12 * MiB, '12.0 MiB'],
  [519.3 * MiB, '519 MiB'],
  [1000 * MiB, '0.98 GiB'],
  [1.84 * GiB, '1.84 GiB'],
  [5000 * GiB, '4.88 TiB'],
])('%d is %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
