/**
 * @file A tiny model that knows some programs by heart: what it proposes is often valid, and what it answers sometimes right. So a run
 * fills its buffers and earns different rewards, and a step of it has all of its work to do.
 */

import type { Bytes, Datum, Engine } from '../../src/engine/engine';
import { CompactDialect } from '../../src/selfplay/dialects';
import { Draws } from '../../src/selfplay/random';
import type { Pair, Task } from '../../src/store/records';

/** A program over whole numbers, and what it does. */
export type Line = [program: string, of: (a: number) => number];

export interface Lessons {
  lines: readonly Line[];
  /** Of an induction task. */
  inputs: number;
  /** Inputs are whole numbers below this. */
  below: number;
}

/** What every run begins with, and is asked about. */
const identity: readonly [program: string, input: string] = ['def f(a):\n    return a', "'Hello world'"];

/** One game that went well: a prompt, and what should have been written. */
function game({ lines, inputs, below }: Lessons, dialect: CompactDialect, draws: Draws): [string, string] {
  const [program, of] = lines[draws.below(lines.length)];
  const pair = (): Pair => {
    const a = draws.below(below);
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
        dialect.solve({ mode: 'induction', shown: Array.from({ length: inputs / 2 }, pair), message }),
        dialect.writeAnswer('induction', { answer: program, thought }),
      ];
    case 3: {
      const chosen = draws.distinct(below, inputs).map(String);
      return [
        dialect.propose({ mode: 'induction', program: reference[0], inputs }),
        dialect.writeProposal('induction', { program: '', inputs: chosen, message, thought }),
      ];
    }
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

function datum(dialect: CompactDialect, [prompt, completion]: [string, string]): Datum {
  const read = dialect.tokenizer.encode(prompt);
  const tokens = Int32Array.from([...read, ...dialect.tokenizer.encode(completion)]);
  const weights = Float32Array.from({ length: tokens.length - 1 }, (_, at) => +(at >= read.length - 1));
  return { tokens: tokens.slice(0, -1), targets: tokens.slice(1), weights };
}

export interface Course extends Lessons {
  /** Of the model: config.json. */
  config: object;
  steps: number;
  batch: number;
  rate: (step: number) => number;
}

/** The files of a Hugging Face folder. */
export async function trainNovice(
  engine: Engine,
  course: Course,
  progress: (step: number, loss: number) => void = () => {},
): Promise<Record<string, Bytes>> {
  const { config, steps, batch, rate } = course;
  const dialect = new CompactDialect({ inputs: course.inputs });
  const model = await engine.createModel({ kind: 'random', config, seed: 1 });
  for (let step = 0; step < steps; step++) {
    const draws = new Draws(1, step, 'games');
    const data = Array.from({ length: batch }, () => datum(dialect, game(course, dialect, draws)));
    const aim = { kind: 'cross-entropy', aggregation: 'token-mean' } as const;
    const { loss } = await engine.forwardBackward(model, data, aim);
    await engine.optimStep(model, { learningRate: rate(step), maxGradNorm: 1 });
    progress(step, loss);
  }
  const { files } = await engine.save(model, 'novice');
  await engine.dispose(model);
  return files;
}
