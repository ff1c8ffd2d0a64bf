/** @file The model that the loop is measured with: 0.9 million parameters, and thirty small programs by heart. */

import { LocalEngine } from '../../src/engine/local';
import { openNodeDevice } from '../../src/engine/ort/node';
import { type Line, trainNovice as train } from '../../tests/programs/novice';

const config = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  vocab_size: 272,
  hidden_size: 128,
  intermediate_size: 384,
  num_hidden_layers: 4,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 512,
  tie_word_embeddings: true,
};

/** Inputs of an induction task. */
export const inputs = 4;

const lines: Line[] = [2, 3, 4, 5, 6, 7].flatMap((k): Line[] => [
  [`def f(a):\n    return a + ${k}`, (a) => a + k],
  [`def f(a):\n    return a * ${k}`, (a) => a * k],
  [`def f(a):\n    b = a - ${k}\n    return b * b`, (a) => (a - k) ** 2],
  [`def f(a):\n    if a > ${k}:\n        return a\n    return -a`, (a) => (a > k ? a : -a)],
  [`def f(a):\n    t = 0\n    for i in range(a):\n        t += ${k}\n    return t`, (a) => a * k],
]);

/** The files of a Hugging Face folder. */
export async function trainNovice(
  steps: number,
  progress: (line: string) => void,
): Promise<Record<string, Uint8Array>> {
  const engine = new LocalEngine(await openNodeDevice());
  try {
    const course = { config, lines, inputs, below: 10, steps, batch: 32, rate: () => 3e-3 };
    const files = await train(engine, course, (step, loss) => {
      if (step % 50 === 49) progress(`warming the model up: step ${step + 1}, loss ${loss.toFixed(2)}`);
    });
    const entries = Object.entries(files).map(async ([name, file]) => {
      const bytes = file instanceof Uint8Array ? file : new Uint8Array(await file.arrayBuffer());
      return [name, bytes] as const;
    });
    return Object.fromEntries(await Promise.all(entries));
  } finally {
    await engine.close();
  }
}
