/** @file What a chart is made of, and how it becomes lines once it is known which metrics a run has. */

import type { RunSeries } from '../state/series';

export type Source =
  | { kind: 'metric'; name: string; label: string; low?: string; high?: string }
  /** A line for each metric of such a name, in the order of what the pattern catches. */
  | { kind: 'matching'; pattern: RegExp; label: (caught: string) => string }
  /** Of several metrics; missing ones are NaN. */
  | { kind: 'derived'; from: readonly string[]; label: string; value: (values: Float64Array) => number };

export interface Mark {
  at: number;
  label: string;
}

export interface ChartSpec {
  id: string;
  group: Group;
  title: string;
  /** 'share' is drawn in per cent. */
  unit: string;
  sources: readonly Source[];
  /** Default: what the list of metrics says of the first one. */
  help?: string;
  /** Few steps have a value, so that lines go on over those that have none; and nothing is smoothed. */
  sparse?: boolean;
  /** Never smoothed: it does not scatter. */
  exact?: boolean;
  /** Also drawn: where each line began. */
  fromStart?: boolean;
  /** Lines across the chart. */
  marks?: readonly Mark[];
  /** When there is something to draw, in words. */
  when?: string;
  /** Not missed in most runs, so that it is not counted where it has nothing to show. */
  rare?: boolean;
}

export const groups = [
  'heldout',
  'rewards',
  'solving',
  'learning',
  'proposals',
  'buffers',
  'texts',
  'throughput',
  'others',
] as const;
export type Group = (typeof groups)[number];

export interface Line {
  /** Tells it from the others of its chart. */
  key: string;
  label: string;
  /** Its place among the lines that the chart could have: it stands for its colour, whichever others there are. */
  slot: number;
  /** The metrics that it is made of. */
  from: readonly string[];
  low?: string;
  high?: string;
  /** NaN where there is no value. */
  values: (series: RunSeries) => Float64Array;
}

/** The lines of a chart that at least one of the runs has something for. */
export function linesOf({ sources }: ChartSpec, runs: readonly RunSeries[]): Line[] {
  const has = (name: string) => runs.some((series) => series.has(name));
  return sources.flatMap((source, slot): Line[] => {
    switch (source.kind) {
      case 'metric':
        return has(source.name) ? [metricLine(source, slot)] : [];
      case 'matching': {
        const found = new Map<string, string>();
        for (const series of runs) {
          for (const name of series.names) {
            const caught = source.pattern.exec(name)?.[1];
            if (caught !== undefined) found.set(caught, name);
          }
        }
        const ordered = [...found].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
        return ordered.map(([caught, name], index) =>
          metricLine({ name, label: source.label(caught) }, slot + index),
        );
      }
      case 'derived': {
        const { from, label, value } = source;
        if (!from.some(has)) return [];
        return [{ key: `from ${from.join(' and ')}`, label, slot, from, values: remembered(from, value) }];
      }
      default:
        return source satisfies never;
    }
  });
}

function metricLine(
  { name, label, low, high }: { name: string; label: string; low?: string; high?: string },
  slot: number,
): Line {
  const from = [name, low, high].filter((each) => each !== undefined);
  return { key: name, label, slot, from, low, high, values: (series) => series.column(name) };
}

/** The cursor asks for one value at a time: what was derived is kept until the series grows. */
function remembered(from: readonly string[], value: (values: Float64Array) => number): Line['values'] {
  const known = new WeakMap<RunSeries, { rewinds: number; values: Float64Array }>();
  return (series) => {
    const before = known.get(series);
    if (before && before.values.length === series.length && before.rewinds === series.rewinds)
      return before.values;
    const values = derive(series, from, value);
    known.set(series, { rewinds: series.rewinds, values });
    return values;
  };
}

function derive(
  series: RunSeries,
  from: readonly string[],
  value: (values: Float64Array) => number,
): Float64Array {
  const columns = from.map((name) => series.column(name));
  const values = new Float64Array(from.length);
  const derived = new Float64Array(series.length);
  for (let at = 0; at < derived.length; at++) {
    for (let each = 0; each < values.length; each++) values[each] = columns[each][at];
    derived[at] = value(values);
  }
  return derived;
}

/** Of what there is; NaN of nothing. */
export function sum(values: Float64Array): number {
  let total = Number.NaN;
  for (const value of values) {
    if (!Number.isNaN(value)) total = Number.isNaN(total) ? value : total + value;
  }
  return total;
}

/** Does a chart draw this metric, be it as a part of something? */
export function drawsMetric({ sources }: ChartSpec, metric: string): boolean {
  return sources.some((source) => {
    switch (source.kind) {
      case 'metric':
        return [source.name, source.low, source.high].includes(metric);
      case 'matching':
        return source.pattern.test(metric);
      case 'derived':
        return source.from.includes(metric);
      default:
        return source satisfies never;
    }
  });
}
