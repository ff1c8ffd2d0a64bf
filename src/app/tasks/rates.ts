/** @file How well a task was solved over time, from the attempts at it. */

import type { Episode } from '../../store/records';
import { verdictOf } from '../replay/verdict';

export interface StepRate {
  step: number;
  right: number;
  attempts: number;
}

/** The oldest step first. */
export function ratesByStep(attempts: readonly Pick<Episode, 'step' | 'judged' | 'task'>[]): StepRate[] {
  const rates = new Map<number, StepRate>();
  for (const attempt of attempts) {
    const { step } = attempt;
    const rate = rates.get(step) ?? { step, right: 0, attempts: 0 };
    rate.attempts++;
    if (verdictOf(attempt) === 'right') rate.right++;
    rates.set(step, rate);
  }
  return [...rates.values()].sort((a, b) => a.step - b.step);
}
