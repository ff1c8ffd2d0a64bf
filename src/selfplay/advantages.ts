/**
 * @file How much better a completion was than could be expected: what the policy loss weighs it with. The default compares it
 * with the completions of the same mode and role in the batch (the original's "task-relative" REINFORCE++), with one vote for
 * each completion; the original's own count gives one vote to each token, which lets a single runaway decide.
 */

import type { Mode, Role } from '../store/records';
import type { Settings } from './config';

export interface Scored {
  mode: Mode;
  role: Role;
  /** Attempts with the same group share a prompt. */
  group: number;
  reward: number;
  /** Length of the completion. */
  tokens: number;
}

export type AdvantageSettings = Settings<
  'advantage.baseline' | 'advantage.level' | 'advantage.floor' | 'advantage.negative'
>;

/**
 * One for each completion, in their order. Always finite; 0 where there is nothing to compare with. What pushes away may count less
 * than what draws near: there are many ways of being wrong, and a tiny model that is driven from one may end up anywhere.
 */
export function advantages(scored: readonly Scored[], settings: AdvantageSettings): number[] {
  const negative = settings['advantage.negative'];
  return compared(scored, settings).map((value) => (value < 0 ? value * negative || 0 : value));
}

function compared(scored: readonly Scored[], settings: AdvantageSettings): number[] {
  for (const { reward } of scored) {
    if (!Number.isFinite(reward)) throw new RangeError(`A reward is ${reward}: rewards must be numbers.`);
  }
  const baseline = settings['advantage.baseline'];
  if (baseline === 'none') return scored.map(({ reward }) => reward);
  const result = scored.map(() => 0);
  for (const members of parts(scored, baseline !== 'task-relative')) {
    const part = members.map((index) => scored[index]);
    const rewards = part.map(({ reward }) => reward);
    // Rounding would make something of nothing.
    if (rewards.every((reward) => reward === rewards[0])) continue;
    const weights = part.map(({ tokens }) => (settings['advantage.level'] === 'token' ? tokens : 1));
    const values =
      baseline === 'rloo'
        ? leaveOneOut(rewards, weights)
        : normalised(rewards, weights, settings['advantage.floor']);
    members.forEach((index, k) => {
      result[index] = Number.isFinite(values[k]) ? values[k] : 0;
    });
  }
  return result;
}

/**
 * Indices of what is compared with each other. Proposals have a prompt each, so that even where attempts are compared within
 * their groups, a proposal is compared with the others of its mode.
 */
function parts(scored: readonly Scored[], grouped: boolean): number[][] {
  const byName = new Map<string, number[]>();
  scored.forEach(({ mode, role, group }, index) => {
    const name = grouped && role === 'solve' ? `${mode} ${role} ${group}` : `${mode} ${role}`;
    const part = byName.get(name);
    if (part) part.push(index);
    else byName.set(name, [index]);
  });
  return [...byName.values()];
}

/** (reward - mean) / deviation, both weighted, the deviation unbiased and held above the floor. */
function normalised(rewards: readonly number[], weights: readonly number[], floor: number): number[] {
  const total = sum(weights);
  const mean = sum(rewards.map((reward, k) => weights[k] * reward)) / total;
  const variance = sum(rewards.map((reward, k) => weights[k] * (reward - mean) ** 2)) / (total - 1);
  // The original has the root of variance + 1e-8, which is this with a floor of 1e-4.
  const deviation = Math.sqrt(variance + floor ** 2);
  return rewards.map((reward) => (reward - mean) / deviation);
}

/** Reward minus the weighted mean of the others. */
function leaveOneOut(rewards: readonly number[], weights: readonly number[]): number[] {
  const total = sum(weights);
  const all = sum(rewards.map((reward, k) => weights[k] * reward));
  return rewards.map((reward, k) => reward - (all - weights[k] * reward) / (total - weights[k]));
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
