/** @file Values in figures and in words: beside the lines, at the axes, and for those who hear the page. */

import { count } from '../format';
import type { RunSeries } from '../state/series';
import { type Axis, positionOf, xOf } from './axis';
import type { ShownRun } from './frame';
import type { Line } from './spec';

export const nothing = '–';

/** '51.3%', '0.0123', '12.4k'. */
export function figure(value: number | undefined, unit: string): string {
  if (value === undefined || !Number.isFinite(value)) return nothing;
  if (unit === 'share') return value === 1 ? '100%' : `${(100 * value).toFixed(1)}%`;
  const size = Math.abs(value);
  if (size >= 10_000) return (value < 0 ? '−' : '') + count(size);
  const written =
    size >= 1000 || Number.isInteger(value)
      ? Math.round(size).toLocaleString('en-US')
      : size >= 0.001
        ? size.toFixed(size >= 10 ? 1 : size >= 1 ? 2 : 3)
        : size === 0
          ? '0'
          : size.toExponential(1);
  return (value < 0 ? '−' : '') + written;
}

/** At an axis: with as many decimals as the steps between them have. */
export function tick(value: number, step: number, unit: string): string {
  if (unit === 'share') return `${(100 * value).toFixed(decimalsOf(100 * step))}%`;
  const size = Math.abs(value);
  const sign = value < 0 ? '−' : '';
  if (size >= 10_000) return sign + count(size);
  if (size !== 0 && size < 0.001) return sign + size.toExponential(1).replace('.0', '');
  const decimals = decimalsOf(step);
  return (
    sign + size.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
  );
}

/** 5 -> 0; 0.025 -> 3. */
function decimalsOf(step: number): number {
  for (let decimals = 0; decimals < 6; decimals++) {
    const scaled = step * 10 ** decimals;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6 * scaled) return decimals;
  }
  return 6;
}

/** Where on the x axis, in words. */
export function place(value: number, axis: Axis): string {
  switch (axis) {
    case 'steps':
      return `step ${Math.round(value).toLocaleString('en-US')}`;
    case 'time':
      return clock(value);
    case 'tokens':
      return `${count(value)} tokens`;
    default:
      return axis satisfies never;
  }
}

/** 45 -> '45 s'; 600 -> '10 min'; 5400 -> '1.5 h'. */
export function clock(seconds: number): string {
  const short = (value: number) => Number(value.toFixed(value < 10 ? 1 : 0)).toString();
  if (seconds < 120) return `${short(seconds)} s`;
  if (seconds < 7200) return `${short(seconds / 60)} min`;
  return `${short(seconds / 3600)} h`;
}

export interface Value {
  value: number | undefined;
  low: number | undefined;
  high: number | undefined;
}

/** What a line of a run was at x, or is now where x is null. Where only some steps have one: the last before. */
export function valueAt(
  { series }: ShownRun,
  line: Line,
  { axis, x, sparse }: { axis: Axis; x: number | null; sparse: boolean },
): Value {
  const none: Value = { value: undefined, low: undefined, high: undefined };
  if (series.length === 0) return none;
  const all = xOf(series, axis);
  if (x !== null && (x < all[0] || x > all[all.length - 1] + 0.5)) return none;
  const values = line.values(series);
  let at = x === null ? series.length - 1 : positionOf(all, x);
  if (sparse || x === null) while (at >= 0 && Number.isNaN(values[at])) at--;
  if (at < 0 || Number.isNaN(values[at])) return none;
  return { value: values[at], low: bound(series, line.low, at), high: bound(series, line.high, at) };
}

function bound(series: RunSeries, name: string | undefined, at: number): number | undefined {
  const value = name === undefined ? Number.NaN : series.column(name)[at];
  return Number.isNaN(value) ? undefined : value;
}

/** '51.3% (45.2% to 57.4%)' */
export function withInterval({ value, low, high }: Value, unit: string): string {
  const written = figure(value, unit);
  return low === undefined || high === undefined
    ? written
    : `${written} (${figure(low, unit)} to ${figure(high, unit)})`;
}
