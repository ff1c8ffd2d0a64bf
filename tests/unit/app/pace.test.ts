/** How long a run has played, and how long a step takes lately. */
import { describe, expect, it } from 'vitest';
import { RunSeries } from '../../../src/app/state/series';
import { pace } from '../../../src/app/train/pace';

const played = (...seconds: number[]) => {
  const series = new RunSeries();
  seconds.forEach((time, step) => {
    series.add(step, { 'timing_s/step': time });
  });
  return series;
};

describe('pace', () => {
  it('is unknown before anything was played', () => {
    expect(pace(new RunSeries())).toEqual({ elapsed: 0, perStep: null });
  });

  it('counts the making of seeds as time, and not as a step', () => {
    expect(pace(played(60))).toEqual({ elapsed: 60, perStep: null });
    expect(pace(played(60, 2, 4))).toEqual({ elapsed: 66, perStep: 3 });
  });

  it('follows a machine that became faster, over the last twenty steps', () => {
    const steps = [...Array(30).fill(10), ...Array(20).fill(2)];
    expect(pace(played(0, ...steps)).perStep).toBe(2);
  });

  it('passes over steps that do not say how long they took', () => {
    const series = played(0, 4);
    series.add(2, { reward: 1 });
    series.add(3, { 'timing_s/step': 6 });
    expect(pace(series)).toEqual({ elapsed: 10, perStep: 5 });
  });
});
