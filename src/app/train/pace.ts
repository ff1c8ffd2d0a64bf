/** @file How long a run has played, and how long a step takes lately: a mean over some steps, since those with a test take longer. */

import type { RunSeries } from '../state/series';

const lately = 20;

/** In seconds; `perStep` is null while nothing has been played. */
export function pace(series: RunSeries): { elapsed: number; perStep: number | null } {
  const times = series.column('timing_s/step');
  const steps = series.steps;
  let elapsed = 0;
  let [sum, count] = [0, 0];
  for (let at = times.length - 1; at >= 0; at--) {
    if (Number.isNaN(times[at])) continue;
    elapsed += times[at];
    // Step 0 makes seeds: it is no step like the others.
    if (count < lately && steps[at] > 0) {
      sum += times[at];
      count++;
    }
  }
  return { elapsed, perStep: count > 0 ? sum / count : null };
}
