/** @file The model that the runs of these tests begin with, and the tasks that it knows. */

import type { Bytes } from '../../../src/engine/engine';
import { WorkerEngine } from '../../../src/engine/worker';
import type { Seed } from '../../../src/selfplay/seeds';
import { type Line, trainNovice as train } from '../../programs/novice';

/** Inputs of an induction task. */
export const inputs = 2;

export const tinyModel = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  vocab_size: 272,
  hidden_size: 32,
  intermediate_size: 96,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  max_position_embeddings: 256,
  tie_word_embeddings: true,
};

const lines: Line[] = [1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((k): Line[] => [
  [`def f(a):\n    return a + ${k}`, (a) => a + k],
  [`def f(a):\n    return a * ${k}`, (a) => a * k],
  [`def f(a):\n    return ${k} - a`, (a) => k - a],
]);

export const sums: readonly Seed[] = lines
  .slice(0, 6)
  .map(([program]) => ({ kind: 'program', program, input: '3', output: null }));

/** The files of a Hugging Face folder. */
export async function trainNovice(steps = 120): Promise<Record<string, Bytes>> {
  const engine = await WorkerEngine.open('wasm');
  try {
    const rate = (step: number) => (step < 80 ? 1e-2 : 2e-3);
    return await train(engine, { config: tinyModel, lines, inputs, below: 5, steps, batch: 16, rate });
  } finally {
    await engine.close();
  }
}
