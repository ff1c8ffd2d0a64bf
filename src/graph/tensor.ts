/**
 * @file The value type of tensor programs.
 *
 * A program is not a list that somebody appends to: it is the graph of tensors reachable from its outputs. Every
 * tensor knows the ONNX node that makes it (`source`), and how a gradient flows back through it (`tape`). Writing a
 * model walks the sources, differentiating walks the tapes; nothing else exists, so unused work disappears by itself.
 */

export type DType = 'float32' | 'int32' | 'int64' | 'uint8' | 'float16' | 'bool';

/** The numbers by which ONNX files name the types. */
export const ELEMENT_TYPE = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
} satisfies Record<DType, number>;

/** An ONNX attribute: a whole number, a list of them, a text, or a float (wrapped, since 1 and 1.0 differ in ONNX). */
export type Attribute = number | number[] | string | { float: number };

export type ConstantData = Float32Array | Int32Array | BigInt64Array;

/** Where a tensor comes from. A null operand is ONNX's omitted optional input. */
export type Source =
  | { kind: 'input'; name: string; shape: readonly number[]; dtype: DType }
  | { kind: 'constant'; data: ConstantData; shape: readonly number[]; dtype: DType }
  | {
      kind: 'node';
      op: string;
      domain: string;
      inputs: (Tensor | null)[];
      attributes: Record<string, Attribute>;
      outputs: number;
    };

/**
 * How gradients flow back through one operation: from the cotangents of `outputs` (null where nothing depends on that
 * output) to those of `inputs` (null where there is none, as for integer operands).
 */
export interface Tape {
  inputs: Tensor[];
  outputs: Tensor[];
  vjp(cotangents: (Tensor | null)[]): (Tensor | null)[];
}

export class Tensor {
  tape: Tape | null = null;

  constructor(
    readonly source: Source,
    readonly index: number,
    readonly shape: readonly number[],
    readonly dtype: DType,
  ) {}

  get size(): number {
    return product(this.shape);
  }

  get rank(): number {
    return this.shape.length;
  }
}

export function input(name: string, dtype: DType, shape: readonly number[]): Tensor {
  return new Tensor({ kind: 'input', name, shape, dtype }, 0, shape, dtype);
}

export function constant(data: ConstantData, shape: readonly number[]): Tensor {
  if (data.length !== product(shape)) throw new ShapeError(`constant of ${data.length} elements`, [shape]);
  const dtype =
    data instanceof Float32Array ? 'float32' : data instanceof Int32Array ? 'int32' : ('int64' as const);
  return new Tensor({ kind: 'constant', data, shape, dtype }, 0, shape, dtype);
}

/** A float constant of shape [1], which broadcasts against everything. */
export const scalar = (value: number): Tensor => constant(Float32Array.of(value), [1]);

/** A one-dimensional int64 constant: ONNX wants shapes, axes and split sizes in this form. */
export const int64s = (values: readonly number[]): Tensor =>
  constant(BigInt64Array.from(values, BigInt), [values.length]);

export interface NodeOptions {
  domain?: string;
  attributes?: Record<string, Attribute>;
}

/** One ONNX node with one output. */
export function node(
  op: string,
  inputs: (Tensor | null)[],
  shape: readonly number[],
  dtype: DType = 'float32',
  options: NodeOptions = {},
): Tensor {
  return nodes(op, inputs, [shape], dtype, options)[0];
}

/** One ONNX node with several outputs of the same type. */
export function nodes(
  op: string,
  inputs: (Tensor | null)[],
  shapes: readonly (readonly number[])[],
  dtype: DType = 'float32',
  { domain = '', attributes = {} }: NodeOptions = {},
): Tensor[] {
  const source: Source = { kind: 'node', op, domain, inputs, attributes, outputs: shapes.length };
  return shapes.map((shape, index) => new Tensor(source, index, shape, dtype));
}

/** Declares the gradient rule of an operation with one output, and returns that output. */
export function differentiable(
  output: Tensor,
  inputs: Tensor[],
  vjp: (cotangent: Tensor) => (Tensor | null)[],
): Tensor {
  output.tape = { inputs, outputs: [output], vjp: ([g]) => (g ? vjp(g) : inputs.map(() => null)) };
  return output;
}

export class ShapeError extends Error {
  override name = 'ShapeError';
  constructor(what: string, shapes: readonly (readonly number[])[]) {
    super(
      `${what} does not fit the shape${shapes.length > 1 ? 's' : ''} ${shapes.map((s) => `[${s}]`).join(' and ')}`,
    );
  }
}

export const product = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((dim, i) => dim === b[i]);
