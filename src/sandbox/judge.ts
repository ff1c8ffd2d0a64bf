/**
 * @file Which answers are right, by value and without an interpreter. docs/SANDBOX.md has the table of what counts as equal.
 */

import type { Outcome } from './executor';
import { type LiteralLimits, parseValue } from './literal';
import { repr } from './repr';
import { equal, type Value } from './value';

/** A task whose gold answer cannot be read: the fault of whoever made the task, never of the one who answers it. */
export class GoldError extends Error {
  override name = 'GoldError';
}

/** `output` is the answer as Python would print it. */
export type Deduction =
  | { verdict: 'ok'; output: string; correct: boolean }
  | { verdict: 'syntax'; reason: string; correct: false };

/** Is this the value that the program gives? */
export function judgeDeduction(gold: string, answer: string, limits?: Partial<LiteralLimits>): Deduction {
  const expected = readGold(gold, limits);
  const parsed = parseValue(answer, limits);
  if (!parsed.ok) return { verdict: 'syntax', reason: parsed.reason, correct: false };
  return { verdict: 'ok', output: repr(parsed.value), correct: equal(expected, parsed.value) };
}

/** Did a run of a program give the gold answer? */
export function matches(gold: string, outcome: Outcome, limits?: Partial<LiteralLimits>): boolean {
  const expected = readGold(gold, limits);
  const parsed = outcome.verdict === 'ok' ? parseValue(outcome.output, limits) : null;
  return parsed?.ok === true && equal(expected, parsed.value);
}

/** Throws where no answer could be right. */
export function readGold(text: string, limits?: Partial<LiteralLimits>): Value {
  const parsed = parseValue(text, limits);
  if (parsed.ok) return parsed.value;
  throw new GoldError(
    `The gold answer is not a Python literal; make the task again from a run of its program. ${parsed.reason}`,
  );
}
