/**
 * @file A tiny model that knows the language of the compact dialect and some dozens of programs by heart: its proposals are mostly valid
 * and its answers sometimes right, so that a step of self-play has all of its work to do.
 */

import type { Bytes, Datum } from '../../src/engine/engine';
import { LocalEngine } from '../../src/engine/local';
import { openNodeDevice } from '../../src/engine/ort/node';
import type { ByteTokenizer } from '../../src/selfplay/dialects';
import { CompactDialect } from '../../src/selfplay/dialects';
import { Draws } from '../../src/selfplay/random';
import type { Pair, Task } from '../../src/store/records';

/** 0.9 million parameters. */
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

export const inputs = 4;
const dialect = new CompactDialect({ inputs });

type Line = [program: string, of: (a: number) => number];
const lines: Line[] = [2, 3, 4, 5, 6, 7].flatMap((k): Line[] => [
  [`def f(a):\n    return a + ${k}`, (a) => a + k],
  [`def f(a):\n    return a * ${k}`, (a) => a * k],
  [`def f(a):\n    b = a - ${k}\n    return b * b`, (a) => (a - k) ** 2],
  [`def f(a):\n    if a > ${k}:\n        return a\n    return -a`, (a) => (a > k ? a : -a)],
  [
    `def f(a):\n    t = 0\n    for i in range(a):\n        t += ${k}\n    return t`,
    (a) => Math.max(0, a) * k,
  ],
]);

/** One game that went well: a prompt, and what should have been written. */
function game(draws: Draws): [prompt: string, completion: string] {
  const [program, of] = lines[draws.below(lines.length)];
  const pair = (): Pair => {
    const a = draws.below(10);
    return [String(a), String(of(a))];
  };
  const [input, output] = pair();
  const task = { program, pairs: [pair()] } as Task;
  const thought = '';
  const message = 'a number';
  switch (draws.below(6)) {
    case 0:
      return [
        dialect.solve({ mode: 'deduction', program, input }),
        dialect.writeAnswer('deduction', { answer: output, thought }),
      ];
    case 1:
      return [
        dialect.solve({ mode: 'abduction', program, output }),
        dialect.writeAnswer('abduction', { answer: input, thought }),
      ];
    case 2: {
      const shown = Array.from({ length: inputs / 2 }, pair);
      return [
        dialect.solve({ mode: 'induction', shown, message }),
        dialect.writeAnswer('induction', { answer: program, thought }),
      ];
    }
    case 3:
      return [
        dialect.propose({ mode: 'induction', program, inputs }),
        dialect.writeProposal('induction', {
          program: '',
          inputs: draws.distinct(10, inputs).map(String),
          message,
          thought,
        }),
      ];
    default: {
      const mode = draws.chance(0.5) ? 'deduction' : 'abduction';
      return [
        dialect.propose({ mode, references: [task], composite: [] }),
        dialect.writeProposal(mode, { program, inputs: [input], message: '', thought }),
      ];
    }
  }
}

function datum([prompt, completion]: [string, string]): Datum {
  const read = dialect.tokenizer.encode(prompt);
  const tokens = Int32Array.from([...read, ...dialect.tokenizer.encode(completion)]);
  const weights = Float32Array.from({ length: tokens.length - 1 }, (_, at) => +(at >= read.length - 1));
  return { tokens: tokens.slice(0, -1), targets: tokens.slice(1), weights };
}

/** The files of a Hugging Face folder. */
export async function trainNovice(
  steps: number,
  progress: (line: string) => void,
): Promise<Record<string, Uint8Array>> {
  const vocabulary = (dialect.tokenizer as ByteTokenizer).size;
  const engine = new LocalEngine(await openNodeDevice());
  try {
    const model = await engine.createModel({
      kind: 'random',
      config: { ...config, vocab_size: vocabulary },
      seed: 1,
    });
    for (let step = 0; step < steps; step++) {
      const draws = new Draws(1, step, 'games');
      const batch = Array.from({ length: 32 }, () => datum(game(draws)));
      const { loss } = await engine.forwardBackward(model, batch, {
        kind: 'cross-entropy',
        aggregation: 'token-mean',
      });
      await engine.optimStep(model, { learningRate: 3e-3, maxGradNorm: 1 });
      if (step % 50 === 49)
        progress(`warming the model up: step ${step + 1} of ${steps}, loss ${loss.toFixed(2)}`);
    }
    const { files } = await engine.save(model, 'novice');
    const bytes = async (file: Bytes) =>
      file instanceof Uint8Array ? file : new Uint8Array(await file.arrayBuffer());
    const entries = Object.entries(files).map(async ([name, file]) => [name, await bytes(file)] as const);
    return Object.fromEntries(await Promise.all(entries));
  } finally {
    await engine.close();
  }
}
