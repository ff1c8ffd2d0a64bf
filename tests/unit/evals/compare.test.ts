/** Two models on the same tasks: by counting, by hand, and by what chance would do. */
import { describe, expect, it } from 'vitest';
import { compare, signTest } from '../../../src/evals/compare';
import type { Detail } from '../../../src/evals/evaluate';
import { interval, wilson } from '../../../src/evals/pass';

/** "+" is right and exact, "~" only right, "-" neither. */
const details = (outcomes: string, change: Partial<Detail> = {}): Detail[] =>
  [...outcomes].map((outcome, n) => ({
    id: `${change.mode}-${change.level}-${n}`,
    mode: 'deduction',
    level: null,
    right: outcome === '-' ? 0 : 1,
    exact: outcome === '+' ? 1 : 0,
    ...change,
  }));
const right = (a: string, b: string) => compare(details(a), details(b))[0];

describe('the sign test', () => {
  it.each([
    [0, 0, 1],
    [1, 0, 1],
    [5, 0, 2 / 32],
    [0, 5, 2 / 32],
    [4, 1, (2 * 6) / 32],
    [3, 2, 1],
    [10, 2, (2 * (1 + 12 + 66)) / 4096],
  ])('of %i better and %i worse', (better, worse, p) => {
    expect(signTest(better, worse)).toBeCloseTo(p, 12);
  });

  it('holds for thousands', () => {
    // The normal approximation, with continuity correction: z = (2100 - 2000 - 0.5) / sqrt(1000).
    expect(signTest(2100, 1900)).toBeCloseTo(0.00165, 4);
    expect(signTest(3500, 100)).toBeGreaterThanOrEqual(0);
    expect(signTest(3500, 100)).toBeLessThan(1e-300);
  });
});

describe('a comparison', () => {
  it('is of one task at a time', () => {
    expect(right('++--', '-+++')).toMatchObject({
      ...{ of: 'right', mode: 'deduction', level: null, n: 4, a: 0.5, b: 0.75, difference: 0.25 },
      ...{ better: 2, worse: 1, p: 1 },
    });
  });

  it('finds by its id what comes in another order', () => {
    const [a, b] = [details('+-'), details('+-').reverse()];
    expect(compare(a, b)[0]).toMatchObject({ difference: 0, better: 0, worse: 0 });
  });

  it('is by what is right and by what is exact, by mode and by level, and never of what is not there', () => {
    const made = (outcomes: string) => [
      ...details(outcomes, { level: 2 }),
      ...details(outcomes, { level: 1 }),
      ...details(outcomes, { mode: 'induction', level: 1, exact: null }),
    ];
    expect(
      compare(made('+~'), made('-+')).map(({ of, mode, level, n, difference }) => [
        of,
        mode,
        level,
        n,
        difference,
      ]),
    ).toEqual([
      ['right', 'deduction', 1, 2, -0.5],
      ['right', 'deduction', 2, 2, -0.5],
      ['right', 'deduction', null, 4, -0.5],
      ['right', 'induction', 1, 2, -0.5],
      ['right', 'induction', null, 2, -0.5],
      ['exact', 'deduction', 1, 2, 0],
      ['exact', 'deduction', 2, 2, 0],
      ['exact', 'deduction', null, 4, 0],
    ]);
  });

  it('is as sure as drawing tasks again makes it', () => {
    const { low, high } = right('+-+-+-+-', '+++-++--');
    expect([low, high]).toEqual(interval([0, 1, 0, 0, 0, 1, -1, 0], 0));
  });

  it.each([
    ['where nothing changes', '+-+-', '+-+-', 0],
    ['where all do', '----', '++++', 1],
  ])('is not certain %s', (_, a, b, difference) => {
    const unseen = wilson(0, 4)[1];
    const { low, high } = right(a, b);
    expect([low, high]).toEqual([difference - unseen, Math.min(1, difference + unseen)]);
  });

  it.each([
    ['+', '++'],
    ['++', '+'],
  ])('wants the same tasks: %s and %s', (a, b) => {
    expect(() => compare(details(a), details(b))).toThrow('Only answers to the same tasks can be compared.');
  });

  it('wants them by their ids', () => {
    expect(() => compare(details('+', { id: 'a' }), details('+', { id: 'b' }))).toThrow('the same tasks');
  });
});
