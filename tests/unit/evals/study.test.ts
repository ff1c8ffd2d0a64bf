/**
 * What a study tells: every mode and level alike, seeds averaged task by task, and gains with intervals over tasks.
 */
import { describe, expect, it } from 'vitest';
import type { Detail } from '../../../src/evals/evaluate';
import { gain, Scores } from '../../../src/evals/study';
import type { Mode } from '../../../src/store/records';

/** Of each task in turn, right (1), wrong (0), or right with a wrong trace (g). */
const details = (mode: Mode, level: number, results: string): Detail[] =>
  [...results].map((result, i) => ({
    id: `${mode}-${level}-${i}`,
    mode,
    level,
    right: result === '0' ? 0 : 1,
    exact: mode === 'induction' ? null : Number(result === '1'),
  }));

const scores = (...some: [Mode, number, string][]) => Scores.of(some.flatMap((each) => details(...each)));

describe('a score', () => {
  it('is the share of exact answers, and of right ones where there are no traces', () => {
    const run = scores(['deduction', 1, '11g0'], ['induction', 4, '1000']);
    expect([run.at('deduction', 1), run.at('induction', 4), run.at('abduction', 1)]).toEqual([
      0.5,
      0.25,
      null,
    ]);
  });

  it('of several answers to a task is the share of those that count, or whether any does', () => {
    const answers = [0, 0.25, 1].map((exact, i): Detail => {
      return { id: String(i), mode: 'deduction', level: 1, right: 1, exact };
    });
    expect([...Scores.of(answers).cells[0].scores.values()]).toEqual([0, 0.25, 1]);
    expect([...Scores.of(answers, 'any').cells[0].scores.values()]).toEqual([0, 1, 1]);
  });

  it('counts every mode and level alike, however many tasks they have', () => {
    expect(scores(['deduction', 1, '1111111111'], ['deduction', 2, '0']).mean).toBe(0.5);
    expect(scores(['deduction', 1, '1'], ['deduction', 4, '01']).from(4).mean).toBe(0.5);
  });

  it('of several seeds is their mean, task by task', () => {
    const mean = Scores.mean([scores(['deduction', 1, '1100']), scores(['deduction', 1, '1010'])]);
    expect([...mean.cells[0].scores.values()]).toEqual([1, 0.5, 0.5, 0]);
  });
});

describe('a gain', () => {
  it('is certain where every task says so, and open where tasks disagree', () => {
    const [none, all] = ['0'.repeat(40), '1'.repeat(40)];
    const before = scores(['deduction', 1, none]);
    expect(gain(before, scores(['deduction', 1, all]))).toEqual({ difference: 1, low: 1, high: 1 });
    const half = gain(before, scores(['deduction', 1, '01'.repeat(20)]));
    expect(half.difference).toBe(0.5);
    // Two deviations of a mean of 40 coins are 0.158.
    expect(half.low).toBeGreaterThan(0.3);
    expect(half.low).toBeLessThan(0.38);
    expect(half.high).toBeGreaterThan(0.62);
    expect(half.high).toBeLessThan(0.7);
  });

  it('is narrower than that of two unpaired runs', () => {
    const before = scores(['abduction', 3, '0001'.repeat(25)]);
    const after = scores(['abduction', 3, '0011'.repeat(25)]);
    const { difference, low, high } = gain(before, after);
    expect(difference).toBe(0.25);
    expect(high - low).toBeLessThan(0.2); // unpaired: about 0.26
  });

  it('is not told of different tasks', () => {
    expect(() => gain(scores(['deduction', 1, '11']), scores(['deduction', 1, '1']))).toThrow(
      'Only answers to the same tasks can be compared: deduction-1-1 is missing.',
    );
  });
});
