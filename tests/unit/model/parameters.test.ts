import { describe, expect, test } from 'vitest';
import { parseModelConfig } from '../../../src/model/config';
import {
  initialParameter,
  initialParameters,
  packParameter,
  parameterCount,
  parameters,
  unpackParameter,
} from '../../../src/model/parameters';
import { RandomStream } from '../../../src/model/random';
import { goldenNames, loadGolden } from '../../golden/load';

const shape = parseModelConfig({
  architectures: ['Qwen2ForCausalLM'],
  vocab_size: 61,
  hidden_size: 32,
  intermediate_size: 40,
  num_hidden_layers: 1,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  tie_word_embeddings: false,
});

describe('the parameters of a model', () => {
  test('in canonical order, packed by rows', () => {
    expect(parameters(shape).map(({ name, shape }) => [name, ...shape])).toEqual([
      ['embed', 61, 32],
      ['layers.0.attnNorm', 32],
      ['layers.0.qkv', 64, 32],
      ['layers.0.qkvBias', 64],
      ['layers.0.out', 32, 32],
      ['layers.0.mlpNorm', 32],
      ['layers.0.gateUp', 80, 32],
      ['layers.0.down', 32, 40],
      ['norm', 32],
      ['head', 61, 32],
    ]);
  });

  test('each says which Hugging Face tensors it holds, and where', () => {
    expect(parameters(shape)[2]).toEqual({
      name: 'layers.0.qkv',
      shape: [64, 32],
      size: 64 * 32,
      decay: true,
      parts: [
        { name: 'model.layers.0.self_attn.q_proj.weight', shape: [32, 32], offset: 0 },
        { name: 'model.layers.0.self_attn.k_proj.weight', shape: [16, 32], offset: 32 * 32 },
        { name: 'model.layers.0.self_attn.v_proj.weight', shape: [16, 32], offset: 48 * 32 },
      ],
    });
  });

  test('norms and biases do not decay', () => {
    const free = parameters(shape).filter(({ decay }) => !decay);
    expect(free.map(({ name }) => name)).toEqual([
      'layers.0.attnNorm',
      'layers.0.qkvBias',
      'layers.0.mlpNorm',
      'norm',
    ]);
  });

  test.each(goldenNames)('%s: the names and shapes that transformers saves', async (name) => {
    const { config, weightTensors } = await loadGolden(name);
    const parts = parameters(config).flatMap((parameter) => parameter.parts);
    const sizes = new Map(parts.map((part) => [part.name, part.shape.reduce((a, b) => a * b, 1)]));
    expect(sizes).toEqual(new Map([...weightTensors].map(([key, values]) => [key, values.length])));
  });

  test.each(goldenNames)('%s: packing and unpacking are inverse', async (name) => {
    const { config, weightTensors } = await loadGolden(name);
    for (const parameter of parameters(config)) {
      const packed = packParameter(parameter, (part) => weightTensors.get(part)!);
      for (const part of unpackParameter(parameter, packed)) {
        expect(part.values).toEqual(weightTensors.get(part.name));
      }
    }
  });

  test('the counts that the Hub shows', () => {
    const smolLM2 = {
      architectures: ['LlamaForCausalLM'],
      vocab_size: 49152,
      hidden_size: 576,
      intermediate_size: 1536,
      num_hidden_layers: 30,
      num_attention_heads: 9,
      num_key_value_heads: 3,
      tie_word_embeddings: true,
    };
    expect(parameterCount(parseModelConfig(smolLM2))).toBe(134_515_008);
  });
});

describe('a new-born model', () => {
  test('is the same on every platform: these numbers, which a port to Python gave as well, are fixed', () => {
    const embed = initialParameters(shape, 1).get('embed')!;
    const first = [-0.005596895236521959, 0.006396281998604536, -0.02960980124771595, 0.017011603340506554];
    expect([...embed.slice(0, 4)]).toEqual(first);
    let hash = 0x811c9dc5; // FNV-1a over the bytes of the whole matrix
    for (const byte of new Uint8Array(embed.buffer)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
    expect(hash).toBe(0x83566f0c);
  });

  test('has normal matrices, norms of one and biases of zero', () => {
    const initial = initialParameters(shape, 1);
    expect(initial.get('norm')?.every((x) => x === 1)).toBe(true);
    expect(initial.get('layers.0.attnNorm')?.every((x) => x === 1)).toBe(true);
    expect(initial.get('layers.0.qkvBias')?.every((x) => x === 0)).toBe(true);
    const gateUp = initial.get('layers.0.gateUp')!;
    const std = Math.sqrt(gateUp.reduce((sum, x) => sum + x * x, 0) / gateUp.length);
    expect(std).toBeCloseTo(0.02, 2.5);
  });

  test('depends on the seed, and a tensor only on its own name', () => {
    const [embed, , qkv] = parameters(shape);
    expect(initialParameter(embed!, 1)).toEqual(initialParameters(shape, 1).get('embed'));
    expect(initialParameter(embed!, 1)).not.toEqual(initialParameter(embed!, 2));
    const k = unpackParameter(qkv!, initialParameter(qkv!, 1))[1]!;
    const alone = { name: 'k', shape: k.shape, size: 512, decay: true, parts: [{ ...k, offset: 0 }] };
    expect(initialParameter(alone, 1)).toEqual(k.values);
  });

  test.each([0, 1, 2 ** 31, 2 ** 32 + 5])('seed %i: normal deviates, uncorrelated', (seed) => {
    const stream = new RandomStream(seed, 'test');
    const n = 100_000;
    const xs = Float64Array.from({ length: n }, (_, i) => stream.normal(i));
    const mean = (f: (i: number) => number) => xs.reduce((sum, _, i) => sum + f(i), 0) / n;
    const five = 5 / Math.sqrt(n); // five standard errors
    expect(Math.abs(mean((i) => xs[i]!))).toBeLessThan(five);
    expect(Math.abs(mean((i) => xs[i]! ** 2) - 1)).toBeLessThan(five * Math.sqrt(2));
    expect(Math.abs(mean((i) => xs[i]! ** 3))).toBeLessThan(five * Math.sqrt(15));
    expect(Math.abs(mean((i) => xs[i]! ** 4) - 3)).toBeLessThan(five * Math.sqrt(96));
    expect(Math.abs(mean((i) => (i > 0 ? xs[i]! * xs[i - 1]! : 0)))).toBeLessThan(five);
    for (const [z, share] of [
      [-1, 0.158655],
      [0, 0.5],
      [1.959964, 0.975],
      [2.575829, 0.995],
    ] as const) {
      expect(Math.abs(mean((i) => (xs[i]! < z ? 1 : 0)) - share)).toBeLessThan(
        five * Math.sqrt(share * (1 - share)),
      );
    }
  });
});
