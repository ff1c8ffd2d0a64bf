/** Shares of clusters: by hand, and against average linkage done the slow and obvious way. */
import { describe, expect, it } from 'vitest';
import { Draws } from '../../../src/selfplay/random';
import { clusterShares, programLikeness } from '../../../src/selfplay/repetition';

const adds = 'def f(a):\n    return a + 1\n';
const renamed = 'def f(number):  # add one\n    return number + 1\n';
const loops =
  'def f(xs):\n    total = 0\n    for x in xs:\n        if x > 3:\n            total += x * x\n    return total\n';
const words = "def f(s):\n    return ' '.join(w.capitalize() for w in s.split(',')[::-1])\n";

describe('likeness', () => {
  it('does not see names, comments or layout', () => {
    expect(programLikeness(adds, renamed)).toBe(1);
    expect(programLikeness(adds, `\n\n${adds.replaceAll('    ', '\t')}`)).toBe(1);
  });

  it('sees everything else, the same both ways', () => {
    const near = programLikeness(loops, loops.replace('> 3', '< 4'));
    expect(near).toBeGreaterThan(0.7);
    expect(near).toBeLessThan(1);
    expect(programLikeness(loops, words)).toBeLessThan(0.4);
    expect(programLikeness(words, loops)).toBe(programLikeness(loops, words));
    expect(programLikeness('x.append(y)', 'x.extend(y)')).toBeLessThan(1);
    expect(programLikeness('len(x)', 'max(x)')).toBeLessThan(1);
    expect(programLikeness("'#' + a", "'#' + 1")).toBeLessThan(1);
    expect(programLikeness('', '')).toBe(1);
    expect(programLikeness('', 'a')).toBe(0);
  });
});

describe('shares', () => {
  it('are those of the cluster in the whole batch', () => {
    const batch = [adds, loops, renamed, null, words, adds, null, null];
    expect(clusterShares(batch, 0.5)).toEqual([3 / 8, 1 / 8, 3 / 8, 0, 1 / 8, 3 / 8, 0, 0]);
    expect(clusterShares([], 0.5)).toEqual([]);
    expect(clusterShares([null], 0.5)).toEqual([0]);
    expect(clusterShares([adds], 0.5)).toEqual([1]);
  });

  it('grow as the threshold falls', () => {
    const near = loops.replace('> 3', '< 4');
    expect(clusterShares([loops, near, words], 1)).toEqual([1 / 3, 1 / 3, 1 / 3]);
    expect(clusterShares([loops, near, words], 0.7)).toEqual([2 / 3, 2 / 3, 1 / 3]);
    expect(clusterShares([loops, near, words], 0.01)).toEqual([1, 1, 1]);
  });

  it('are those of average linkage, and do not depend on the order', () => {
    const draws = new Draws(5, 0, 'programs');
    const word = () => `.w${draws.below(60)}`;
    let [compared, joined] = [0, 0];
    for (let round = 0; round < 60; round++) {
      const bases = Array.from({ length: 3 }, () => Array.from({ length: 20 + draws.below(30) }, word));
      const batch = Array.from({ length: 2 + draws.below(14) }, () => {
        const slips = 0.4 * draws.unit();
        return bases[draws.below(3)].map((each) => (draws.chance(slips) ? word() : each)).join(' ');
      });
      for (const threshold of [0.3, 0.5, 0.8]) {
        const expected = slowShares(batch, threshold);
        if (!expected) continue;
        const shares = clusterShares(batch, threshold);
        expect(shares).toEqual(expected);
        compared++;
        if (new Set(shares).size > 1) joined++;
        const order = draws.distinct(batch.length, batch.length);
        const other = clusterShares(
          order.map((i) => batch[i]),
          threshold,
        );
        expect(other).toEqual(order.map((i) => shares[i]));
      }
    }
    expect(compared).toBeGreaterThan(60);
    expect(joined).toBeGreaterThan(30);
  });

  it('take little time for a large batch', () => {
    const draws = new Draws(6, 0, 'programs');
    const batch = Array.from({ length: 512 }, () =>
      Array.from({ length: 100 }, () => `.${draws.below(50)}`).join(' '),
    );
    const began = performance.now();
    clusterShares(batch, 0.5);
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});

/** Joins the most alike pair of clusters until none is alike enough. Null where two pairs tie, so that either may be next. */
function slowShares(batch: string[], threshold: number): number[] | null {
  let clusters = batch.map((_, i) => [i]);
  const likeness = batch.map((a) => batch.map((b) => programLikeness(a, b)));
  const between = (a: number[], b: number[]) =>
    a.flatMap((i) => b.map((j) => likeness[i][j])).reduce((x, y) => x + y, 0) / (a.length * b.length);
  for (;;) {
    const pairs = clusters
      .flatMap((a, i) => clusters.slice(0, i).map((b) => ({ a, b, like: between(a, b) })))
      .filter(({ like }) => like >= threshold)
      .sort((x, y) => y.like - x.like);
    if (!pairs.length) break;
    const [{ a, b, like }, next] = pairs;
    if (next && next.like > like - 1e-9) return null;
    clusters = [...clusters.filter((each) => each !== a && each !== b), [...a, ...b]];
  }
  return batch.map((_, i) => clusters.find((cluster) => cluster.includes(i))!.length / batch.length);
}
