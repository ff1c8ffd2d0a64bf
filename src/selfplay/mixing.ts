/**
 * @file Which tasks are drawn from the buffers: as references for the proposer, as programs for induction, and for the solver
 * to train on. Lists come oldest first; what is drawn follows from the `Draws` alone.
 */

import type { Task } from '../store/records';
import type { Settings } from './config';
import { effortOf, workOf } from './effort';
import type { Draws } from './random';

/** All that matters here of a task. */
export interface Dated {
  /** The step that made it; 0 for seeds. */
  step: number;
}

/** Different tasks to show to the proposer: as many as asked for, or all there are. */
export function drawReferences<T extends Dated & Pick<Task, 'program' | 'solveRate' | 'effort'>>(
  tasks: readonly T[],
  settings: Settings<'references' | 'references.sampling'>,
  draws: Draws,
): T[] {
  const count = Math.min(settings.references, tasks.length);
  const weighted = (weightOf: (task: T) => number) =>
    draws.weightedDistinct(count ? tasks.map(weightOf) : [], count);
  const indices = {
    uniform: () => draws.distinct(tasks.length, count),
    step: () => weighted(({ step }) => step + 1),
    frontier: () => weighted(({ solveRate }) => frontierWeight(solveRate)),
    unmastered: () => weighted(({ solveRate }) => (solveRate === 1 ? 0.2 : 1)),
    effort: () => tournaments(tasks, count, draws),
  }[settings['references.sampling']]();
  return indices.map((index) => tasks[index]);
}

/** The hardest of each three, which gives no task more than three times its even share: a few ancestors cannot have all the children. */
function tournaments<T extends Pick<Task, 'program' | 'effort'>>(
  tasks: readonly T[],
  count: number,
  draws: Draws,
): number[] {
  const hardness = (index: number) => workOf(tasks[index].program, effortOf(tasks[index]));
  const left = tasks.map((_, index) => index);
  return Array.from({ length: count }, () => {
    const places = draws.distinct(left.length, 3);
    const place = places.reduce((best, each) => (hardness(left[each]) > hardness(left[best]) ? each : best));
    return left.splice(place, 1)[0];
  });
}

/** Tasks that are solved now and then lead on to others at the edge of what can be done; what nobody solves leads nowhere yet. */
export function frontierWeight(solveRate: number | null): number {
  if (solveRate === null) return 1;
  if (solveRate <= 0) return 0.3;
  if (solveRate <= 0.7) return 3;
  return solveRate <= 0.9 ? 1.2 : 0.4;
}

/**
 * Different tasks that a step is taught: new ones (of this step) up to their share, the rest from before; each as often as its weight.
 * Where there are not enough of one kind, the other fills up.
 */
export function drawLessons<T extends Dated>(
  tasks: readonly T[],
  step: number,
  count: number,
  settings: Settings<'hindsight.new'>,
  weightOf: (task: T) => number,
  draws: Draws,
): T[] {
  const fresh = tasks.filter((task) => task.step >= step);
  const before = tasks.filter((task) => task.step < step);
  const share = Math.floor(count * settings['hindsight.new']);
  const ofFresh = Math.min(fresh.length, Math.max(share, count - before.length));
  const drawn = (from: readonly T[], some: number) =>
    draws.weightedDistinct(some > 0 ? from.map(weightOf) : [], some).map((index) => from[index]);
  return [...drawn(fresh, ofFresh), ...drawn(before, count - ofFresh)];
}

/** Tasks whose programs induction is about: from all that are there, and a task may come again. */
export function drawPrograms<T>(buffers: readonly (readonly T[])[], count: number, draws: Draws): T[] {
  const tasks = buffers.flat();
  return tasks.length ? Array.from({ length: count }, () => tasks[draws.below(tasks.length)]) : [];
}

/**
 * `count` tasks for the solver in this step, by solve.mix. Never fewer while there is any task: what new tasks do not fill is
 * drawn from the whole buffer (new ones included, as in the original), and from the start again once that is used up.
 */
export function drawTasks<T extends Dated>(
  tasks: readonly T[],
  count: number,
  step: number,
  settings: Settings<'solve.mix' | 'solve.window' | 'solve.when'>,
  draws: Draws,
): T[] {
  if (!tasks.length) return [];
  const mix = settings['solve.mix'];
  if (mix === 'step') {
    const weights = tasks.map((task) => task.step);
    // Seeds have no weight; with nothing but seeds they are all alike.
    if (weights.some((weight) => weight > 0)) {
      return Array.from({ length: count }, () => tasks[draws.weighted(weights)]);
    }
  }
  const since = newSince(step, settings);
  const fresh = mix === 'max-new' || mix === 'half-new' ? tasks.filter((task) => task.step >= since) : [];
  const wanted = mix === 'half-new' ? Math.floor(count / 2) : count;
  const drawn = draws.distinct(fresh.length, wanted).map((index) => fresh[index]);
  return fill(drawn, tasks, count, draws);
}

/** The first step whose tasks count as new. */
export function newSince(step: number, settings: Settings<'solve.window' | 'solve.when'>): number {
  // Where a step solves its own tasks, a window of one step holds just those.
  return step - settings['solve.window'] + (settings['solve.when'] === 'same-step' ? 1 : 0);
}

/** For what had to be dropped, a too long prompt for instance: others of the kind come again until there are `count`. */
export function refill<T>(kept: readonly T[], count: number, draws: Draws): T[] {
  return fill([...kept], kept, count, draws);
}

function fill<T>(drawn: T[], from: readonly T[], count: number, draws: Draws): T[] {
  while (from.length && drawn.length < count) {
    for (const index of draws.distinct(from.length, count - drawn.length)) drawn.push(from[index]);
  }
  return drawn;
}
