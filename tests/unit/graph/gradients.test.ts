/**
 * Every gradient rule, held against finite differences of what onnxruntime computes.
 */
import { describe, expect, it } from 'vitest';
import { gradients, pullback } from '../../../src/graph/gradients';
import { attention, embedding, linear, rmsNorm, rotate, swiglu } from '../../../src/graph/layers';
import { headNorm, rotationAt, trunk, Weights } from '../../../src/graph/llama';
import {
  add,
  type Contraction,
  concat,
  div,
  einsum,
  equal,
  exp,
  expand,
  gemm,
  log,
  maximum,
  mul,
  neg,
  reduceMax,
  reduceSum,
  reshape,
  sigmoid,
  silu,
  softmax,
  split,
  sqrt,
  sub,
  sumRows,
  total,
  transpose,
  where,
  zeros,
} from '../../../src/graph/ops';
import { constant, input, scalar, type Tensor } from '../../../src/graph/tensor';
import { parseModelConfig } from '../../../src/model/config';
import { parameters } from '../../../src/model/parameters';
import { evaluate, expectGradients, positive, random } from './run';

describe('elementwise', () => {
  const shapes: [a: number[], b: number[]][] = [
    [
      [2, 3],
      [2, 3],
    ],
    [[2, 3], [3]],
    [[3], [2, 3]],
    [[2, 3], [1]],
    [[1], [2, 3]],
    [
      [2, 3],
      [2, 1],
    ],
    [
      [1, 3],
      [2, 3],
    ],
    [
      [2, 1],
      [1, 3],
    ], // both grow
    [
      [2, 1, 3],
      [4, 1],
    ],
    [[2, 2, 3], [3]],
    [
      [2, 2, 3],
      [2, 1, 1],
    ],
    [[1], [1]],
  ];
  const binaries = { add, sub, mul, div };
  const cases = Object.entries(binaries).flatMap(([name, op]) =>
    shapes.map(([a, b]) => ({ name, op, a, b })),
  );
  it.each(cases)('$name of $a and $b', ({ op, a, b }) =>
    expectGradients({ a, b: positive(b) }, ({ a, b }) => op(a, b)),
  );

  it('one operand twice', () => expectGradients({ x: [2, 3] }, ({ x }) => mul(x, x)));

  const x = [2, 3];
  it.each([
    ['neg', neg, x],
    ['exp', exp, x],
    ['sigmoid', sigmoid, x],
    ['log', log, positive(x)],
    ['sqrt', sqrt, positive(x)],
  ] as const)('%s', (_, op, x) => expectGradients({ x: x as number[] }, ({ x }) => op(x)));
});

describe('sums and shapes', () => {
  it.each([[[0]], [[1]], [[2]], [[0, 2]], [[0, 1, 2]]])('reduceSum over axes %j', (axes) =>
    expectGradients({ x: [2, 3, 4] }, ({ x }) => reduceSum(x, axes)),
  );
  it('total', () => expectGradients({ x: [2, 3, 4] }, ({ x }) => total(x)));
  it('reshape', () => expectGradients({ x: [2, 3, 4] }, ({ x }) => reshape(x, [4, 6])));
  it.each([[[1, 0, 2]], [[2, 0, 1]], [[1, 2, 0]]])('transpose by %j', (permutation) =>
    expectGradients({ x: [2, 3, 4] }, ({ x }) => transpose(x, permutation)),
  );
  it.each([[[1, 3]], [[2, 1]], [[3]], [[1]]])('expand from %j', (shape) =>
    expectGradients({ x: shape }, ({ x }) => expand(x, [2, 3])),
  );
  it('split', () => expectGradients({ x: [2, 6] }, ({ x }) => split(x, 1, [1, 3, 2])));
  it('split, one part of which is not read', () =>
    expectGradients({ x: [2, 6] }, ({ x }) => {
      const [first, , last] = split(x, 1, [1, 3, 2]);
      return [exp(first), last];
    }));
  it('split and concat in another order, along a middle axis', () =>
    expectGradients({ x: [2, 5, 2] }, ({ x }) => {
      const [a, b] = split(x, 1, [2, 3]);
      return concat([b, mul(a, a)], 1);
    }));
  it('concat of the same tensor twice', () =>
    expectGradients({ x: [2, 3], y: [1, 3] }, ({ x, y }) => concat([x, y, x], 0)));
});

