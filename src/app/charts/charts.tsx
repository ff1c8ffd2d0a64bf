/**
 * @file The charts of a run, live, with other runs beside it where somebody wants to compare. Steps that arrive are drawn on canvases and
 * written into fixed places: this component is rendered again only if a metric comes that there was not before.
 */

import { effect, useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import 'uplot/dist/uPlot.min.css';
import { shownRuns } from '../state/library';
import { isPlaying, live } from '../state/live';
import { route } from '../state/router';
import { type RunData, runData } from '../state/run-data';
import { shownTheme } from '../state/theme';
import { Board } from './board';
import { ChartCard } from './card';
import './charts.css';
import { comparedIds } from './compared';
import { Controls } from './controls';
import type { ShownRun } from './frame';
import { Headline } from './headline';
import { assignColours, colours } from './palette';
import * as settings from './settings';
import { type ChartSpec, type Group, groups, type Line, linesOf } from './spec';
import { groupTitles, headline, otherSpecs, specs } from './specs';

/** So many steps bring new metrics, and new charts with them; later ones are offered, so that nothing moves while somebody reads. */
const settledAfter = 5;

export function Charts({ run }: { run: string }) {
  const board = useBoard();
  const ids = [run, ...comparedIds(run, route.value.params.get('with'), shownRuns.value)].slice(0, colours);
  const data = useData(ids);
  const runs = useShownRuns(data);
  const metrics = useArrivals(board, data);

  useLayoutEffect(() => {
    board.runs = runs;
    board.refresh();
  }, [board, runs]);

  const { shown, held, missing } = useCharts(runs, metrics);
  const [main] = runs;
  if (!data[0].ready.value) return <div class="charts charts-waiting" aria-busy="true" />;
  if (main.series.length === 0) {
    return (
      <section class="charts" aria-label="Charts">
        <div class="empty">
          <p>There is nothing to draw yet: the first points come with the first step.</p>
        </div>
      </section>
    );
  }
  return (
    <section class="charts" aria-labelledby="charts-title">
      <div class="charts-head">
        <h2 id="charts-title">Charts</h2>
        <Controls board={board} run={run} runs={runs} />
      </div>
      {runs.length > 1 && <WhatColoursAre runs={runs} />}
      <p class="visually-hidden" id="chart-keys">
        The left and right arrow keys move the cursor, with Shift ten steps at once; Home and End go to the
        ends; plus and minus zoom, 0 shows all; Escape takes the cursor away.
      </p>
      <p class="visually-hidden" aria-live="polite">
        {board.said}
      </p>
      {groups.map((group) => (
        <ChartGroup
          key={group}
          group={group}
          board={board}
          runs={runs}
          charts={shown.filter(({ spec }) => spec.group === group)}
        />
      ))}
      <Missing missing={missing} held={held.length} show={held.show} />
    </section>
  );
}

export interface ShownChart {
  spec: ChartSpec;
  lines: readonly Line[];
}

function useBoard(): Board {
  const [board] = useState(() => new Board());
  useEffect(() => () => board.close(), [board]);
  useEffect(
    () =>
      effect(() => {
        // All that changes how everything looks.
        settings.span.value;
        settings.log.value;
        shownTheme.value;
        board.zoom.value;
        board.refresh();
      }),
    [board],
  );
  useEffect(() => {
    let before = settings.axis.peek();
    return effect(() => {
      if (settings.axis.value === before) return;
      before = settings.axis.value;
      // Neither place means anything along another axis.
      board.point(null, null);
      board.showAll();
      board.refresh();
    });
  }, [board]);
  return board;
}

/** A run that is read again, since it goes on here, is shown as it was until it has been. */
function useData(ids: readonly string[]): RunData[] {
  const before = useRef(new Map<string, RunData>()).current;
  return ids.map((id) => {
    const data = runData(id);
    if (!data.ready.value) return before.get(id) ?? data;
    before.set(id, data);
    return data;
  });
}

function useShownRuns(data: readonly RunData[]): readonly ShownRun[] {
  const infos = data.map(({ run }) => shownRuns.value?.find(({ id }) => id === run));
  const given = assignColours(infos.map((info) => info?.colour));
  const wanted = data.map(({ run, series }, index) => ({
    id: run,
    name: infos[index]?.name ?? run,
    colour: given[index],
    series,
  }));
  const kept = useRef<readonly ShownRun[]>(wanted);
  const same =
    kept.current.length === wanted.length &&
    kept.current.every((run, index) => {
      const other = wanted[index];
      return run.series === other.series && run.name === other.name && run.colour === other.colour;
    });
  if (!same) kept.current = wanted;
  return kept.current;
}

/** Tells the board of steps. What is returned changes only if there are other metrics than before. */
function useArrivals(board: Board, data: readonly RunData[]): string {
  const metrics = useSignal('');
  useEffect(() => {
    const stops = data.map(({ version }) =>
      version.subscribe(() => {
        metrics.value = data.map(({ series }) => `${series.width}${series.length > 0}`).join(' ');
        board.grow();
      }),
    );
    return () => {
      for (const stop of stops) stop();
    };
    // The same runs are the same data, until one of them is read anew.
  }, [board, ...data, ...Array.from({ length: colours - data.length }, () => null)]);
  return metrics.value;
}

/** Which charts there are; those that come late, and while the run plays, wait until they are asked for. */
function useCharts(runs: readonly ShownRun[], metrics: string) {
  const [main] = runs;
  const seen = useRef<{ runs: readonly ShownRun[]; ids: ReadonlySet<string> } | null>(null);
  const [asked, setAsked] = useState(0);
  return useMemo(() => {
    const series = runs.map((run) => run.series);
    const all = [...specs, ...otherSpecs([...new Set(series.flatMap(({ names }) => names))])].map((spec) => ({
      spec,
      lines: linesOf(spec, series),
    }));
    const there = all.filter(({ lines }) => lines.length > 0);
    const plays = isPlaying.peek() && live.peek()?.run === main.id;
    let known = seen.current;
    if (known?.runs !== runs || !plays || main.series.length <= settledAfter || asked > 0) {
      known = { runs, ids: new Set(there.map(({ spec }) => spec.id)) };
      seen.current = known;
      if (asked > 0) setAsked(0);
    }
    const { ids } = known;
    const shown = there.filter(({ spec }) => ids.has(spec.id));
    return {
      shown,
      held: { length: there.length - shown.length, show: () => setAsked(1) },
      missing: all.filter(({ lines, spec }) => lines.length === 0 && !spec.rare).map(({ spec }) => spec),
    };
  }, [runs, metrics, asked]);
}

function WhatColoursAre({ runs }: { runs: readonly ShownRun[] }) {
  return (
    <p class="charts-runs note">
      Each colour is a run:{' '}
      {runs.map(({ id, name, colour }) => (
        <span key={id} class="charts-run">
          <span class="run-dot" style={{ background: `var(--series-${colour})` }} aria-hidden="true" /> {name}
        </span>
      ))}
      The lines of a run are told apart by their dashes.
    </p>
  );
}

function ChartGroup({
  group,
  charts,
  board,
  runs,
}: {
  group: Group;
  charts: readonly ShownChart[];
  board: Board;
  runs: readonly ShownRun[];
}) {
  const open = !settings.closed.value.has(group);
  const main = charts.find(({ spec }) => spec === headline);
  const rest = charts.filter(({ spec }) => spec !== headline);
  if (charts.length === 0) return null;
  return (
    <section class="plot-group" aria-labelledby={`charts-${group}`}>
      <h3>
        <button
          type="button"
          id={`charts-${group}`}
          class="plot-group-toggle"
          aria-expanded={open}
          onClick={() => settings.toggleGroup(group)}
        >
          <span class="plot-group-mark" aria-hidden="true" />
          {groupTitles[group]}
        </button>
        <span class="note number" aria-hidden="true">
          {charts.length}
        </span>
      </h3>
      {open && main && <Headline chart={main} board={board} runs={runs} />}
      {open && (
        <div class="plot-grid">
          {rest.map(({ spec, lines }) => (
            <ChartCard key={spec.id} spec={spec} lines={lines} board={board} runs={runs} />
          ))}
        </div>
      )}
    </section>
  );
}

function Missing({ missing, held, show }: { missing: readonly ChartSpec[]; held: number; show: () => void }) {
  if (missing.length === 0 && held === 0) return null;
  const charts = (count: number) => (count === 1 ? '1 chart has' : `${count} charts have`);
  return (
    <div class="charts-missing">
      {held > 0 && (
        <button type="button" class="button button-small" onClick={show}>
          {charts(held)} something to show now
        </button>
      )}
      {missing.length > 0 && (
        <details>
          <summary>{charts(missing.length)} nothing to show yet</summary>
          <ul>
            {missing.map(({ id, title, when }) => (
              <li key={id}>
                {title}
                {when && <span class="note">: {when}</span>}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
