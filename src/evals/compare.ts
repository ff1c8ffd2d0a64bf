/**
 * @file Two models on the same tasks. Each task is its own control, so a difference shows with far fewer of them than two separate
 * accuracies would need.
 */

import { type Mode, modes } from '../store/records';
import type { Detail } from './evaluate';
import { type Interval, interval, wilson } from './pass';

export interface Comparison {
  /** What is compared: answers that count, or those that are exact as well. */
  of: 'right' | 'exact';
  mode: Mode;
  /** Null for all levels together. */
  level: number | null;
  /** Tasks. */
  n: number;
  a: number;
  b: number;
  /** b less a, with its 95 % interval over tasks. */
  difference: number;
  low: number;
  high: number;
  /** Tasks on which b does better, or worse. */
  better: number;
  worse: number;
  /** Chance that a coin would part those tasks as unevenly. */
  p: number;
}

/** For each mode, its levels and then all of them. Both must hold the same tasks. */
export function compare(a: readonly Detail[], b: readonly Detail[], seed = 0): Comparison[] {
  const other = new Map(b.map((detail) => [detail.id, detail]));
  if (a.length !== b.length || other.size !== b.length || !a.every(({ id }) => other.has(id)))
    throw new RangeError('Only answers to the same tasks can be compared.');
  const comparisons: Comparison[] = [];
  for (const of of ['right', 'exact'] as const) {
    for (const mode of modes) {
      const pairs = a.flatMap((own): Pair[] => {
        const [before, after] = [own[of], other.get(own.id)?.[of] ?? null];
        return own.mode === mode && before !== null && after !== null
          ? [{ level: own.level, before, after }]
          : [];
      });
      const levels = [...new Set(pairs.flatMap(({ level }) => level ?? []))].sort((x, y) => x - y);
      for (const level of [...levels, null]) {
        const some = level === null ? pairs : pairs.filter((pair) => pair.level === level);
        if (some.length > 0) comparisons.push({ of, mode, level, ...paired(some, seed) });
      }
    }
  }
  return comparisons;
}

interface Pair {
  level: number | null;
  before: number;
  after: number;
}

function paired(pairs: readonly Pair[], seed: number): Omit<Comparison, 'of' | 'mode' | 'level'> {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const differences = pairs.map(({ before, after }) => after - before);
  const better = differences.filter((difference) => difference > 0).length;
  const worse = differences.filter((difference) => difference < 0).length;
  const [low, high] = bounds(differences, seed);
  return {
    n: pairs.length,
    a: mean(pairs.map(({ before }) => before)),
    b: mean(pairs.map(({ after }) => after)),
    difference: mean(differences),
    low,
    high,
    better,
    worse,
    p: signTest(better, worse),
  };
}

/** Where every task says the same, drawing tasks again would seem to be certain: others, of which none was seen, may say otherwise. */
function bounds(differences: readonly number[], seed: number): Interval {
  const [first] = differences;
  if (differences.some((difference) => difference !== first)) return interval(differences, seed);
  const [, unseen] = wilson(0, differences.length);
  return [Math.max(-1, first - unseen), Math.min(1, first + unseen)];
}

/** Two-sided, exact: the chance of a split as uneven as this one, were each as likely to be better as worse. */
export function signTest(better: number, worse: number): number {
  const count = better + worse;
  // In logarithms: 2^-count is no number any more where there are thousands.
  let term = -count * Math.LN2;
  let tail = 0;
  for (let k = 0; k <= Math.min(better, worse); k++) {
    tail += Math.exp(term);
    term += Math.log((count - k) / (k + 1));
  }
  return Math.min(1, 2 * tail);
}
