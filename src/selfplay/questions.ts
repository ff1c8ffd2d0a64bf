/**
 * @file What a solver is asked about a task, and whether its answer is right. Both know the same border: the shown half of an
 * induction task's pairs is in the question, and only the hidden half decides.
 */

import type { Control, Executor, Question } from '../sandbox/executor';
import type { Judged, Pair, Task } from '../store/records';
import type { SolverQuestion } from './dialect';

/** What of a task has to do with solving it. */
export type Solvable = Pick<Task, 'mode' | 'program' | 'pairs' | 'message'>;
export type JudgedAnswer = Extract<Judged, { kind: 'answer' }>;

export function questionOf({ mode, program, pairs, message }: Solvable): SolverQuestion {
  switch (mode) {
    case 'deduction':
    case 'error':
      return { mode, program, input: pairs[0][0] };
    case 'abduction':
      return { mode, program, output: pairs[0][1] };
    case 'induction':
      return { mode, shown: pairs.slice(0, shownOf(pairs)), message };
    default:
      return mode satisfies never;
  }
}

/** The answer that is known: an abduction may have others. */
export function goldAnswer({ mode, program, pairs }: Solvable): string {
  switch (mode) {
    case 'deduction':
    case 'error':
      return pairs[0][1];
    case 'abduction':
      return pairs[0][0];
    case 'induction':
      return program;
    default:
      return mode satisfies never;
  }
}

/** Throws only what the Executor throws; whatever is wrong with an answer is part of the result. */
export async function judgeAnswer(
  executor: Executor,
  task: Solvable,
  answer: string,
  control?: Control,
): Promise<JudgedAnswer> {
  const { mode, program, pairs } = task;
  const gold = pairs[0][1];
  switch (mode) {
    case 'deduction':
      return asked(executor, { mode, gold, answer }, control);
    case 'abduction':
      return asked(executor, { mode, program, gold, answer }, control);
    case 'induction':
      return asked(executor, { mode, pairs: pairs.slice(shownOf(pairs)), answer }, control);
    case 'error':
      // A name and no value: there is nothing to run or to parse.
      return { kind: 'answer', verdict: 'ok', reason: null, correct: unquoted(answer) === gold, right: null };
    default:
      return mode satisfies never;
  }
}

/** The first half; of an odd number the smaller one, so that there is always something hidden to judge by. */
const shownOf = (pairs: readonly Pair[]): number => Math.floor(pairs.length / 2);

async function asked(executor: Executor, question: Question, control?: Control): Promise<JudgedAnswer> {
  const judgement = await executor.judge(question, control);
  const reason = judgement.verdict === 'ok' ? null : judgement.reason;
  const { verdict, correct, right = null } = judgement;
  return { kind: 'answer', verdict, reason, correct, right };
}

/** "ValueError" is the name ValueError too. */
function unquoted(answer: string): string {
  const text = answer.trim();
  const quoted = /^(['"])(.*)\1$/s.exec(text);
  return quoted ? quoted[2].trim() : text;
}
