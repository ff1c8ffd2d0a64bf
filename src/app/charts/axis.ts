/** @file What charts go along: steps, the time that they took, or the tokens that were written. */

import type { RunSeries } from '../state/series';

export const axes = ['steps', 'time', 'tokens'] as const;
export type Axis = (typeof axes)[number];

interface Known {
  length: number;
  rewinds: number;
  values: Float64Array;
}
/** All charts ask the same, and the cursor asks at every move. */
const known: Record<'time' | 'tokens', WeakMap<RunSeries, Known>> = {
  time: new WeakMap(),
  tokens: new WeakMap(),
};

/** Never falls. Time in seconds, without pauses. */
export function xOf(series: RunSeries, axis: Axis): Float64Array {
  if (axis === 'steps') return series.steps;
  const before = known[axis].get(series);
  if (before && before.length === series.length && before.rewinds === series.rewinds) return before.values;
  const values = axis === 'time' ? timeOf(series) : tokensOf(series);
  known[axis].set(series, { length: series.length, rewinds: series.rewinds, values });
  return values;
}

function timeOf(series: RunSeries): Float64Array {
  const steps = series.column('timing_s/step');
  const stores = series.column('timing_s/store');
  let total = 0;
  return steps.map((seconds, at) => {
    total += (seconds || 0) + (stores[at] || 0);
    return total;
  });
}

function tokensOf(series: RunSeries): Float64Array {
  let last = 0;
  return series.column('num_tokens').map((tokens) => {
    last = Math.max(last, tokens || 0);
    return last;
  });
}

/** The position of the last x up to this one; 0 if all are beyond it. */
export function positionOf(x: Float64Array, at: number): number {
  let low = 0;
  let high = x.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (x[middle] <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Of the two beside it. */
export function nearestPosition(x: Float64Array, at: number): number {
  const before = positionOf(x, at);
  return before + 1 < x.length && x[before + 1] - at < at - x[before] ? before + 1 : before;
}
