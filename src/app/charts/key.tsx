/** @file What the lines of a chart are, and what they stand at: each a switch that hides it, and makes it stand out while pointed at. */

import { lineOf, type ShownRun } from './frame';
import { dashes } from './palette';
import type { ChartSpec, Line } from './spec';

interface Props {
  spec: ChartSpec;
  lines: readonly Line[];
  runs: readonly ShownRun[];
  hidden: ReadonlySet<string>;
  /** Where the chart writes values. */
  figures: Map<string, HTMLElement>;
  toggle: (line: string) => void;
  emphasise: (line: string | null) => void;
}

export function Key({ spec, lines, runs, hidden, figures, toggle, emphasise }: Props) {
  const compared = runs.length > 1;
  return (
    <div class={`plot-key${spec.sources.length > 1 ? ' plot-key-many' : ''}`}>
      {runs.map((run) => (
        <ul key={run.id} aria-label={compared ? run.name : 'Lines'}>
          {compared && (
            <li class="plot-key-run">
              <span
                class="run-dot"
                style={{ background: `var(--series-${run.colour})` }}
                aria-hidden="true"
              />
              {run.name}
            </li>
          )}
          {lines.map((line) => {
            const name = lineOf(run, line);
            return (
              <li key={line.key}>
                <button
                  type="button"
                  class="plot-line"
                  aria-pressed={!hidden.has(name)}
                  title={hidden.has(name) ? 'Show this line' : 'Hide this line'}
                  onClick={() => toggle(name)}
                  onPointerEnter={() => emphasise(name)}
                  onPointerLeave={() => emphasise(null)}
                  onFocus={() => emphasise(name)}
                  onBlur={() => emphasise(null)}
                >
                  <Sample colour={compared ? run.colour : line.slot} dash={line.slot} />
                  <span>{line.label}</span>
                  <span
                    class="number plot-figure"
                    ref={(element: HTMLElement | null) => {
                      if (element) figures.set(name, element);
                      else figures.delete(name);
                    }}
                  />
                </button>
              </li>
            );
          })}
        </ul>
      ))}
    </div>
  );
}

function Sample({ colour, dash }: { colour: number; dash: number }) {
  return (
    <svg class="plot-sample" viewBox="0 0 14 6" width="14" height="6" aria-hidden="true">
      <line
        x1="0"
        x2="14"
        y1="3"
        y2="3"
        stroke={`var(--series-${colour % dashes.length})`}
        stroke-width="2.5"
        stroke-dasharray={dashes[dash % dashes.length].join(' ')}
      />
    </svg>
  );
}
