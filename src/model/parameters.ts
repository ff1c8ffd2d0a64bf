/**
 * @file The tensors that the engine keeps, and where each comes from. The engine packs what is multiplied by
 * the same input (q, k and v; gate and up), so that one matmul does the work of several. A packed tensor is
 * the rows of its Hugging Face tensors one after another, all [out, in], so packing and unpacking are plain
 * copies.
 */

import type { ModelShape } from './config';
import { RandomStream } from './random';

/** A Hugging Face tensor inside a packed one, `offset` elements from its start. */
export interface ParameterPart {
  name: string;
  shape: number[];
  offset: number;
}

export interface Parameter {
  name: string;
  shape: number[];
  /** Elements, not bytes. */
  size: number;
  /** Weight decay is for matrices; norms and biases are left alone. */
  decay: boolean;
  parts: ParameterPart[];
}

/** Every parameter of the model in canonical order: the order of gradients, moments and files alike. */
export function parameters(shape: ModelShape): Parameter[] {
  const { hiddenSize: d, intermediateSize: i, headDim, vocabSize } = shape;
  const q = shape.heads * headDim;
  const kv = shape.kvHeads * headDim;

  const layer = (n: number): Parameter[] => {
    const ours = `layers.${n}`;
    const theirs = `model.layers.${n}`;
    const attention = `${theirs}.self_attn`;
    const qkv = (kind: 'weight' | 'bias', tail: number[]) =>
      pack(`${ours}.${kind === 'weight' ? 'qkv' : 'qkvBias'}`, [
        [`${attention}.q_proj.${kind}`, [q, ...tail]],
        [`${attention}.k_proj.${kind}`, [kv, ...tail]],
        [`${attention}.v_proj.${kind}`, [kv, ...tail]],
      ]);
    return [
      single(`${ours}.attnNorm`, `${theirs}.input_layernorm.weight`, [d]),
      qkv('weight', [d]),
      ...(shape.qkvBias ? [qkv('bias', [])] : []),
      ...(shape.qkNorm
        ? [
            single(`${ours}.qNorm`, `${attention}.q_norm.weight`, [headDim]),
            single(`${ours}.kNorm`, `${attention}.k_norm.weight`, [headDim]),
          ]
        : []),
      single(`${ours}.out`, `${attention}.o_proj.weight`, [d, q]),
      single(`${ours}.mlpNorm`, `${theirs}.post_attention_layernorm.weight`, [d]),
      pack(`${ours}.gateUp`, [
        [`${theirs}.mlp.gate_proj.weight`, [i, d]],
        [`${theirs}.mlp.up_proj.weight`, [i, d]],
      ]),
      single(`${ours}.down`, `${theirs}.mlp.down_proj.weight`, [d, i]),
    ];
  };

  return [
    single('embed', 'model.embed_tokens.weight', [vocabSize, d]),
    ...Array.from({ length: shape.layers }, (_, n) => layer(n)).flat(),
    single('norm', 'model.norm.weight', [d]),
    ...(shape.tiedHead ? [] : [single('head', 'lm_head.weight', [vocabSize, d])]),
  ];
}

export function parameterCount(shape: ModelShape): number {
  return parameters(shape).reduce((sum, { size }) => sum + size, 0);
}

/** Elements of a tensor of this shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

function single(name: string, part: string, shape: number[]): Parameter {
  return pack(name, [[part, shape]]);
}

function pack(name: string, tensors: [name: string, shape: number[]][]): Parameter {
  let offset = 0;
  let rows = 0;
  const parts: ParameterPart[] = [];
  for (const [part, shape] of tensors) {
    parts.push({ name: part, shape, offset });
    offset += sizeOf(shape);
    rows += shape[0] ?? 0;
  }
  const tail = tensors[0]?.[1].slice(1) ?? [];
  return { name, shape: [rows, ...tail], size: offset, decay: tail.length > 0, parts };
}

/** A packed tensor from its Hugging Face tensors. */
export function packParameter(parameter: Parameter, tensor: (name: string) => Float32Array): Float32Array {
  const packed = new Float32Array(parameter.size);
  for (const { name, offset } of parameter.parts) packed.set(tensor(name), offset);
  return packed;
}

/** A packed tensor's Hugging Face tensors, in order: views, not copies. */
export function unpackParameter(
  parameter: Parameter,
  values: Float32Array,
): { name: string; shape: number[]; values: Float32Array }[] {
  return parameter.parts.map(({ name, shape, offset }) => ({
    name,
    shape,
    values: values.subarray(offset, offset + sizeOf(shape)),
  }));
}

/**
 * A new-born model's value of this parameter: matrices normal(0, std), norms one, biases zero. Each Hugging
 * Face tensor draws from a stream of its own name, so the numbers depend neither on packing nor on the order
 * of calls.
 */
export function initialParameter(parameter: Parameter, seed: number, std = 0.02): Float32Array {
  const values = new Float32Array(parameter.size);
  if (!parameter.decay) return parameter.name.endsWith('Bias') ? values : values.fill(1);
  for (const { name, shape, offset } of parameter.parts) {
    const stream = new RandomStream(seed, name);
    const size = sizeOf(shape);
    for (let n = 0; n < size; n++) values[offset + n] = std * stream.normal(n);
  }
  return values;
}

export function initialParameters(shape: ModelShape, seed: number, std = 0.02): Map<string, Float32Array> {
  return new Map(
    parameters(shape).map((parameter) => [parameter.name, initialParameter(parameter, seed, std)]),
  );
}
