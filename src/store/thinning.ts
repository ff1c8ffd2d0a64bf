/**
 * @file Which checkpoints stay. Weights are by far the largest thing that a run leaves behind, so old ones go, by a rule that is
 * short enough to be shown: the newest few, and of every so many steps the first.
 */

import type { CheckpointRule } from './store';

export const defaultRule: CheckpointRule = { newest: 2, every: 50 };

/**
 * The steps whose checkpoints go. The first of a stretch of steps never changes as a run grows, so what was kept once for its
 * stretch stays; and the newest one always stays, whatever the rule says.
 */
export function thinned(steps: readonly number[], { newest, every }: CheckpointRule): number[] {
  const ordered = [...steps].sort((a, b) => a - b);
  const kept = new Set(ordered.slice(-Math.max(1, newest)));
  if (every > 0) {
    const stretches = new Set<number>();
    for (const step of ordered) {
      const stretch = Math.floor(step / every);
      if (!stretches.has(stretch)) kept.add(step);
      stretches.add(stretch);
    }
  }
  return ordered.filter((step) => !kept.has(step));
}

/** For people. */
export function describeRule({ newest, every }: CheckpointRule): string {
  const few = Math.max(1, newest);
  const latest = few === 1 ? 'The newest checkpoint is kept' : `The newest ${few} checkpoints are kept`;
  if (every <= 0) return `${latest}.`;
  return every === 1 ? 'Every checkpoint is kept.' : `${latest}, and the first one of every ${every} steps.`;
}
