/** @file Runs as a table for other programs: a row a step, a column a metric, every value as it was recorded. */

import type { RunSeries } from '../state/series';
import type { ShownRun } from './frame';
import type { Line } from './spec';

export interface CsvColumn {
  name: string;
  values: (series: RunSeries) => Float64Array;
}

/** All that was recorded. */
export function allColumns(runs: readonly ShownRun[]): CsvColumn[] {
  const names = new Set(runs.flatMap(({ series }) => series.names));
  return [...names].map((name) => ({ name, values: (series) => series.column(name) }));
}

/** What a chart shows, with the ends of its intervals. */
export function columnsOf(lines: readonly Line[]): CsvColumn[] {
  return lines.flatMap(({ key, label, from, low, high, values }) => [
    { name: from.includes(key) ? key : label, values },
    ...[low, high]
      .filter((name) => name !== undefined)
      .map((name) => ({ name, values: (series: RunSeries) => series.column(name) })),
  ]);
}

const rowsAtOnce = 500;

/** In pieces, so that nobody has to wait for a long run without a word. */
export function* csvOf(runs: readonly ShownRun[], columns: readonly CsvColumn[]): Generator<string> {
  yield `${['run', 'step', ...columns.map(({ name }) => name)].map(cell).join(',')}\r\n`;
  for (const { name, series } of runs) {
    const values = columns.map((column) => column.values(series));
    const head = cell(name);
    for (let from = 0; from < series.length; from += rowsAtOnce) {
      let piece = '';
      for (let at = from; at < Math.min(from + rowsAtOnce, series.length); at++) {
        piece += `${head},${series.steps[at]}`;
        for (const column of values) piece += Number.isNaN(column[at]) ? ',' : `,${column[at]}`;
        piece += '\r\n';
      }
      yield piece;
    }
  }
}

/** Names are the user's, or come with a log: quoted where they must be, and never a formula to a spreadsheet. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
