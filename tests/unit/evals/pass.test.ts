/** Estimates and intervals against what they are by definition, and against figures that were computed with exact fractions. */
import { describe, expect, it } from 'vitest';
import { interval, passAtK, wilson } from '../../../src/evals/pass';

/** By definition: of all choices of k answers, the share that holds one of the c right ones. */
function byCounting(n: number, c: number, k: number): number {
  let all = 0;
  let good = 0;
  for (let choice = 0; choice < 2 ** n; choice++) {
    const chosen = [...choice.toString(2).padStart(n, '0')].flatMap((bit, index) =>
      bit === '1' ? [index] : [],
    );
    if (chosen.length !== k) continue;
    all++;
    if (chosen.some((index) => index < c)) good++;
  }
  return good / all;
}

describe('pass@k', () => {
  it('is the share of choices that hold a right answer', () => {
    for (let n = 1; n <= 7; n++) {
      for (let c = 0; c <= n; c++) {
        for (let k = 1; k <= n; k++) {
          expect(passAtK(n, c, k), `${n} ${c} ${k}`).toBeCloseTo(byCounting(n, c, k), 12);
        }
      }
    }
  });

  // 1 - C(n-c, k) / C(n, k) with Python's fractions and math.comb.
  it.each([
    [200, 10, 100, 0.9992289739372822],
    [200, 3, 10, 0.1433074463225217],
    [1000, 999, 1, 0.999],
    [64, 1, 32, 0.5],
    [10_000, 50, 100, 0.3957445776432892],
    [1_000_000, 1, 100_000, 0.1],
    [1_000_000, 100_000, 1, 0.1],
    [1_000_000, 0, 1_000_000, 0],
    [1_000_000, 1, 1_000_000, 1],
  ])('of %i answers with %i right, at %i, is %f', (n, c, k, expected) => {
    expect(passAtK(n, c, k)).toBeCloseTo(expected, 12);
  });

  it.each([
    [5, 6, 1],
    [5, -1, 1],
    [5, 1, 0],
    [5, 1, 6],
    [5, 1, 1.5],
    [0, 0, 1],
  ])('of %i answers with %i right cannot be told at %f', (n, c, k) => {
    expect(() => passAtK(n, c, k)).toThrow(RangeError);
  });
});

describe("Wilson's interval", () => {
  // The roots of (s/n - p)^2 = 1.96^2 p(1-p)/n, by bisection in Python.
  it.each([
    [5, 10, 0.23658959361548726, 0.7634104063845127],
    [1, 3, 0.0614903152761605, 0.792345044873512],
    [800, 1000, 0.7740805389094014, 0.8236233219387642],
    [29, 30, 0.8332924860304112, 0.9940915620051426],
  ])('of %i in %i', (successes, trials, low, high) => {
    const bounds = wilson(successes, trials);
    expect(bounds[0]).toBeCloseTo(low, 12);
    expect(bounds[1]).toBeCloseTo(high, 12);
  });

  it('ends where it must', () => {
    const squared = 1.96 ** 2;
    expect(wilson(0, 10)).toEqual([0, expect.closeTo(squared / (10 + squared), 12)]);
    expect(wilson(10, 10)).toEqual([expect.closeTo(10 / (10 + squared), 12), 1]);
    expect(wilson(0, 0)).toEqual([0, 1]);
    expect(wilson(3, 7, 0)).toEqual([3 / 7, 3 / 7]);
  });
});

describe('the interval over tasks', () => {
  it('is that of the binomial where tasks are right or wrong', () => {
    // Of Binomial(50, 1/2): P(X <= 17) = 0.0164 and P(X <= 18) = 0.0325, so the quantiles are 18 and 32.
    const rates = Array.from({ length: 50 }, (_, index) => index % 2);
    for (const seed of [1, 2, 3]) expect(interval(rates, seed)).toEqual([18 / 50, 32 / 50]);
  });

  it('narrows with the root of the tasks, and covers 1.96 standard errors on each side', () => {
    const rates = (count: number) => Array.from({ length: count }, (_, index) => (index % 8) / 8);
    for (const count of [64, 1024]) {
      const [low, high] = interval(rates(count), 7);
      const error = Math.sqrt(63 / 12 / 64 / count); // of eight steps of an eighth
      expect(low).toBeCloseTo(7 / 16 - 1.96 * error, count > 100 ? 2 : 1);
      expect((high - low) / (2 * 1.96 * error)).toBeGreaterThan(0.93);
      expect((high - low) / (2 * 1.96 * error)).toBeLessThan(1.07);
    }
  });

  it('is wider than if answers to one task were independent', () => {
    // Ten tasks, eight answers each, all alike within a task.
    const [low, high] = interval([1, 1, 1, 1, 1, 0, 0, 0, 0, 0], 1);
    const [lowest, highest] = wilson(40, 80);
    expect(high - low).toBeGreaterThan(2 * (highest - lowest));
  });

  it('is the same for the same seed, and is about to be for another', () => {
    const rates = [0.1, 0.7, 0.3, 0.9, 0.2, 0.55];
    expect(interval(rates, 5)).toEqual(interval(rates, 5));
    expect(interval(rates, 6)).not.toEqual(interval(rates, 5));
    expect(interval(rates, 6)[0]).toBeCloseTo(interval(rates, 5)[0], 1);
  });

  it('of nothing says nothing', () => {
    expect(interval([], 1)).toEqual([0, 1]);
    expect(interval([0.25], 1)).toEqual([0.25, 0.25]);
  });
});
