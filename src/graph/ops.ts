/**
 * @file The vocabulary of tensor programs: each function is one ONNX operation and its gradient rule, side by side.
 *
 * Only operations that onnxruntime's WebGPU provider runs on the GPU are here (no LogSoftmax, OneHot, n-ary Sum, and
 * no int64 arithmetic, which all fall back to the CPU). Matrix products with a transposed side are Gemm attributes
 * rather than Transpose nodes, because a Gemm reads either layout at the same cost.
 */

import {
  constant,
  type DType,
  differentiable,
  ELEMENT_TYPE,
  int64s,
  node,
  nodes,
  product,
  ShapeError,
  sameShape,
  type Tensor,
} from './tensor';

// ---- Elementwise -----------------------------------------------------------------------------------------------

type Binary = (a: Tensor, b: Tensor) => Tensor;

const binary =
  (op: string, vjp: (g: Tensor, a: Tensor, b: Tensor) => [Tensor, Tensor]): Binary =>
  (a, b) => {
    const y = node(op, [a, b], broadcast(a.shape, b.shape), a.dtype);
    return differentiable(y, [a, b], (g) => {
      const [da, db] = vjp(g, a, b);
      return [unbroadcast(da, a.shape), unbroadcast(db, b.shape)];
    });
  };

export const add = binary('Add', (g) => [g, g]);
export const sub = binary('Sub', (g) => [g, neg(g)]);
export const mul = binary('Mul', (g, a, b) => [mul(g, b), mul(g, a)]);
export const div = binary('Div', (g, a, b) => [div(g, b), neg(div(mul(g, a), mul(b, b)))]);

const unary =
  (op: string, vjp: (g: Tensor, x: Tensor, y: Tensor) => Tensor) =>
  (x: Tensor): Tensor => {
    const y = node(op, [x], x.shape, x.dtype);
    return differentiable(y, [x], (g) => [vjp(g, x, y)]);
  };

export const neg = unary('Neg', (g) => neg(g));
export const exp = unary('Exp', (g, _, y) => mul(g, y));
export const log = unary('Log', (g, x) => div(g, x));
export const sqrt = unary('Sqrt', (g, _, y) => div(g, add(y, y)));
export const sigmoid = unary('Sigmoid', (g, _, y) => mul(g, sub(y, mul(y, y))));

/** x * sigmoid(x), which onnxruntime calls QuickGelu with alpha 1. Its gradient is taken in `swiglu`. */
export const silu = (x: Tensor): Tensor =>
  node('QuickGelu', [x], x.shape, 'float32', {
    domain: 'com.microsoft',
    attributes: { alpha: { float: 1 } },
  });

// Selections and comparisons carry no gradient: the losses that use them derive theirs by hand.
const selection =
  (op: string, dtype?: DType): Binary =>
  (a, b) =>
    node(op, [a, b], broadcast(a.shape, b.shape), dtype ?? a.dtype);

export const maximum = selection('Max');
export const minimum = selection('Min');
export const equal = selection('Equal', 'bool');
export const lessOrEqual = selection('LessOrEqual', 'bool');

export const where = (condition: Tensor, a: Tensor, b: Tensor): Tensor =>
  node('Where', [condition, a, b], broadcast(condition.shape, broadcast(a.shape, b.shape)), a.dtype);

export const cast = (x: Tensor, to: DType): Tensor =>
  node('Cast', [x], x.shape, to, { attributes: { to: ELEMENT_TYPE[to] } });

// ---- Reductions, which keep the reduced axis as 1 so that the result broadcasts back --------------------------------

const reduce =
  (op: string) =>
  (x: Tensor, axes: number[]): Tensor =>
    node(
      op,
      [x, int64s(axes)],
      x.shape.map((dim, i) => (axes.includes(i) ? 1 : dim)),
      x.dtype,
      {
        attributes: { keepdims: 1 },
      },
    );

export const reduceMax = reduce('ReduceMax');
export const reduceMin = reduce('ReduceMin');

export function reduceSum(x: Tensor, axes: number[]): Tensor {
  return differentiable(reduce('ReduceSum')(x, axes), [x], (g) => [expand(g, x.shape)]);
}

