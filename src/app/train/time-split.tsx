/** @file Where the time of a step goes: one bar with a part for each of those who were busy. They overlap, so it shows shares of work. */

import type { RunSeries } from '../state/series';

/** `remote`: where it happens in a run on a node, the way there and back included. */
const parts = [
  { metric: 'timing_s/gen', name: 'writing', remote: 'on the node' },
  { metric: 'timing_s/execute', name: 'Python', remote: 'here' },
  { metric: 'timing_s/update_actor', name: 'learning', remote: 'on the node' },
  { metric: 'timing_s/testing', name: 'testing', remote: 'on both' },
  { metric: 'timing_s/own', name: 'the loop itself', remote: 'here' },
] as const;

/** Steps that it is the mean of. */
const lately = 20;

interface Props {
  series: RunSeries;
  onNode: boolean;
  /** Steps that were played where it is now: only they tell of it. */
  steps: number;
}

export function TimeSplit({ series, onNode, steps }: Props) {
  const means = parts.map(({ metric }) => {
    const column = series.column(metric);
    const values = column.subarray(Math.max(0, column.length - Math.min(steps, lately)));
    return values.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : value), 0);
  });
  const all = means.reduce((sum, value) => sum + value, 0);
  const percent = (value: number) => (all > 0 ? Math.round((100 * value) / all) : 0);
  return (
    <div class="split">
      <div class="split-bar" aria-hidden="true">
        {parts.map(({ metric }, index) => (
          <span key={metric} class={`split-${index}`} style={{ flexGrow: all > 0 ? means[index] : 0 }} />
        ))}
      </div>
      <ul class="split-names" aria-label="Where the time goes">
        {parts.map(({ metric, name, remote }, index) => (
          <li key={metric}>
            <span class={`split-key split-${index}`} aria-hidden="true" />
            {name}
            {onNode && ` ${remote}`} <span class="number">{percent(means[index])} %</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
