/**
 * @file Which of its tasks a run is taught, and about which of their inputs: all alike, the long ones more often, or those at the edge
 * of what is solved by now. Every mode has an edge of its own: what is easy to follow forwards may be out of reach backwards.
 */

import type { Pair, Task } from '../store/records';
import type { Config } from './config';
import { effortOf, effortOfRun, workOf } from './effort';
import { frontierWeight } from './mixing';
import type { Draws } from './random';

/** All that matters here of a call: whose it is, and the calls and loop passes that it takes. */
type Call = Pick<Task, 'program'> & { effort: number | undefined };

export type Weighing = (call: Call) => number;

/** Calls that are about equally hard: each class is up to twice as much work as the one before. */
const classOf = ({ program, effort }: Call) => Math.floor(Math.log2(workOf(program, effort)));

/** Of a mode: how much a call should count in the draw. `made` are the tasks that were made for this mode, oldest first. */
export function weighingOf(sampling: Config['hindsight.sampling'], made: readonly Task[]): Weighing {
  switch (sampling) {
    case 'uniform':
      return () => 1;
    case 'effort':
      // Roughly as its lesson is long: what runs straight through is told in a line or two as well.
      return ({ effort }) => 1 + effortOfRun(effort);
    case 'frontier': {
      const rates = ratesOf(made);
      return (call) => frontierWeight(rates.get(classOf(call)) ?? null);
    }
    default:
      return sampling satisfies never;
  }
}

/** Attempts that are looked back at: the model changes. */
const recent = 500;
/** Attempts from which a class's rate is known. */
const enough = 8;
/** What counts as never: a class has no rate of zero for ever. */
const never = 0.03;

/** How often tasks of a class were solved lately. */
function ratesOf(made: readonly Task[]): ReadonlyMap<number, number> {
  const classes = new Map<number, number[]>();
  for (const task of made.filter(({ solveRate }) => solveRate !== null).slice(-recent)) {
    const place = classOf({ program: task.program, effort: effortOf(task) });
    classes.set(place, [...(classes.get(place) ?? []), task.solveRate ?? 0]);
  }
  return new Map(
    [...classes].flatMap(([place, rates]) => {
      if (rates.length < enough) return [];
      const rate = rates.reduce((sum, each) => sum + each, 0) / rates.length;
      return [[place, rate < never ? 0 : rate] as const];
    }),
  );
}

// ---- Tasks and their pairs -------------------------------------------------------------------------------------------

/** Of a task with several inputs, as its best one. */
export const weightOf = ({ program, pairs, effort }: Task, weigh: Weighing) =>
  Math.max(...pairs.map((_, index) => weigh({ program, effort: effort?.[index] })));

/** Of the pairs of a task the one that is taught. */
export function drawPair(
  { program, pairs, effort }: Pick<Task, 'program' | 'pairs' | 'effort'>,
  weigh: Weighing,
  draws: Draws,
): Pair {
  return pairs[draws.weighted(pairs.map((_, index) => weigh({ program, effort: effort?.[index] })))];
}
