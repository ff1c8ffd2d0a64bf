/** @file How far the axes go. Ends are round numbers, so that they stay where they are while points come. */

import { niceTicks } from '../ticks';

export type Range = [low: number, high: number];

/** Where a run is looked at. */
export type Zoom =
  | { kind: 'all' }
  /** The newest part, which moves on with the run. */
  | { kind: 'last'; share: number }
  | { kind: 'window'; range: Range };

export const wholeRun: Zoom = { kind: 'all' };

/** Of what the runs have, given their first and last x. */
export function xRange(extent: Range | null, zoom: Zoom): Range {
  if (zoom.kind === 'window') return zoom.range;
  if (!extent) return [0, 1];
  const [first, last] = extent;
  const from = zoom.kind === 'last' ? last - zoom.share * (last - first) : first;
  const unit = roundUnit((last - from) / 25);
  const low = zoom.kind === 'last' ? Math.max(first, Math.floor(from / unit) * unit) : first;
  return [low, Math.max(Math.ceil(last / unit) * unit, low + unit)];
}

/** The next of 1, 2, 5, 10, 20, ... ; steps come whole, so not less than 1. */
function roundUnit(size: number): number {
  if (size <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(size));
  return power * ([1, 2, 5].find((factor) => factor * power >= size * 0.999) ?? 10);
}

export interface Heights {
  /** Infinity if there is nothing. */
  low: number;
  high: number;
}

/** Shares start at 0; others too, where that leaves something to see. */
export function yRange({ low, high }: Heights, { share, log }: { share: boolean; log: boolean }): Range {
  if (low > high) return log ? [0.1, 1] : [0, 1];
  if (log) {
    const [bottom, top] = [roundDown(low), roundUp(high)];
    return top / bottom >= 2 ? [bottom, top] : [bottom / 2, top * 2];
  }
  const floor = share || (low >= 0 && low < 0.6 * high) ? Math.min(0, low) : low;
  // The same, as far as numbers can tell.
  if (high - floor <= 1e-9 * Math.max(Math.abs(floor), Math.abs(high))) {
    return high === 0 ? [0, 1] : niceEnds(high - Math.abs(high) / 2, high + Math.abs(high) / 2);
  }
  const [bottom, top] = niceEnds(floor, high);
  return [bottom, share ? Math.min(top, Math.max(1, high)) : top];
}

function niceEnds(low: number, high: number): Range {
  const ticks = niceTicks(low, high, 4);
  return [ticks[0], ticks[ticks.length - 1]];
}

/** To 1, 2 or 5 times a power of ten. */
function roundDown(value: number): number {
  const power = powerOfTen(value);
  return power * ([5, 2, 1].find((factor) => factor * power <= value * (1 + 1e-9)) ?? 1);
}

function roundUp(value: number): number {
  const power = powerOfTen(value);
  return power * ([1, 2, 5].find((factor) => factor * power >= value * (1 - 1e-9)) ?? 10);
}

const powerOfTen = (value: number) => 10 ** Math.floor(Math.log10(value) + 1e-9);
