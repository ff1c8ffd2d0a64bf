/**
 * @file How the base model is made: every number of the warm-up in one place. It is strong on the two easy levels and has seen just
 * enough of the others that each construct works now and then, since self-play can lengthen what has a pass rate, and start
 * nothing from zero. It proposes more of them than it can solve: there it has something to learn. docs/LEARNING.md has what was measured.
 */

import type { Level } from '../grammar/levels';

export const recipe = {
  seed: 1,
  /** Of each level, drawn until they are so many that differ in what they do (see choice.ts). */
  programs: { 1: 20_000, 2: 25_000, 3: 5_000, 4: 2_000, 5: 800, 6: 400 } satisfies Record<Level, number>,
  /**
   * How much each kind of lesson counts in the draw (a longer one brings more tokens), and how often it comes from each level. What
   * cannot be told from four pairs teaches an induction nothing but what programs look like, so there nearly all are easy.
   */
  lessons: {
    deduction: { weight: 32, levels: { 1: 38.5, 2: 60.6, 3: 0.6, 4: 0.2, 5: 0.07, 6: 0.03 } },
    abduction: { weight: 28, levels: { 1: 56, 2: 43.4, 3: 0.4, 4: 0.12, 5: 0.05, 6: 0.03 } },
    induction: { weight: 20, levels: { 1: 76, 2: 21, 3: 2, 4: 0.7, 5: 0.2, 6: 0.1 } },
    task: { weight: 14, levels: { 1: 30, 2: 36, 3: 14, 4: 10, 5: 6, 6: 4 } },
    inputs: { weight: 8, levels: { 1: 34, 2: 36, 3: 13, 4: 9, 5: 5, 6: 3 } },
  } satisfies Record<string, { weight: number; levels: Record<Level, number> }>,
  /** Inputs of an induction task. */
  inputs: 8,
  /** Tokens of an update, padding not counted. */
  batch: 2048,
  /** Longest lesson, in tokens. */
  longest: 512,
  steps: 16_000,
  rate: {
    highest: 2e-3,
    /** Steps in which it rises. */
    rise: 300,
    /** The last share of the steps, in which it falls to nothing in a straight line. */
    fall: 0.8,
  },
  adam: { beta1: 0.9, beta2: 0.98, weightDecay: 0.05, maxGradNorm: 1 },
};
export type Recipe = typeof recipe;

/** A Llama as it is: any library that knows the architecture runs it. */
export const architecture = (vocabulary: number, end: number) => ({
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: 128,
  intermediate_size: 352,
  num_hidden_layers: 4,
  num_attention_heads: 4,
  num_key_value_heads: 4,
  head_dim: 32,
  hidden_act: 'silu',
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  max_position_embeddings: 1024,
  attention_bias: false,
  mlp_bias: false,
  tie_word_embeddings: false,
  vocab_size: vocabulary,
  bos_token_id: null,
  eos_token_id: end,
  pad_token_id: end,
});

/** Rises, stays, and falls: most of what is learned shows only while it falls. */
export function rateOf({ steps, rate }: Pick<Recipe, 'steps' | 'rate'>, step: number): number {
  const falling = steps * rate.fall;
  return rate.highest * Math.min(1, step / rate.rise, Math.max(0, (steps - step + 1) / falling));
}
