/**
 * @file The weights that every contestant starts from: those that our engine makes from the same seed, with q, k and v in
 * one matrix and gate and up in another, which saves the peers the same products that it saves us.
 */

import { parseModelConfig } from '../../src/model/config';
import { initialParameter, parameters } from '../../src/model/parameters';
import { SEED, type Subject } from '../lib/subject';

export interface Weight {
  name: string;
  /** [out, in] for matrices. */
  shape: number[];
  values: Float32Array;
  decay: boolean;
}

export interface Shape {
  layers: number;
  width: number;
  heads: number;
  kvHeads: number;
  headDim: number;
  mlp: number;
  vocabulary: number;
  epsilon: number;
}

export function shapeOf({ config }: Subject): Shape {
  return {
    layers: config.num_hidden_layers,
    width: config.hidden_size,
    heads: config.num_attention_heads,
    kvHeads: config.num_key_value_heads,
    headDim: config.hidden_size / config.num_attention_heads,
    mlp: config.intermediate_size,
    vocabulary: config.vocab_size,
    epsilon: config.rms_norm_eps,
  };
}

export function initialWeights({ config }: Subject): Weight[] {
  return parameters(parseModelConfig(config)).map((parameter) => ({
    name: parameter.name,
    shape: parameter.shape,
    values: initialParameter(parameter, SEED),
    decay: parameter.decay,
  }));
}

/** Cosines and sines of positions by half of a head's channels: [length, headDim / 2]. */
export function rotations({ config, length }: Subject): { cos: Float32Array; sin: Float32Array } {
  const { headDim } = shapeOf({ config, length, name: '', rows: 1 });
  const half = headDim / 2;
  const angle = (i: number) => Math.floor(i / half) * config.rope_theta ** (-(i % half) / half);
  const size = length * half;
  return {
    cos: Float32Array.from({ length: size }, (_, i) => Math.cos(angle(i))),
    sin: Float32Array.from({ length: size }, (_, i) => Math.sin(angle(i))),
  };
}

/** A batch's tokens and targets end to end. */
export function flatten(batch: readonly { tokens: Int32Array; targets: Int32Array }[]) {
  return {
    tokens: Int32Array.from(batch.flatMap(({ tokens }) => [...tokens])),
    targets: Int32Array.from(batch.flatMap(({ targets }) => [...targets])),
  };
}
