/** @file Where the points of the map lie and which colour they have; nothing of it draws. */

import type { Row } from './task-list';

export const measures = ['complexity', 'lines', 'effort'] as const;
export type Measure = (typeof measures)[number];

export const measureLabel: Record<Measure, string> = {
  complexity: 'Complexity of the program',
  lines: 'Lines of the program',
  effort: 'Calls and loop passes of its run',
};

export interface Frame {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
  /** Below what was tried, and above the axis. */
  untried: number;
  /** How far points may lie above or below their line. */
  spread: number;
}

/** Where a solve rate lies. */
export const lineOf = (rate: number, { top, bottom }: Frame) => bottom - rate * (bottom - top);

export function frameOf(width: number, height: number): Frame {
  return {
    width,
    height,
    left: 48,
    right: width - 12,
    top: 22,
    bottom: height - 80,
    untried: height - 50,
    spread: 14,
  };
}

/** Between 0 and 1, the same for the same number: points that lie on each other can be told apart. */
export function scattered(id: number, salt: number): number {
  let hash = Math.imul(id ^ (salt * 0x9e3779b9), 0x85ebca6b) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35) >>> 0;
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

export interface Points {
  x: Float32Array;
  y: Float32Array;
  /** A place in the ramp of colours. */
  shade: Uint8Array;
  /** The largest value on the x axis. */
  most: number;
}

export const shades = 24;

/** Of these rows, in their order. The later a task came, the higher its shade. */
export function pointsOf(
  rows: readonly Row[],
  shown: Uint32Array,
  measure: Measure,
  frame: Frame,
  lastStep: number,
): Points {
  const x = new Float32Array(shown.length);
  const y = new Float32Array(shown.length);
  const shade = new Uint8Array(shown.length);
  let most = 1;
  for (const row of rows) most = Math.max(most, row[measure]);
  const unit = (frame.right - frame.left) / (most + 1);
  // A few lie close to their line; many need room.
  const spread = Math.min(frame.spread, 4 + shown.length / 60);
  for (let at = 0; at < shown.length; at++) {
    const row = rows[shown[at]];
    const { id, solveRate, step } = row.task;
    const aside = (scattered(id, 1) - 0.5) * Math.min(0.8 * unit, 26);
    const up = (scattered(id, 2) - 0.5) * 2 * spread;
    x[at] = frame.left + (row[measure] + 0.5) * unit + aside;
    y[at] = solveRate === null ? frame.untried + 0.8 * up : lineOf(solveRate, frame) + up;
    shade[at] = lastStep > 0 ? Math.round((step / lastStep) * (shades - 1)) : 0;
  }
  return { x, y, shade, most };
}

/** The point next to a place, if one is near enough; the one that was drawn last, of those that are equally near. */
export function pointAt({ x, y }: Points, px: number, py: number, reach: number): number {
  let best = -1;
  let nearest = reach ** 2;
  for (let at = 0; at < x.length; at++) {
    const distance = (x[at] - px) ** 2 + (y[at] - py) ** 2;
    if (distance <= nearest) {
      nearest = distance;
      best = at;
    }
  }
  return best;
}

// ---- Colours ---------------------------------------------------------------------------------------------------------

/** Viridis: even steps for the eye, also for one that is blind to some colours, and in grey. */
const viridis = [
  [68, 1, 84],
  [72, 40, 120],
  [62, 73, 137],
  [49, 104, 142],
  [38, 130, 142],
  [31, 158, 137],
  [53, 183, 121],
  [110, 206, 88],
  [181, 222, 43],
  [253, 231, 37],
] as const;

/** Without the end that would be lost on the ground of a theme. */
export function ramp(theme: 'light' | 'dark'): string[] {
  const [from, to] = theme === 'light' ? [0, 0.82] : [0.24, 1];
  return Array.from({ length: shades }, (_, shade) => {
    const at = (from + ((to - from) * shade) / (shades - 1)) * (viridis.length - 1);
    const low = Math.min(viridis.length - 2, Math.floor(at));
    const mixed = viridis[low].map((value, channel) =>
      Math.round(value + (viridis[low + 1][channel] - value) * (at - low)),
    );
    return `rgb(${mixed.join(' ')})`;
  });
}
