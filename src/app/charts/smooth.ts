/** @file Smoothing: an exponential mean over about so many steps, which starts at the first value and not at nothing. */

/** What the slider goes through; 1 is no smoothing. */
export const spans = [1, 2, 3, 5, 8, 12, 20, 30, 50, 80, 120, 200, 300, 500] as const;

/** Where there is no value there is none afterwards, and the mean goes on behind it. */
export function smooth(values: Float64Array, span: number): Float64Array {
  if (span <= 1) return values;
  const keep = 1 - 2 / (span + 1);
  const smoothed = new Float64Array(values.length);
  let mean = 0;
  /** What the mean lacks since it has not seen enough yet. */
  let lack = 1;
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if (Number.isNaN(value)) {
      smoothed[at] = Number.NaN;
      continue;
    }
    mean += (1 - keep) * (value - mean);
    lack = lack > 1e-15 ? lack * keep : 0;
    smoothed[at] = mean / (1 - lack);
  }
  return smoothed;
}
