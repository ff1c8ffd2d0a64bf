/** @file Where the time of a step goes: one bar with a part for each of those who were busy. They overlap, so it shows shares of work. */

import type { RunSeries } from '../state/series';

const parts = [
  { metric: 'timing_s/gen', name: 'writing' },
  { metric: 'timing_s/execute', name: 'Python' },
  { metric: 'timing_s/update_actor', name: 'learning' },
  { metric: 'timing_s/testing', name: 'testing' },
  { metric: 'timing_s/own', name: 'the loop itself' },
] as const;

/** Steps that it is the mean of. */
const lately = 20;

export function TimeSplit({ series }: { series: RunSeries }) {
  const means = parts.map(({ metric }) => {
    const values = series.column(metric).subarray(-lately);
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
        {parts.map(({ metric, name }, index) => (
          <li key={metric}>
            <span class={`split-key split-${index}`} aria-hidden="true" />
            {name} <span class="number">{percent(means[index])} %</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
