/** @file One answer of a model: read, judged by Python, and told in words. */

import type { Executor } from '../../sandbox/executor';
import type { Speech } from '../../selfplay/dialect';
import { judgeAnswer, type Solvable } from '../../selfplay/questions';
import { rightShare } from '../../selfplay/scratchpad';
import { isTraced, type Truths, truthOf } from '../../selfplay/truths';
import { shownOf } from './question';
import { tellAnswer, tellThought, tellUnread } from './words';

export interface Sample {
  /** Null where nothing in it could be read. */
  answer: string | null;
  thought: string;
  completion: string;
  tokens: number;
  right: boolean;
  reason: string;
  /** How far its thought is the true one; null where that cannot be told. */
  trace: string | null;
}

export interface Judging {
  executor: Executor;
  truths: Truths;
  task: Solvable;
  dialect: Pick<Speech, 'parseAnswer'>;
  signal: AbortSignal;
}

/** `cut`: it was still writing when its room was used up. */
export async function judgeSample(
  { executor, truths, task, dialect, signal }: Judging,
  completion: string,
  cut: boolean,
): Promise<Omit<Sample, 'tokens'>> {
  const reading = await dialect.parseAnswer(task.mode, completion);
  if (!reading.parsed)
    return { answer: null, thought: '', completion, trace: null, ...tellUnread(reading.reason, cut) };
  const { answer, thought } = reading.parsed;
  const judged = await judgeAnswer(executor, task, answer, { signal });
  const runs = judged.correct || judged.verdict !== 'ok' ? [] : await runsOf(executor, task, answer, signal);
  const told = tellAnswer(task, judged, runs);
  // Of a wrong abduction the true thought would be about another output than the one that was asked for.
  const tells = isTraced(task.mode) && thought !== '' && (judged.correct || task.mode === 'deduction');
  const truth = tells ? await truthOf(truths, task, answer) : null;
  const trace = truth === null ? null : tellThought(rightShare(thought, truth));
  if (reading.format) return { answer, thought, completion, trace, ...told };
  const reason = told.right ? 'Its answer is right, but it did not keep to the form.' : told.reason;
  return { answer, thought, completion, trace, right: false, reason };
}

/** What a wrong answer does, to tell why it is wrong. */
function runsOf(executor: Executor, task: Solvable, answer: string, signal: AbortSignal) {
  switch (task.mode) {
    case 'abduction':
      return executor.run(task.program, [answer], { signal });
    case 'induction': {
      const hidden = task.pairs.slice(shownOf(task.pairs)).map(([input]) => input);
      return executor.run(answer, hidden, { signal });
    }
    default:
      return [];
  }
}