/** The sum of a matrix's rows, [N, D] -> [D]: as a product with ones, since a reduction would transpose x first. */
export const sumRows = (x: Tensor): Tensor =>
  node('MatMul', [constant(new Float32Array(x.shape[0]).fill(1), [x.shape[0]]), x], [x.shape[1]]);

/** The sum of everything, as a tensor of shape [1]. */
export const total = (x: Tensor): Tensor => {
  const column = reshape(x, [x.size, 1]);
  return differentiable(sumRows(column), [column], (g) => [expand(g, column.shape)]);
};

// ---- Shape --------------------------------------------------------------------------------------------------------

export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  if (sameShape(x.shape, shape)) return x;
  if (x.size !== product(shape)) throw new ShapeError('reshape', [x.shape, shape]);
  const y = node('Reshape', [x, int64s(shape)], shape, x.dtype);
  return differentiable(y, [x], (g) => [reshape(g, x.shape)]);
}

export function transpose(x: Tensor, permutation: number[]): Tensor {
  const shape = permutation.map((axis) => x.shape[axis]);
  const y = node('Transpose', [x], shape, x.dtype, { attributes: { perm: permutation } });
  const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
  return differentiable(y, [x], (g) => [transpose(g, inverse)]);
}

export function expand(x: Tensor, shape: readonly number[]): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const y = node('Expand', [x, int64s(shape)], shape, x.dtype);
  return differentiable(y, [x], (g) => [unbroadcast(g, x.shape)]);
}

export function split(x: Tensor, axis: number, sizes: number[]): Tensor[] {
  if (sizes.reduce((a, b) => a + b, 0) !== x.shape[axis])
    throw new ShapeError(`split into ${sizes}`, [x.shape]);
  const shapes = sizes.map((size) => x.shape.with(axis, size));
  const outputs = nodes('Split', [x, int64s(sizes)], shapes, x.dtype, { attributes: { axis } });
  const vjp = (gs: (Tensor | null)[]) => [
    concat(
      gs.map((g, i) => g ?? zeros(shapes[i])),
      axis,
    ), // a part that nothing reads has gradient zero
  ];
  const tape = { inputs: [x], outputs, vjp };
  for (const output of outputs) output.tape = tape;
  return outputs;
}

export function concat(parts: Tensor[], axis: number): Tensor {
  const sizes = parts.map((part) => part.shape[axis]);
  const shape = parts[0].shape.with(
    axis,
    sizes.reduce((a, b) => a + b, 0),
  );
  const y = node('Concat', parts, shape, parts[0].dtype, { attributes: { axis } });
  return differentiable(y, parts, (g) => split(g, axis, sizes));
}

/** The rows from `start` to `end` of the first axis. */
export const rows = (x: Tensor, start: number, end: number): Tensor =>
  start === 0 && end === x.shape[0]
    ? x
    : node('Slice', [x, int64s([start]), int64s([end]), int64s([0])], x.shape.with(0, end - start), x.dtype);

/** Appends zeros along an axis. */
export function padEnd(x: Tensor, axis: number, length: number): Tensor {
  if (x.shape[axis] === length) return x;
  const pads = [...x.shape.map(() => 0), ...x.shape.map((dim, i) => (i === axis ? length - dim : 0))];
  return node('Pad', [x, int64s(pads)], x.shape.with(axis, length), x.dtype);
}

export const zeros = (shape: readonly number[]): Tensor => expand(constant(Float32Array.of(0), [1]), shape);

// ---- Indexing -----------------------------------------------------------------------------------------------------

/** table[indices]: rows of a table. Its gradient is in `embedding`, which knows how to add repeated rows up. */
export const gather = (table: Tensor, indices: Tensor): Tensor =>
  node('Gather', [table, indices], [...indices.shape, ...table.shape.slice(1)], table.dtype);

/** One element of each row: x [N, V], indices [N, 1] -> [N, 1]. */
export const gatherElements = (x: Tensor, indices: Tensor): Tensor =>
  node('GatherElements', [x, indices], indices.shape, x.dtype, { attributes: { axis: 1 } });

/** Adds one number to each row of x [N, V], at column indices [N, 1]. */
export const scatterAddElements = (x: Tensor, indices: Tensor, updates: Tensor): Tensor =>
  node('ScatterElements', [x, indices, updates], x.shape, x.dtype, {
    attributes: { axis: 1, reduction: 'add' },
  });

