import { describe, expect, it } from 'vitest';
import { parseModelConfig } from '../../../src/model/config';
import { parameters } from '../../../src/model/parameters';
import { BLOCK, bitsOf, dequantize, quantize, quantizedBytes } from '../../../src/model/quantize';
import { RandomStream } from '../../../src/model/random';

const normal = (size: number) => {
  const stream = new RandomStream(1, 'weights');
  return Float32Array.from({ length: size }, (_, i) => 0.02 * stream.normal(i));
};

describe.each([4, 8] as const)('weights in %i bits', (bits) => {
  it('are off by no more than a code, half a code where none is missing, and exact where they are farthest', () => {
    const values = normal(64 * BLOCK);
    const rounded = quantize(values, bits);
    const again = dequantize(rounded, bits);
    for (let block = 0; block < 64; block++) {
      const own = values.subarray(block * BLOCK, (block + 1) * BLOCK);
      const scale = Math.abs(rounded.scales[block]);
      const farthest = own.reduce((most, x) => (Math.abs(x) > Math.abs(most) ? x : most), 0);
      own.forEach((value, i) => {
        const error = Math.abs(again[block * BLOCK + i] - value);
        const opposite = Math.sign(value) !== Math.sign(farthest);
        expect(error).toBeLessThanOrEqual((opposite ? 1 : 0.5) * scale * 1.0001);
        if (value === farthest) expect(error).toBeLessThan(1e-6 * Math.abs(value));
      });
    }
  });

  it('take the bytes that are said', () => {
    const { codes, scales } = quantize(normal(256), bits);
    expect(codes.byteLength + scales.byteLength).toBe(quantizedBytes(256, bits));
  });

  it('are what they were when rounded a second time', () => {
    const once = dequantize(quantize(normal(256), bits), bits);
    dequantize(quantize(once, bits), bits).forEach((value, i) => {
      expect(Math.abs(value - once[i])).toBeLessThan(1e-7);
    });
  });

  it('may all be zero', () => {
    expect(new Set(dequantize(quantize(new Float32Array(64), bits), bits))).toEqual(new Set([0]));
  });
});

it('two codes of 4 bits share a byte, the earlier in its lower half', () => {
  const values = new Float32Array(BLOCK);
  values.set([-8, 3, 7, -1]);
  expect([...quantize(values, 4).codes.subarray(0, 3)]).toEqual([0xb0, 0x7f, 0x88]);
});

it('norms and biases stay as they are, the embedding keeps 8 bits, and so does what does not divide into blocks', () => {
  const config = parseModelConfig({
    architectures: ['Qwen2ForCausalLM'],
    model_type: 'qwen2',
    vocab_size: 50,
    hidden_size: 64,
    intermediate_size: 48,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    num_key_value_heads: 2,
  });
  const bits = parameters(config).map((p) => [p.name, bitsOf(p, { ...config, base: 'int4' })]);
  expect(Object.fromEntries(bits)).toEqual({
    embed: 8,
    'layers.0.attnNorm': null,
    'layers.0.qkv': 4,
    'layers.0.qkvBias': null,
    'layers.0.out': 4,
    'layers.0.mlpNorm': null,
    'layers.0.gateUp': 4,
    'layers.0.down': null,
    norm: null,
    head: 8,
  });
  expect(parameters(config).every((p) => bitsOf(p, config) === null)).toBe(true);
});