describe('contractions', () => {
  const sides = [false, true];
  const gemms = sides.flatMap((transA) =>
    sides.flatMap((transB) => [1, 0.5].map((alpha) => ({ transA, transB, alpha }))),
  );
  it.each(gemms)('gemm $transA $transB $alpha', (options) =>
    expectGradients(
      { a: options.transA ? [3, 2] : [2, 3], b: options.transB ? [4, 3] : [3, 4] },
      ({ a, b }) => gemm(a, b, options),
    ),
  );

  const [B, T, S, K, G, D] = [2, 3, 4, 2, 3, 2];
  describe.each(['direct', 'tiled'] as Contraction[])('einsum, %s', (how) => {
    it.each([
      ['btkgd,bskd->bkgts', [B, T, K, G, D], [B, S, K, D]], // scores: queries that share a key head
      ['bkgts,bskd->btkgd', [B, K, G, T, S], [B, S, K, D]], // mixing of values
      ['bkgd,bktd->bkgt', [B, K, G, D], [B, K, T, D]],
      ['btd,bsd->bts', [B, T, D], [B, S, D]],
      ['ij,jk->ik', [2, 3], [3, 4]],
      ['ij,kj->ki', [2, 3], [4, 3]],
    ])('%s', (equation, a, b) => expectGradients({ a, b }, ({ a, b }) => einsum(equation, a, b, how)));
  });

  it('einsum means the same sum either way', async () => {
    const a = constant(random('a', [B, T, K, G, D]), [B, T, K, G, D]);
    const b = constant(random('b', [B, S, K, D]), [B, S, K, D]);
    const { direct, tiled } = await evaluate({
      direct: einsum('btkgd,bskd->bkgts', a, b, 'direct'),
      tiled: einsum('btkgd,bskd->bkgts', a, b, 'tiled'),
    });
    tiled.forEach((x, i) => {
      expect(x).toBeCloseTo(direct[i], 5);
    });
  });

  it('refuses operands that do not fit, naming both', () => {
    const x = (...shape: number[]) => input('x', 'float32', shape);
    expect(() => gemm(x(2, 3), x(4, 5))).toThrow('gemm does not fit the shapes [2,3] and [4,5]');
    expect(() => einsum('ij,jk->ik', x(2, 3), x(4, 5), 'direct')).toThrow('[2,3] and [4,5]');
    expect(() => einsum('ij,jk->ik', x(2, 3, 1), x(3, 5), 'direct')).toThrow('"ij,jk->ik"');
    expect(() => add(x(2, 3), x(2, 4))).toThrow('broadcasting');
    expect(() => reshape(x(2, 3), [4])).toThrow('reshape');
    expect(() => split(x(2, 3), 1, [1, 1])).toThrow('split into 1,1');
  });
});