/** Adds whole rows to x [V, D] at distinct row numbers, an int64 tensor of shape [U, 1]. */
export const scatterAddRows = (x: Tensor, rowNumbers: Tensor, updates: Tensor): Tensor =>
  node('ScatterND', [x, rowNumbers, updates], x.shape, x.dtype, { attributes: { reduction: 'add' } });

/** The k largest of each row in falling order, without their indices. */
export const topValues = (x: Tensor, k: number): Tensor =>
  nodes('TopK', [x, int64s([k])], [x.shape.with(1, k), x.shape.with(1, k)], x.dtype, {
    attributes: { axis: 1, largest: 1, sorted: 1 },
  })[0];

export const cumulativeSum = (x: Tensor, axis: number): Tensor =>
  node('CumSum', [x, constant(Int32Array.of(axis), [1])], x.shape);

// ---- Contractions ---------------------------------------------------------------------------------------------------

export interface GemmOptions {
  transA?: boolean;
  transB?: boolean;
  alpha?: number;
}

/** alpha * op(a) op(b) for matrices, where op transposes if asked to. Both gradients are Gemms again. */
export function gemm(
  a: Tensor,
  b: Tensor,
  { transA = false, transB = false, alpha = 1 }: GemmOptions = {},
): Tensor {
  const [m, k] = transA ? [a.shape[1], a.shape[0]] : a.shape;
  const [k2, n] = transB ? [b.shape[1], b.shape[0]] : b.shape;
  if (a.rank !== 2 || b.rank !== 2 || k !== k2) throw new ShapeError('gemm', [a.shape, b.shape]);
  const attributes = { transA: +transA, transB: +transB, alpha: { float: alpha } };
  const y = node('Gemm', [a, b], [m, n], 'float32', { attributes });
  return differentiable(y, [a, b], (g) => [
    transA ? gemm(b, g, { transA: transB, transB: true, alpha }) : gemm(g, b, { transB: !transB, alpha }),
    transB ? gemm(g, a, { transA: true, transB: transA, alpha }) : gemm(a, g, { transA: !transA, alpha }),
  ]);
}

/** a b or a b^T, matrix by matrix, where both have the same axes before the last two. It has no gradient. */
export function stackedProduct(a: Tensor, b: Tensor, { transB = false } = {}): Tensor {
  const shape = a.shape.with(-1, b.shape[b.rank - (transB ? 2 : 1)]);
  return transB
    ? node('FusedMatMul', [a, b], shape, 'float32', { domain: 'com.microsoft', attributes: { transB: 1 } })
    : node('MatMul', [a, b], shape);
}

/**
 * How a contraction runs: `direct` is one Einsum node that reads its operands in whatever order their axes have, the
 * least to tell a GPU; `tiled` transposes them first, so that a blocked matrix product does the work, as processors and
 * long rows want it.
 */
export type Contraction = 'direct' | 'tiled';

/**
 * A sum of products over named axes, such as "btd,bsd->bts". Every axis of an operand must appear in the other operand
 * or in the result; then both gradients are contractions of the same kind.
 */
export function einsum(equation: string, a: Tensor, b: Tensor, how: Contraction): Tensor {
  const [left, right, result] = equation.split(/,|->/);
  const extent = new Map<string, number>();
  for (const [axes, { shape }] of [[left, a] as const, [right, b] as const]) {
    if (axes.length !== shape.length) throw new ShapeError(`"${equation}"`, [a.shape, b.shape]);
    [...axes].forEach((axis, i) => {
      if ((extent.get(axis) ?? shape[i]) !== shape[i])
        throw new ShapeError(`"${equation}"`, [a.shape, b.shape]);
      extent.set(axis, shape[i]);
    });
  }
  const y =
    how === 'tiled'
      ? contractByMatmul([left, a], [right, b], result, extent)
      : node('Einsum', [a, b], extents(result, extent), 'float32', { attributes: { equation } });
  return differentiable(y, [a, b], (g) => [
    einsum(`${result},${right}->${left}`, g, b, how),
    einsum(`${left},${result}->${right}`, a, g, how),
  ]);
}

const extents = (axes: string, extent: Map<string, number>): number[] =>
  [...axes].map((axis) => extent.get(axis) as number);

type Labelled = [axes: string, tensor: Tensor];

