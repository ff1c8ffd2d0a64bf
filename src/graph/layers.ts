/**
 * @file The layers of a Llama-style transformer, with the gradients that are worth deriving by hand.
 *
 * Composed from `ops` alone, autodiff would be right but wasteful: it would keep every intermediate of a norm or of an
 * activation alive from the forward to the backward pass. The rules here recompute what is cheap instead. Activations
 * are matrices [N, D], where N runs over all tokens of the batch, row after row.
 */

import {
  add,
  type Contraction,
  cast,
  concat,
  div,
  einsum,
  equal,
  gather,
  gemm,
  mul,
  reshape,
  scatterAddRows,
  sigmoid,
  silu,
  softmax,
  split,
  sqrt,
  sub,
  sumRows,
  zeros,
} from './ops';
import { constant, differentiable, node, type Tensor } from './tensor';

/** x W^T + bias, with W as PyTorch keeps it: [out, in]. */
export function linear(x: Tensor, weight: Tensor, bias: Tensor | null = null): Tensor {
  const y = gemm(x, weight, { transB: true });
  return bias ? add(y, bias) : y;
}

/** Each row scaled to a root mean square of one, then by a learned gain. */
export function rmsNorm(x: Tensor, gain: Tensor, epsilon: number): Tensor {
  const width = x.shape[1];
  const y = node('RMSNormalization', [x, gain], x.shape, 'float32', {
    attributes: { axis: 1, epsilon: { float: epsilon } },
  });
  return differentiable(y, [x, gain], (g) => {
    // With n = x / rms(x): the Jacobian removes from g's image the component along n, and divides by rms(x).
    // A product with a column of 1/width is the mean of each row, and takes the epsilon in as its third operand.
    const mean = constant(new Float32Array(width).fill(1 / width), [width, 1]);
    const rms = sqrt(add(gemm(mul(x, x), mean), constant(Float32Array.of(epsilon), [1])));
    const normalized = div(x, rms);
    const gn = mul(g, normalized);
    const along = gemm(gn, reshape(gain, [width, 1]), { alpha: 1 / width });
    return [div(sub(mul(g, gain), mul(normalized, along)), rms), sumRows(gn)];
  });
}

/** silu(gate) * up, for gate and up side by side in [N, 2 I]. */
export function swiglu(gateUp: Tensor): Tensor {
  const [n, width] = [gateUp.shape[0], gateUp.shape[1] / 2];
  const [gate, up] = split(gateUp, 1, [width, width]);
  const activated = silu(gate);
  return differentiable(mul(activated, up), [gateUp], (g) => {
    // silu' = s (1 + x - silu), with s the sigmoid. Both halves are multiplied by g in one broadcast product.
    const one = constant(Float32Array.of(1), [1]);
    const slope = mul(sigmoid(gate), add(sub(gate, activated), one));
    const factors = reshape(concat([mul(up, slope), activated], 1), [n, 2, width]);
    return [reshape(mul(factors, reshape(g, [n, 1, width])), [n, 2 * width])];
  });
}

// ---- Embedding --------------------------------------------------------------------------------------------------------

/** Which rows of the table a batch uses: what makes the gradient of a large table cheap and its order fixed. */
export interface TableRows {
  /** For each token its place among the distinct tokens of the batch, int32 [N]. */
  slot: Tensor;
  /** The distinct tokens, int64 [N, 1]; places beyond the last one may name any row. */
  distinct: Tensor;
}

/**
 * Rows of a table. The gradient must add up the rows of repeated tokens: as a product with a one-hot matrix, whose
 * order of summation is fixed (atomic additions would make training irreproducible). Over a small vocabulary the
 * matrix is [V, N]; over a large one it is [N, N], over the batch's distinct tokens, and the sums are scattered to
 * rows that are then each written once.
 */
export function embedding(table: Tensor, tokens: Tensor, used: TableRows | null): Tensor {
  const [vocabulary, width] = table.shape;
  const count = tokens.size;
  return differentiable(gather(table, tokens), [table], (g) => {
    if (!used) return [gemm(oneHot(vocabulary, tokens), g)];
    const sums = gemm(oneHot(count, used.slot), g);
    return [scatterAddRows(zeros([vocabulary, width]), used.distinct, sums)];
  });
}

/** [depth, N]: one where the row's number is the column's id. */
function oneHot(depth: number, ids: Tensor): Tensor {
  const numbers = constant(
    Int32Array.from({ length: depth }, (_, i) => i),
    [depth, 1],
  );
  return cast(equal(numbers, reshape(ids, [1, ids.size])), 'float32');
}

// ---- Attention ----------------------------------------------------------------------------------------------------------

export interface Heads {
  heads: number;
  kvHeads: number;
  headDim: number;
}

/** Cosines and sines by table row, and for each head of each token the row that it uses: int64 [N * heads, 1]. */
export interface Rotation {
  cos: Tensor;
  sin: Tensor;
  minusSin: Tensor;
  rowOf: Tensor;
}

/**
 * Turns pairs of channels by an angle that depends on the position; turning back by it is the gradient. To the node
 * every head of every token is a batch of its own, so each can have its own angle in any layout.
 */
export function rotate(x: Tensor, rotation: Rotation): Tensor {
  const { cos, sin, minusSin, rowOf } = rotation;
  const one = reshape(x, [rowOf.shape[0], 1, 1, x.shape[x.rank - 1]]);
  const y = node('RotaryEmbedding', [one, rowOf, cos, sin], one.shape, 'float32', {
    domain: 'com.microsoft',
    attributes: { interleaved: 0 },
  });
  return differentiable(reshape(y, x.shape), [x], (g) => [
    rotate(g, { ...rotation, sin: minusSin, minusSin: sin }),
  ]);
}

export interface AttentionOutput {
  /** [N, heads * headDim] */
  mixed: Tensor;
  /** [B, T, kvHeads, headDim], the keys rotated: what a decoder caches. */
  key: Tensor;
  value: Tensor;
}

export interface AttentionOptions extends Heads {
  rows: number;
  length: number;
  rotation: Rotation;
  /** Added to the scores; broadcasts to [B, KV, G, T, T]. */
  mask: Tensor;
  contraction: Contraction;
  normalizeHeads: ((x: Tensor) => Tensor) | null;
}

/**
 * Causal self-attention over packed q, k and v: [N, (H + 2 KV) * hd].
 *
 * The G queries that share a key head are an axis of their own, so keys and values are never repeated and their
 * gradients sum over the group by themselves. All heads are rotated in one node: the rotation table has a last row of
 * angle zero for v, and holds the softmax's 1/sqrt(hd), half of it on each side of the product.
 */
export function attention(qkv: Tensor, options: AttentionOptions): AttentionOutput {
  const {
    rows: b,
    length: t,
    heads,
    kvHeads,
    headDim,
    rotation,
    mask,
    contraction,
    normalizeHeads,
  } = options;
  let perHead = reshape(qkv, [b, t, heads + 2 * kvHeads, headDim]);
  if (normalizeHeads) perHead = normalizeHeads(perHead);
  const [q, key, value] = split(rotate(perHead, rotation), 2, [heads, kvHeads, kvHeads]);

  const query = reshape(q, [b, t, kvHeads, heads / kvHeads, headDim]);
  const scores = einsum('btkgd,bskd->bkgts', query, key, contraction);
  const weights = softmax(add(scores, mask), contraction);
  const mixed = einsum('bkgts,bskd->btkgd', weights, value, contraction);
  return { mixed: reshape(mixed, [b * t, heads * headDim]), key, value };
}