describe('layers', () => {
  it.each(['direct', 'tiled'] as Contraction[])('softmax, %s', (how) =>
    expectGradients({ x: [2, 3, 4] }, ({ x }) => softmax(x, how)),
  );
  it('linear, with a bias', () =>
    expectGradients({ x: [3, 2], weight: [4, 2], bias: [4] }, ({ x, weight, bias }) =>
      linear(x, weight, bias),
    ));
  it('rmsNorm', () => expectGradients({ x: [3, 4], gain: [4] }, ({ x, gain }) => rmsNorm(x, gain, 1e-5)));
  it('rmsNorm whose epsilon is felt', () =>
    expectGradients({ x: [3, 4], gain: [4] }, ({ x, gain }) => rmsNorm(x, gain, 0.5)));
  it('swiglu', () => expectGradients({ x: [3, 8] }, ({ x }) => swiglu(x)));

  describe('embedding of tokens of which some repeat', () => {
    const tokens = Int32Array.of(3, 0, 3, 4, 0, 3);
    const ids = constant(tokens, [6]);
    it('by a one-hot matrix over the vocabulary', () =>
      expectGradients({ table: [5, 2] }, ({ table }) => embedding(table, ids, null)));
    it('by the distinct rows of the batch; the unused places may name a row in use', () => {
      const slot = constant(Int32Array.of(0, 1, 0, 2, 1, 0), [6]);
      const distinct = constant(BigInt64Array.of(3n, 0n, 4n, 0n, 0n, 3n), [6, 1]);
      return expectGradients({ table: [5, 2] }, ({ table }) => embedding(table, ids, { slot, distinct }));
    });
  });

  const config = parseModelConfig({
    architectures: ['Qwen3ForCausalLM'],
    vocab_size: 9,
    hidden_size: 4,
    intermediate_size: 6,
    num_hidden_layers: 1,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    head_dim: 4,
    rope_theta: 100,
    tie_word_embeddings: true,
  });
  const { heads, kvHeads, headDim } = config;
  const allHeads = heads + 2 * kvHeads;
  const [rows, length] = [2, 3];
  const positions = constant(Int32Array.of(0, 1, 2, 0, 2, 1), [rows * length]);
  const rotation = rotationAt(config, length, positions);

  it('rotate', () => {
    const x = [rows * length, allHeads, headDim];
    return expectGradients({ x }, ({ x }) => rotate(x, rotation));
  });

  describe.each(['direct', 'tiled'] as Contraction[])(
    'attention, %s, two queries to a key',
    (contraction) => {
      const visible = [1, 0, 0, 1, 1, 0, 1, 1, 1];
      const mask = constant(
        Float32Array.from(visible, (v) => (v ? 0 : -1e9)),
        [length, length],
      );
      const options = { rows, length, heads, kvHeads, headDim, rotation, mask, contraction };
      const qkv = [rows * length, allHeads * headDim];

      it('causal', () =>
        expectGradients({ qkv }, ({ qkv }) => attention(qkv, { ...options, normalizeHeads: null }).mixed));
      it('with normalized heads', () =>
        expectGradients({ qkv, q: [headDim], k: [headDim] }, ({ qkv, q, k }) => {
          const normalizeHeads = headNorm(q, k, config);
          return attention(qkv, { ...options, normalizeHeads }).mixed;
        }));
    },
  );

  const variablesOf = (weights: Weights) =>
    Object.fromEntries(parameters(weights.config).map(({ name, shape }) => [name, shape]));

  /** The trunk over variables that the test makes. */
  const trunkOver = (tensors: Record<string, Tensor>, tokens: Tensor, packing: 'plain' | 'packed') => {
    const weights = new Weights(config);
    for (const [name, tensor] of Object.entries(tensors)) weights.byName.set(name, tensor);
    return trunk(weights, tokens, { rows: 2, length: 5, packing }).hidden;
  };

  const tokens = constant(Int32Array.of(8, 1, 2, 3, 4, 5, 6, 7, 0, 0), [2, 5]);
  const packed = {
    positions: Int32Array.of(0, 1, 2, 1, 2, 0, 1, 1, 0, 0),
    segments: Int32Array.of(0, 1, 1, 2, 2, 0, 1, 2, -1, -1),
  };

  it('a whole trunk, rows plain', () =>
    expectGradients(variablesOf(new Weights(config)), (tensors) => trunkOver(tensors, tokens, 'plain')));
  it('a whole trunk, rows packed', () =>
    expectGradients(
      variablesOf(new Weights(config)),
      (tensors) => trunkOver(tensors, tokens, 'packed'),
      packed,
    ));

  describe('what a token sees, read off the rows of the embedding that have a gradient', () => {
    /** For each place of the first row, the places of that row whose tokens its hidden state depends on. */
    const seenBy = async (packing: 'plain' | 'packed') => {
      const weights = new Weights(config);
      const hidden = trunk(weights, tokens, { rows: 2, length: 5, packing }).hidden;
      const seen: number[][] = [];
      const feeds = Object.fromEntries(
        parameters(config).map(({ name, shape }) => [name, random(name, shape)]),
      );
      for (let place = 0; place < 5; place++) {
        const seed = constant(new Float32Array(40).fill(1, place * 4, place * 4 + 2), [10, 4]);
        const [gradient] = pullback([[hidden, seed]], [weights.get('embed')]);
        const table = await evaluate({ gradient }, { ...feeds, ...packed });
        const touched = (token: number) =>
          table.gradient.slice(token * 4, token * 4 + 4).some((x) => x !== 0);
        seen.push([8, 1, 2, 3, 4].flatMap((token, at) => (touched(token) ? [at] : [])));
      }
      return seen;
    };

    it('plain: everything up to itself', async () => {
      expect(await seenBy('plain')).toEqual([[0], [0, 1], [0, 1, 2], [0, 1, 2, 3], [0, 1, 2, 3, 4]]);
    });
    it('packed: the prompt, and its own answer up to itself', async () => {
      expect(await seenBy('packed')).toEqual([[0], [0, 1], [0, 1, 2], [0, 3], [0, 3, 4]]);
    });
  });
});

