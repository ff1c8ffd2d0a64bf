/**
 * @file What a step tells the collapse watch, gathered from what the step left behind.
 */

import { type Episode, modes, roles, type Task } from '../store/records';
import type { Learned } from './learning';
import { type Observed, signsOf } from './watch';

export interface StepFacts {
  step: number;
  episodes: readonly Episode[];
  metrics: Readonly<Record<string, number>>;
  learned: Learned | null;
  heldOut: Readonly<Record<string, number>> | null;
  /** Tasks that are still there. */
  find(id: number): Task | undefined;
}

export function observedOf({ step, episodes, metrics, learned, heldOut, find }: StepFacts): Observed {
  const tasks = episodes.flatMap(({ task }) => (task === null ? [] : (find(task) ?? [])));
  return {
    step,
    entropy: learned?.entropy ?? null,
    distinct: metrics['gate/distinct'] ?? null,
    valid: metrics['gate/pass_rate'] ?? null,
    solveRates: episodes.flatMap(({ judged }) =>
      judged.kind === 'proposal' && judged.solveRate !== null ? [judged.solveRate] : [],
    ),
    heldOut: heldOut?.['heldout/accuracy'] ?? null,
    loss: learned?.loss ?? null,
    gradNorm: normOf(learned),
    applied: (learned?.skipped ?? 0) === 0,
    rewardSpread: spreads(episodes),
    signs: signsOf(episodes, new Map(tasks.map((task) => [task.id, task]))),
  };
}

/** Null also where gradients were applied whose norm nobody told. */
function normOf(learned: StepFacts['learned']): number | null {
  if (!learned) return null;
  return Number.isNaN(learned.gradNorm) && learned.skipped === 0 ? null : learned.gradNorm;
}

/** How far the rewards of each mode and role lie apart, of what was trained on. */
function spreads(episodes: readonly Episode[]): Observed['rewardSpread'] {
  const trained = episodes.filter(({ advantage }) => advantage !== null);
  return modes.flatMap((mode) =>
    roles.flatMap((role) => {
      const rewards = trained
        .filter((each) => each.mode === mode && each.role === role)
        .map(({ reward }) => reward);
      if (rewards.length === 0) return [];
      const mean = rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length;
      const square = rewards.reduce((sum, reward) => sum + (reward - mean) ** 2, 0) / rewards.length;
      return [{ mode, role, deviation: Math.sqrt(square), count: rewards.length }];
    }),
  );
}
