/** @file The chart that counts, large, with what each mode stood at in the beginning and stands at now; and all of it as a table. */

import { useSignal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { readConfig } from '../../selfplay/config';
import { configOf } from '../state/draft';
import { runs as library } from '../state/library';
import { runData } from '../state/run-data';
import type { Board } from './board';
import { ChartCard } from './card';
import type { ShownChart } from './charts';
import type { ShownRun } from './frame';
import { figure, nothing, type Value, withInterval } from './readout';
import type { Line } from './spec';

export function Headline({
  chart,
  board,
  runs,
}: {
  chart: ShownChart;
  board: Board;
  runs: readonly ShownRun[];
}) {
  const { spec, lines } = chart;
  return (
    <div class="headline">
      <ChartCard spec={spec} lines={lines} board={board} runs={runs} large />
      <Tested runs={runs} lines={lines} unit={spec.unit} />
    </div>
  );
}

/** Rendered again after a test, and not after every step. */
function Tested({ runs, lines, unit }: { runs: readonly ShownRun[]; lines: readonly Line[]; unit: string }) {
  const tests = useSignal(0);
  useEffect(() => {
    const names = lines.flatMap(({ from }) => from);
    const stops = runs.map((run) => {
      let before = { length: 0, rewinds: 0 };
      return runData(run.id).version.subscribe(() => {
        const { length, rewinds } = run.series;
        if (rewinds !== before.rewinds || run.series.grewSince(before.length, names)) tests.value++;
        before = { length, rewinds };
      });
    });
    return () => {
      for (const stop of stops) stop();
    };
  }, [runs, lines]);
  const [open, setOpen] = useState(false);
  tests.value;
  return (
    <div class="headline-figures">
      <Figures runs={runs} lines={lines} unit={unit} />
      {runs.map((run) => (
        <OnlyLevels key={run.id} run={run} named={runs.length > 1} />
      ))}
      <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>All tests as a table</summary>
        {open && <AllTests runs={runs} lines={lines} unit={unit} />}
      </details>
    </div>
  );
}

/** Of a run that is not asked tasks of every level. */
function OnlyLevels({ run, named }: { run: ShownRun; named: boolean }) {
  const info = library.value?.find(({ id }) => id === run.id);
  const asked = info && configOf(info)?.['evaluate.levels'];
  if (!asked || asked.length === everyLevel.length) return null;
  const which = `${asked.length > 1 ? 'levels' : 'level'} ${asked.join(' and ')}`;
  return (
    <p class="note">
      {named ? `${run.name}: its` : 'Its'} tests are of {which} alone, of 1 to {everyLevel.length}.
    </p>
  );
}

const everyLevel = readConfig({})['evaluate.levels'];

interface TableProps {
  runs: readonly ShownRun[];
  lines: readonly Line[];
  unit: string;
}

function Figures({ runs, lines, unit }: TableProps) {
  return (
    <table class="table">
      <caption class="visually-hidden">Held-out accuracy at the beginning and now</caption>
      <thead>
        <tr>
          <th scope="col">Mode</th>
          <th scope="col" class="number">
            Start
          </th>
          <th scope="col" class="number">
            Now
          </th>
          <th scope="col" class="number">
            Change
          </th>
        </tr>
      </thead>
      {runs.map((run) => (
        <tbody key={run.id}>
          {runs.length > 1 && (
            <tr>
              <th scope="rowgroup" colSpan={4}>
                <span
                  class="run-dot"
                  style={{ background: `var(--series-${run.colour})` }}
                  aria-hidden="true"
                />{' '}
                {run.name}
              </th>
            </tr>
          )}
          {lines.map((line) => {
            const [first, last] = ends(run, line);
            return (
              <tr key={line.key}>
                <th scope="row">{line.label}</th>
                <td class="number">{figure(first.value, unit)}</td>
                <td class="number">
                  <strong>{figure(last.value, unit)}</strong>
                  <span class="note">{interval(last, unit)}</span>
                </td>
                <td class="number">{change(first.value, last.value)}</td>
              </tr>
            );
          })}
        </tbody>
      ))}
    </table>
  );
}

/** More than this nobody reads here, and long tables are slow. */
const mostTests = 100;

function AllTests({ runs, lines, unit }: TableProps) {
  const tests = runs.flatMap((run) => testsOf(run, lines));
  return (
    <>
      {tests.length > mostTests && (
        <p class="note">
          The newest {mostTests} of {tests.length}; the CSV of the chart has all.
        </p>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
      <section class="headline-table" aria-label="All tests" tabIndex={0}>
        <table class="table">
          <caption class="visually-hidden">Held-out accuracy in every test, with the 95% interval</caption>
          <thead>
            <tr>
              {runs.length > 1 && <th scope="col">Run</th>}
              <th scope="col" class="number">
                Step
              </th>
              {lines.map(({ key, label }) => (
                <th scope="col" class="number" key={key}>
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {tests
              .sort((a, b) => b.step - a.step)
              .slice(0, mostTests)
              .map(({ run, at, step }) => (
                <tr key={`${run.id} ${step}`}>
                  {runs.length > 1 && <td>{run.name}</td>}
                  <th scope="row" class="number">
                    {step}
                  </th>
                  {lines.map((line) => (
                    <td class="number" key={line.key}>
                      {withInterval(tested(run, line, at), unit)}
                    </td>
                  ))}
                </tr>
              ))}
          </tbody>
        </table>
      </section>
    </>
  );
}

function testsOf(run: ShownRun, lines: readonly Line[]): { run: ShownRun; at: number; step: number }[] {
  const columns = lines.map((line) => line.values(run.series));
  const found: { run: ShownRun; at: number; step: number }[] = [];
  for (const [at, step] of run.series.steps.entries()) {
    if (columns.some((column) => !Number.isNaN(column[at]))) found.push({ run, at, step });
  }
  return found;
}

function tested({ series }: ShownRun, line: Line, at: number): Value {
  const of = (name: string | undefined) => {
    const value = name === undefined ? Number.NaN : series.column(name)[at];
    return Number.isNaN(value) ? undefined : value;
  };
  const value = line.values(series)[at];
  return { value: Number.isNaN(value) ? undefined : value, low: of(line.low), high: of(line.high) };
}

/** At the first test and at the last one. */
function ends(run: ShownRun, line: Line): [Value, Value] {
  const values = line.values(run.series);
  const there = (value: number) => !Number.isNaN(value);
  return [tested(run, line, values.findIndex(there)), tested(run, line, values.findLastIndex(there))];
}

const interval = ({ low, high }: Value, unit: string) =>
  low === undefined || high === undefined ? '' : ` ${figure(low, unit)} to ${figure(high, unit)}`;

/** In points: 41% to 45% is +4.0. */
function change(first: number | undefined, last: number | undefined): string {
  if (first === undefined || last === undefined) return nothing;
  const points = 100 * (last - first);
  if (Math.abs(points) < 0.05) return '±0.0';
  return `${points > 0 ? '+' : '−'}${Math.abs(points).toFixed(1)}`;
}
