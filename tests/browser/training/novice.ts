/**
 * @file A tiny model that knows some programs by heart: what it proposes is often valid, and what it answers sometimes right. So the runs
 * of these tests fill their buffers and earn different rewards, and what is lost of them would be missed.
 */

import type { Bytes, Datum } from '../../../src/engine/engine';
import { WorkerEngine } from '../../../src/engine/worker';
import { CompactDialect } from '../../../src/selfplay/dialects';
import { Draws } from '../../../src/selfplay/random';
import type { Seed } from '../../../src/selfplay/seeds';
import type { Pair, Task } from '../../../src/store/records';

/** Inputs of an induction task. */
export const inputs = 2;
const dialect = new CompactDialect({ inputs });

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

const identity: readonly [program: string, input: string] = ['def f(a):\n    return a', "'Hello world'"];
type Line = [program: string, of: (a: number) => number];
const lines: Line[] = [1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((k): Line[] => [
  [`def f(a):\n    return a + ${k}`, (a) => a + k],
  [`def f(a):\n    return a * ${k}`, (a) => a * k],
  [`def f(a):\n    return ${k} - a`, (a) => k - a],
]);

/** Tasks that it knows. */
export const sums: readonly Seed[] = lines
  .slice(0, 6)
  .map(([program]) => ({ kind: 'program', program, input: '3', output: null }));

/** One game that went well: a prompt, and what should have been written. */
function game(draws: Draws): [prompt: string, completion: string] {
  const [program, of] = lines[draws.below(lines.length)];
  const pair = (): Pair => {
    const a = draws.below(5);
    return [String(a), String(of(a))];
  };
  const [input, output] = pair();
  const reference = draws.chance(0.4) ? identity : ([lines[draws.below(lines.length)][0], input] as const);
  const thought = '';
  const message = 'n';
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
    case 2:
      return [
        dialect.solve({ mode: 'induction', shown: [[input, output]], message }),
        dialect.writeAnswer('induction', { answer: program, thought }),
      ];
    case 3:
      return [
        dialect.propose({ mode: 'induction', program: reference[0], inputs }),
        dialect.writeProposal('induction', {
          program: '',
          inputs: draws.distinct(5, inputs).map(String),
          message,
          thought,
        }),
      ];
    default: {
      const mode = draws.chance(0.5) ? 'deduction' : 'abduction';
      const references = [{ program: reference[0], pairs: [[reference[1], '']] } as unknown as Task];
      return [
        dialect.propose({ mode, references, composite: [] }),
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
export async function trainNovice(steps = 120): Promise<Record<string, Bytes>> {
  const engine = await WorkerEngine.open('wasm');
  try {
    const model = await engine.createModel({ kind: 'random', config: tinyModel, seed: 1 });
    for (let step = 0; step < steps; step++) {
      const draws = new Draws(1, step, 'games');
      const batch = Array.from({ length: 16 }, () => datum(game(draws)));
      const loss = { kind: 'cross-entropy', aggregation: 'token-mean' } as const;
      const report = await engine.forwardBackward(model, batch, loss);
      if (step % 50 === 49) console.log(step, report.loss, performance.now());
      await engine.optimStep(model, { learningRate: step < 80 ? 1e-2 : 2e-3, maxGradNorm: 1 });
    }
    return (await engine.save(model, 'novice')).files;
  } finally {
    await engine.close();
  }
}