/**
 * [stack, rows, inner] times [stack, inner, columns], the axes sorted into these four kinds. Either operand may come
 * first; the order that transposes less is taken.
 */
function contractByMatmul(a: Labelled, b: Labelled, result: string, extent: Map<string, number>): Tensor {
  const plans = [planProduct(a, b, result), planProduct(b, a, result)];
  const { left, right, kinds } = plans[0].moved <= plans[1].moved ? plans[0] : plans[1];
  const size = (axes: string) => product(extents(axes, extent));
  const shape = (...axes: string[]) => axes.map(size);
  const { stack, rowAxes, inner, columnAxes } = kinds;
  const x = reshape(reorder(left[1], left[0], stack + rowAxes + inner), shape(stack, rowAxes, inner));
  const y = reshape(reorder(right[1], right[0], stack + inner + columnAxes), shape(stack, inner, columnAxes));
  const z = node('MatMul', [x, y], shape(stack, rowAxes, columnAxes));
  const order = stack + rowAxes + columnAxes;
  return reorder(reshape(z, extents(order, extent)), order, result);
}

/** One of the two ways to write a contraction as a product, and how many elements it would transpose. */
function planProduct(left: Labelled, right: Labelled, result: string) {
  const pick = (axes: string, test: (axis: string) => boolean) => [...axes].filter(test).join('');
  const stack = pick(result, (axis) => left[0].includes(axis) && right[0].includes(axis));
  const rowAxes = pick(result, (axis) => !right[0].includes(axis));
  const columnAxes = pick(result, (axis) => !left[0].includes(axis));
  const inner = pick(left[0], (axis) => !result.includes(axis));
  const moved =
    (left[0] === stack + rowAxes + inner ? 0 : left[1].size) +
    (right[0] === stack + inner + columnAxes ? 0 : right[1].size);
  return { left, right, kinds: { stack, rowAxes, inner, columnAxes }, moved };
}

/** The same operand in the same order serves a product forward and one backward: it is transposed once. */
const reordered = new WeakMap<Tensor, Map<string, Tensor>>();

function reorder(x: Tensor, from: string, to: string): Tensor {
  if (from === to) return x;
  const known = reordered.get(x) ?? new Map<string, Tensor>();
  reordered.set(x, known);
  const permutation = [...to].map((axis) => from.indexOf(axis));
  const y = known.get(permutation.join()) ?? transpose(x, permutation);
  known.set(permutation.join(), y);
  return y;
}

export function softmax(x: Tensor, how: Contraction = 'direct'): Tensor {
  const axis = x.rank - 1;
  const y = node('Softmax', [x], x.shape, 'float32', { attributes: { axis } });
  return differentiable(y, [x], (g) => [mul(y, sub(g, rowProducts(g, y, how)))]);
}

/** The inner product of each pair of rows, the last axis kept as 1. */
function rowProducts(a: Tensor, b: Tensor, how: Contraction): Tensor {
  if (how === 'tiled') return reduceSum(mul(a, b), [a.rank - 1]);
  const width = a.shape[a.rank - 1];
  const matrix = (x: Tensor) => reshape(x, [x.size / width, width]);
  const y = node('Einsum', [matrix(a), matrix(b)], [a.size / width], 'float32', {
    attributes: { equation: 'nd,nd->n' },
  });
  return reshape(y, a.shape.with(a.rank - 1, 1));
}

// ---- Broadcasting -----------------------------------------------------------------------------------------------------

function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  const at = (shape: readonly number[], i: number) => shape[i - rank + shape.length] ?? 1;
  return Array.from({ length: rank }, (_, i) => {
    const [x, y] = [at(a, i), at(b, i)];
    if (x !== y && x !== 1 && y !== 1) throw new ShapeError('broadcasting', [a, b]);
    return Math.max(x, y);
  });
}

/** Sums a cotangent over the axes along which its tensor was repeated. */
function unbroadcast(g: Tensor, shape: readonly number[]): Tensor {
  if (sameShape(g.shape, shape)) return g;
  const lead = g.rank - shape.length;
  if (g.rank === 2 && sameShape(g.shape.slice(1), shape)) return sumRows(g);
  const axes = g.shape.map((_, i) => i).filter((i) => g.shape[i] !== (shape[i - lead] ?? 1));
  return reshape(axes.length ? reduceSum(g, axes) : g, shape);
}
