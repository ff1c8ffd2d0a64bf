/** @file What the strip over the timeline can show: one number a step, from the run's metrics. */

import type { RunSeries } from '../state/series';

export interface StripMeasure {
  name: string;
  label: string;
  /** Of the step; NaN where there is none. Several are averaged where they exist. */
  metrics: readonly (readonly string[])[];
}

const solvers = ['pred_code_o', 'pred_code_i', 'pred_code_f', 'pred_code_e'];
const proposers = ['gen_code_o', 'gen_code_i', 'gen_code_f', 'gen_code_e'];

/** Of each list of metrics, the first that a step has; of these the mean. */
export const stripMeasures: readonly StripMeasure[] = [
  {
    name: 'right',
    label: 'Right answers',
    metrics: solvers.map((each) => [`${each}/accuracy`, `${each}/estimate_accuracy`]),
  },
  { name: 'accepted', label: 'Accepted proposals', metrics: [['gate/pass_rate']] },
  { name: 'reward', label: 'Mean reward', metrics: [['reward']] },
  {
    name: 'proposer',
    label: "Proposer's reward",
    metrics: proposers.map((each) => [`${each}/critic/rewards/mean`]),
  },
  { name: 'heldout', label: 'Held-out tasks', metrics: [['heldout/accuracy']] },
];

/** One value a step, in the order of the series. */
export function stripOf(series: RunSeries, { metrics }: StripMeasure): Float64Array {
  const sum = new Float64Array(series.length);
  const count = new Float64Array(series.length);
  for (const alternatives of metrics) {
    const columns = alternatives.map((name) => series.column(name));
    for (let at = 0; at < series.length; at++) {
      const value = columns.map((column) => column[at]).find((each) => !Number.isNaN(each));
      if (value === undefined) continue;
      sum[at] += value;
      count[at]++;
    }
  }
  return sum.map((total, at) => (count[at] > 0 ? total / count[at] : Number.NaN));
}

/** Those that the run has. */
export const measuresOf = (series: RunSeries) =>
  stripMeasures.filter((measure) => stripOf(series, measure).some((value) => !Number.isNaN(value)));

export interface Column {
  low: number;
  high: number;
}

/** As many columns as there are pixels: of several steps in one, the least and the most. Null where there is nothing. */
export function columnsOf(
  steps: ArrayLike<number>,
  values: ArrayLike<number>,
  width: number,
): (Column | null)[] {
  const columns: (Column | null)[] = new Array(width).fill(null);
  const [first, last] = [steps[0] ?? 0, steps[steps.length - 1] ?? 0];
  for (let at = 0; at < steps.length; at++) {
    const value = values[at];
    if (Number.isNaN(value)) continue;
    const place = last > first ? Math.round(((steps[at] - first) / (last - first)) * (width - 1)) : 0;
    const column = columns[place];
    if (!column) columns[place] = { low: value, high: value };
    else {
      column.low = Math.min(column.low, value);
      column.high = Math.max(column.high, value);
    }
  }
  return columns;
}
