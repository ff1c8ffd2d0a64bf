/** @file How the charts are looked at: above them, for all of them at once. */

import { type Axis, axes } from './axis';
import type { Board } from './board';
import { Compare } from './compare';
import { saveAll } from './downloads';
import type { ShownRun } from './frame';
import type { Zoom } from './ranges';
import * as settings from './settings';
import { spans } from './smooth';

const axisNames: Record<Axis, string> = { steps: 'Steps', time: 'Time played', tokens: 'Tokens written' };

/** What can be chosen; the others come of dragging. */
const parts = [
  { label: 'Whole run', zoom: { kind: 'all' } },
  { label: 'Last half', zoom: { kind: 'last', share: 0.5 } },
  { label: 'Last quarter', zoom: { kind: 'last', share: 0.25 } },
  { label: 'Last tenth', zoom: { kind: 'last', share: 0.1 } },
] as const satisfies readonly { label: string; zoom: Zoom }[];

export function Controls({ board, run, runs }: { board: Board; run: string; runs: readonly ShownRun[] }) {
  return (
    <section class="plot-controls" aria-label="How the charts are drawn">
      <Smoothing />
      <label class="plot-control plot-check">
        <input
          type="checkbox"
          checked={settings.log.value}
          onChange={() => {
            settings.log.value = !settings.log.value;
          }}
        />
        <span>Log scale</span>
      </label>
      <label class="plot-control">
        <span>Along</span>
        <select
          value={settings.axis.value}
          onChange={({ currentTarget: { value } }) => {
            settings.axis.value = axes.find((each) => each === value) ?? 'steps';
          }}
        >
          {axes.map((each) => (
            <option key={each} value={each}>
              {axisNames[each]}
            </option>
          ))}
        </select>
      </label>
      <Part board={board} />
      <Compare run={run} runs={runs} />
      <button
        type="button"
        class="button button-small"
        title="Every metric of every step, as CSV"
        onClick={() => void saveAll(runs)}
      >
        All as CSV
      </button>
    </section>
  );
}

function Smoothing() {
  const span = settings.span.value;
  const at = (spans as readonly number[]).indexOf(span);
  const words = span === 1 ? 'off' : `${span} steps`;
  return (
    <label class="plot-control">
      <span>Smoothing</span>
      <input
        type="range"
        min={0}
        max={spans.length - 1}
        value={at}
        aria-valuetext={words}
        onInput={({ currentTarget: { value } }) => {
          settings.span.value = spans[Number(value)] ?? 1;
        }}
      />
      <output class="number">{words}</output>
    </label>
  );
}

function Part({ board }: { board: Board }) {
  const zoom = board.zoom.value;
  const at = parts.findIndex(({ zoom: each }) => JSON.stringify(each) === JSON.stringify(zoom));
  return (
    <>
      <label class="plot-control">
        <span>Show</span>
        <select
          value={at < 0 ? 'window' : String(at)}
          onChange={({ currentTarget: { value } }) => {
            board.zoom.value = parts[Number(value)]?.zoom ?? { kind: 'all' };
          }}
        >
          {parts.map(({ label }, index) => (
            <option key={label} value={String(index)}>
              {label}
            </option>
          ))}
          <option value="window" disabled hidden={at >= 0}>
            A chosen part
          </option>
        </select>
      </label>
      <button
        type="button"
        class="button button-small"
        disabled={zoom.kind === 'all'}
        onClick={() => board.showAll()}
      >
        Reset zoom
      </button>
    </>
  );
}
