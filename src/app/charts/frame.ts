/**
 * @file From the columns of runs to what uPlot draws of them: one ascending x for all, as many points as there is room for, and how high
 * they go. Knows no page, so that it can be tested and timed without one.
 */

import type { RunSeries } from '../state/series';
import { type Axis, positionOf, xOf } from './axis';
import type { Heights, Range } from './ranges';
import { smooth } from './smooth';
import type { Line } from './spec';
import { thin } from './thin';

export interface ShownRun {
  id: string;
  name: string;
  /** A place in the palette. */
  colour: number;
  series: RunSeries;
}

/** Names a line of a run. */
export const lineOf = (run: ShownRun, line: Line) => `${run.id} ${line.key}`;

/** Null is a gap; undefined is nothing said, since the x is another run's. */
export type Column = (number | null | undefined)[];

export interface FrameOrder {
  runs: readonly ShownRun[];
  lines: readonly Line[];
  axis: Axis;
  range: Range;
  /** Width of the plot. */
  pixels: number;
  /** 1 for none. */
  span: number;
  log: boolean;
  sparse: boolean;
  /** Lines that are not drawn, as `lineOf` has them. */
  hidden: ReadonlySet<string>;
}

export interface Frame extends Heights {
  /** x, and then the columns of `layoutOf`. */
  columns: [number[], ...Column[]];
  /** Values that a log scale has no place for. */
  leftOut: number;
}

export interface Place {
  run: ShownRun;
  line: Line;
  part: 'raw' | 'smooth' | 'low' | 'high';
}

/** What each column after x is. */
export function layoutOf({
  runs,
  lines,
  span,
  sparse,
  hidden,
}: Pick<FrameOrder, 'runs' | 'lines' | 'span' | 'sparse' | 'hidden'>): Place[] {
  const parts = (line: Line): Place['part'][] => [
    'raw',
    ...(span > 1 && !sparse ? (['smooth'] as const) : []),
    ...(line.low && line.high ? (['low', 'high'] as const) : []),
  ];
  return runs.flatMap((run) =>
    lines
      .filter((line) => !hidden.has(lineOf(run, line)))
      .flatMap((line) => parts(line).map((part) => ({ run, line, part }))),
  );
}

export function frameOf(order: FrameOrder): Frame {
  const layout = layoutOf(order);
  const heights: Heights & { leftOut: number } = {
    low: Number.POSITIVE_INFINITY,
    high: Number.NEGATIVE_INFINITY,
    leftOut: 0,
  };
  const tables = order.runs.map((run) =>
    tableOf(
      run,
      layout.filter((place) => place.run === run),
      order,
      heights,
    ),
  );
  return { columns: tables.length === 1 ? tables[0] : merge(tables), ...heights };
}

type Table = [number[], ...Column[]];

function tableOf(
  { series }: ShownRun,
  places: readonly Place[],
  { axis, range, pixels, span, log, sparse }: FrameOrder,
  heights: Heights & { leftOut: number },
): Table {
  const x = xOf(series, axis);
  // A line that goes over steps without a value may come from far away.
  const from = sparse ? 0 : positionOf(x, range[0]);
  const to = Math.min(x.length, positionOf(x, range[1]) + 2);
  let raw: Float64Array = new Float64Array();
  const drawn = places.map(({ line, part }) => {
    switch (part) {
      case 'raw':
        raw = line.values(series);
        return raw;
      case 'smooth':
        return smooth(raw, span);
      case 'low':
        return series.column(line.low ?? '');
      case 'high':
        return series.column(line.high ?? '');
      default:
        return part satisfies never;
    }
  });
  const raws = drawn.filter((_, index) => places[index].part === 'raw');
  // Every line adds points for all the others; of several, two pixels are as good as one.
  const buckets = Math.max(50, Math.round(pixels / (raws.length > 2 ? 2 : 1)));
  const positions = thin(x, raws, from, to, buckets, !sparse);
  return [
    positions.map((at) => x[at]),
    ...drawn.map((column) => {
      const values: Column = [];
      for (let index = 0; index < positions.length; index++) {
        const at = positions[index];
        let value: number | null = column[at];
        if (value === null || !Number.isFinite(value)) value = null;
        else if (log && value <= 0) {
          value = null;
          heights.leftOut++;
        } else if (x[at] >= range[0] && x[at] <= range[1]) {
          if (value < heights.low) heights.low = value;
          if (value > heights.high) heights.high = value;
        }
        values.push(value);
      }
      return values;
    }),
  ];
}

/** One table with the x of all. */
function merge(tables: readonly Table[]): Table {
  const at = tables.map(() => 0);
  const x: number[] = [];
  const columns: Column[] = tables.flatMap((table) => table.slice(1).map(() => []));
  for (;;) {
    let next = Number.POSITIVE_INFINITY;
    for (let index = 0; index < tables.length; index++) {
      const [own] = tables[index];
      if (at[index] < own.length && own[at[index]] < next) next = own[at[index]];
    }
    if (next === Number.POSITIVE_INFINITY) return [x, ...columns];
    x.push(next);
    let column = 0;
    for (let index = 0; index < tables.length; index++) {
      const table = tables[index];
      const has = table[0][at[index]] === next;
      for (let of = 1; of < table.length; of++)
        columns[column++].push(has ? table[of][at[index]] : undefined);
      if (has) at[index]++;
    }
  }
}

/** From the first to the last x of all runs; null if they have no steps. */
export function extentOf(runs: readonly ShownRun[], axis: Axis): Range | null {
  let extent: Range | null = null;
  for (const { series } of runs) {
    if (series.length === 0) continue;
    const x = xOf(series, axis);
    const [first, last] = [x[0], x[x.length - 1]];
    extent = extent ? [Math.min(extent[0], first), Math.max(extent[1], last)] : [first, last];
  }
  return extent;
}
