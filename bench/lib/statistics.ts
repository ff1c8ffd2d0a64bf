/**
 * @file Medians, and ratios of runs that took turns. A shared machine is faster in one minute than in the next; two
 * contestants that take turns see the same minutes, so each round gives a ratio, and the median of those travels.
 */

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export interface Ratio {
  median: number;
  low: number;
  high: number;
  rounds: number;
}

/** numerators[i] / denominators[i], round by round. */
export function ratioOf(numerators: readonly number[], denominators: readonly number[]): Ratio {
  const ratios = numerators.map((value, i) => value / denominators[i]);
  return {
    median: median(ratios),
    low: Math.min(...ratios),
    high: Math.max(...ratios),
    rounds: ratios.length,
  };
}

/** Three significant figures. */
export const figure = (value: number): string =>
  Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)));

export const spread = ({ median: middle, low, high }: Ratio): string =>
  `${figure(middle)} (${figure(low)} to ${figure(high)})`;
