/**
 * @file The true thoughts of a step: what the sandbox's trace tells about a program and an input, in the words that a solver should
 * have found. A trace is asked for once, however many attempts are measured by it.
 */

import type { Executor, Trace } from '../sandbox/executor';
import type { Judged, Mode } from '../store/records';
import type { Config } from './config';
import type { Answer, Reading } from './dialect';
import type { Solvable } from './questions';
import { backwards, rightShare, writeScratchpad } from './scratchpad';

export class Truths {
  private readonly executor: Pick<Executor, 'trace'>;
  private readonly known = new Map<string, Promise<Trace>>();

  constructor(executor: Pick<Executor, 'trace'>) {
    this.executor = executor;
  }

  /** Null where there is no whole truth: the trace, or a value in it, was cut. */
  async about(program: string, input: string): Promise<string | null> {
    return writeScratchpad(await this.trace(program, input));
  }

  trace(program: string, input: string): Promise<Trace> {
    const name = JSON.stringify([program, input]);
    const before = this.known.get(name);
    if (before) return before;
    const trace = this.executor.trace(program, input);
    trace.catch(() => undefined); // thrown where it is waited for
    this.known.set(name, trace);
    return trace;
  }
}

/** What a solver of this task thinks if it is right: of an abduction, about the input that it gives, and from the end. */
export async function truthOf(truths: Truths, task: Solvable, answer: string): Promise<string | null> {
  if (task.mode !== 'abduction') return truths.about(task.program, task.pairs[0][0]);
  const truth = await truths.about(task.program, answer);
  return truth && backwards(truth);
}

const traced: ReadonlySet<Mode> = new Set(['deduction', 'abduction']);
/** Is there such a thing as the true thought about it? */
export const isTraced = (mode: Mode) => traced.has(mode);

/** The verdict, and how far the thought that led to it was true, if anything depends on that. */
export async function withTrace(
  config: Config,
  truths: Truths,
  task: Solvable,
  reading: Reading<Answer>,
  judged: Judged,
): Promise<Judged> {
  if (config['reward.trace'] === 'off' || !isTraced(task.mode)) return judged;
  if (judged.kind !== 'answer' || !judged.correct || !reading.format || !reading.parsed) return judged;
  const { answer, thought } = reading.parsed;
  const truth = await truthOf(truths, task, answer);
  return { ...judged, trace: truth === null ? null : rightShare(thought, truth) };
}
