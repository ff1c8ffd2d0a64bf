/**
 * @file What is measured: a model's shape and the batch it learns from. The same for every contestant of a row, and the
 * same numbers each time, so that losses can be compared before times are.
 */

import type { AdamParams, Datum } from '../../src/engine/engine';

export interface Subject {
  /** As it stands in the tables. */
  name: string;
  /** A Hugging Face config.json. */
  config: LlamaConfig;
  rows: number;
  length: number;
}

export type LlamaConfig = ReturnType<typeof llama>;

export function llama(width: number, layers: number, mlp: number, vocabulary: number) {
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    vocab_size: vocabulary,
    hidden_size: width,
    intermediate_size: mlp,
    num_hidden_layers: layers,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    max_position_embeddings: 512,
    rms_norm_eps: 1e-6,
    rope_theta: 10_000,
    tie_word_embeddings: true,
  };
}

export function subject(width: number, layers: number, mlp: number, rows: number, length: number): Subject {
  const name = `d${width} L${layers} B${rows} T${length}`;
  return { name, config: llama(width, layers, mlp, 512), rows, length };
}

export const SEED = 1;

export const ADAM: Required<AdamParams> = {
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  weightDecay: 0.1,
  maxGradNorm: 1,
};

/** Rows of tokens that no two share a beginning, so that nobody can save work by sharing it. */
export function batchOf({ config, rows, length }: Subject): Datum[] {
  let state = 12_345;
  const token = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 12) % config.vocab_size;
  };
  return Array.from({ length: rows }, () => {
    const text = Int32Array.from({ length: length + 1 }, token);
    return { tokens: text.slice(0, -1), targets: text.slice(1) };
  });
}

export const tokensOf = ({ rows, length }: Subject): number => rows * length;