describe('the bookkeeping', () => {
  const x = input('x', 'float32', [2, 3]);

  it('adds up what arrives on different ways', () =>
    expectGradients({ x: [2, 3] }, ({ x }) => {
      const y = exp(x);
      return add(mul(y, x), sub(y, mul(y, y)));
    }));

  it('gives the gradient of an intermediate tensor and of what it is made from', () => {
    const y = exp(x);
    const [dy, dx] = gradients(total(mul(y, y)), [y, x]);
    expect([dy.shape, dx.shape]).toEqual([
      [2, 3],
      [2, 3],
    ]);
  });

  it.each([[[1]], [[1, 1]], [[]]])('takes a scalar of shape %j', async (shape) => {
    const row = input('row', 'float32', [1, 3]);
    const scalars = gemm(row, row, { transB: true });
    const [gradient] = gradients(reshape(scalars, shape), [row]);
    expect([...(await evaluate({ gradient }, { row: Float32Array.of(1, 2, 3) })).gradient]).toEqual([
      2, 4, 6,
    ]);
  });

  it('refuses to differentiate what is not a scalar', () => {
    expect(() => gradients(exp(x), [x])).toThrow('not a scalar');
  });

  it('refuses a cotangent that does not fit its tensor', () => {
    expect(() => pullback([[exp(x), scalar(1)]], [x])).toThrow('a cotangent does not fit');
  });

  it.each([
    ['Max', maximum(x, scalar(0))],
    ['ReduceMax', reduceMax(x, [1])],
    ['Where', where(equal(constant(Int32Array.of(1), [1]), constant(Int32Array.of(1), [1])), x, scalar(0))],
    ['QuickGelu', silu(x)],
    ['MatMul', sumRows(x)],
  ])('names the operation without a gradient rule: %s', (op, y) => {
    expect(() => gradients(total(exp(y)), [x])).toThrow(`${op} has no gradient rule`);
    expect(() => gradients(total(mul(x, exp(y))), [x]), 'beside a way that has one').toThrow(op);
    expect(() => gradients(total(y), [x]), 'next to the loss').toThrow(op);
  });

  it('minds no operation without a rule where no gradient has to pass', () => {
    const mask = maximum(input('mask', 'float32', [2, 3]), scalar(0));
    expect(gradients(total(mul(x, mask)), [x])).toHaveLength(1);
  });

  it('names an input that no gradient reaches', () => {
    const unused = input('unused', 'float32', [2]);
    expect(() => gradients(total(x), [x, unused])).toThrow('no gradient reaches input "unused"');
    expect(() => gradients(total(x), [x, zeros([4])])).toThrow('no gradient reaches a tensor of shape [4]');
  });

  it('does not overflow the stack on a chain of 20000 operations', async () => {
    let y: Tensor = x;
    for (let i = 0; i < 20_000; i++) y = neg(y);
    const [gradient] = gradients(total(y), [x]);
    expect([...(await evaluate({ gradient })).gradient]).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('does not overflow the stack where the chain has no gradient rule', () => {
    let y: Tensor = x;
    for (let i = 0; i < 20_000; i++) y = maximum(y, scalar(0));
    expect(() => gradients(total(y), [x])).toThrow('Max has no gradient rule');
  });
});
