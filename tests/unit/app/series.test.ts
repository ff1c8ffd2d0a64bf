/** The metrics of a run as columns. */
import { describe, expect, it } from 'vitest';
import { RunSeries } from '../../../src/app/state/series';

function series(...steps: [number, Record<string, number>][]): RunSeries {
  const made = new RunSeries();
  for (const [step, metrics] of steps) made.add(step, metrics);
  return made;
}

describe('the metrics of a run', () => {
  it('are columns, with NaN where a step has none', () => {
    const run = series([0, { a: 1 }], [1, { b: 2 }], [2, { a: 3, b: 4 }]);
    expect([...run.steps]).toEqual([0, 1, 2]);
    expect([...run.column('a')]).toEqual([1, Number.NaN, 3]);
    expect([...run.column('b')]).toEqual([Number.NaN, 2, 4]);
    expect([...run.column('never')]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });

  it('know which there are, and the newest value of each', () => {
    const run = series([0, { a: 1 }], [1, { b: 2 }]);
    expect(run.names).toEqual(['a', 'b']);
    expect(run.width).toBe(2);
    expect(run.has('a')).toBe(true);
    expect(run.has('c')).toBe(false);
    expect(run.latest('a')).toBe(1);
    expect(run.latest('c')).toBeUndefined();
  });

  it('have room for long runs', () => {
    const run = new RunSeries();
    for (let step = 0; step < 10_000; step++) run.add(step, { a: step, ...(step === 5000 && { late: 1 }) });
    expect(run.length).toBe(10_000);
    expect(run.column('a')[9999]).toBe(9999);
    expect(run.column('late').indexOf(1)).toBe(5000);
    expect(run.latest('late')).toBe(1);
  });

  it('put a step that is played again in the place of what was there', () => {
    const run = series([0, { a: 0 }], [1, { a: 1 }], [2, { a: 2, b: 2 }]);
    expect(run.rewinds).toBe(0);
    run.add(1, { a: 10 });
    expect([...run.steps]).toEqual([0, 1]);
    expect([...run.column('a')]).toEqual([0, 10]);
    expect([...run.column('b')]).toEqual([Number.NaN, Number.NaN]);
    expect(run.rewinds).toBe(1);
    run.add(2, { a: 20 });
    expect([...run.column('b')]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect(run.rewinds).toBe(1);
  });

  it('tell whether some of them have grown', () => {
    const run = series([0, { a: 1, test: 1 }], [1, { a: 1 }]);
    expect(run.grewSince(1, ['a'])).toBe(true);
    expect(run.grewSince(1, ['test'])).toBe(false);
    expect(run.grewSince(2, ['a'])).toBe(false);
    expect(run.grewSince(0, ['test', 'never'])).toBe(true);
  });
});
