/**
 * @file From materials to lessons: a prompt of the loop, word for word, and what a perfect player would write. There are five kinds:
 * three of a solver, and two of a proposer: a task, and inputs.
 */

import type { Datum } from '../engine/engine';
import type { ProposalRequest, WritingDialect } from '../selfplay/dialect';
import type { Draws } from '../selfplay/random';
import { backwards } from '../selfplay/scratchpad';
import type { Task } from '../store/records';
import type { Material } from './material';
import type { Recipe } from './recipe';

export type LessonKind = keyof Recipe['lessons'];
export const lessonKinds = [
  'deduction',
  'abduction',
  'induction',
  'task',
  'inputs',
] as const satisfies LessonKind[];

export interface Lesson {
  prompt: string;
  completion: string;
}

/** Null if this material is not enough for it. */
export function writeLesson(
  kind: LessonKind,
  material: Material,
  {
    dialect,
    draws,
    inputs,
    another,
  }: { dialect: WritingDialect; draws: Draws; inputs: number; another: () => Material },
): Lesson | null {
  const { program, pairs, thoughts } = material;
  switch (kind) {
    case 'deduction':
    case 'abduction': {
      const which = draws.below(thoughts.length);
      const [input, output] = pairs[which];
      const told = kind === 'deduction' ? { mode: kind, program, input } : { mode: kind, program, output };
      const truth = thoughts[which];
      const known =
        kind === 'deduction'
          ? { answer: output, thought: truth }
          : { answer: input, thought: backwards(truth) };
      return { prompt: dialect.solve(told), completion: dialect.writeAnswer(kind, known) };
    }
    case 'induction': {
      const shown = draws.distinct(pairs.length, inputs / 2).map((index) => pairs[index]);
      if (shown.length < inputs / 2 || new Set(shown.map(([, output]) => output)).size < 2) return null;
      return {
        prompt: dialect.solve({ mode: 'induction', shown, message: '' }),
        completion: dialect.writeAnswer('induction', { answer: program, thought: '' }),
      };
    }
    case 'task': {
      const mode = draws.chance(0.5) ? 'deduction' : 'abduction';
      const { references, proposed } = proposal(material, draws, another);
      const request: ProposalRequest = { mode, references, composite: [] };
      return {
        prompt: dialect.propose(request),
        completion: dialect.writeProposal(mode, {
          program: proposed.program,
          inputs: [proposed.input],
          message: '',
          thought: '',
        }),
      };
    }
    case 'inputs': {
      if (pairs.length < inputs) return null;
      const chosen = draws.distinct(pairs.length, inputs).map((index) => pairs[index][0]);
      return {
        prompt: dialect.propose({ mode: 'induction', program, inputs }),
        completion: dialect.writeProposal('induction', {
          program: '',
          inputs: chosen,
          message: '',
          thought: '',
        }),
      };
    }
    default:
      return kind satisfies never;
  }
}

/** Half of the time the last reference goes one step further; else something new, next to other things or to nothing. */
function proposal(material: Material, draws: Draws, another: () => Material) {
  const own = { program: material.program, input: material.pairs[0][0] };
  const others = Array.from({ length: draws.below(3) }, () => referenceTo(another()));
  if (!material.next || draws.chance(0.5)) return { references: others, proposed: own };
  return { references: [...others.slice(1), referenceTo(material)], proposed: material.next };
}

/** A dialect shows no more of an earlier task than its program and pairs. */
const referenceTo = ({ program, pairs }: Material) => ({ program, pairs: [pairs[0]] }) as unknown as Task;

/** As one sequence, of which what is written counts. */
export function datumOf({ prompt, completion }: Lesson, { tokenizer }: WritingDialect): Datum {
  const read = tokenizer.encode(prompt);
  const written = tokenizer.encode(completion);
  const whole = new Int32Array(read.length + written.length);
  whole.set(read);
  whole.set(written, read.length);
  const weights = new Float32Array(whole.length - 1).fill(1, read.length - 1);
  return { tokens: whole.slice(0, -1), targets: whole.slice(1), weights };
}
