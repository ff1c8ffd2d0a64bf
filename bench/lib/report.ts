/** @file What a measurement hands back: rows for a table, the same for a program, and a remark where one is needed. */

export type Cell = string | number | null;
export type Row = Record<string, Cell>;

export interface Measurement {
  /** The name on the command line and of the section. */
  name: string;
  title: string;
  rows: Row[];
  remarks: string[];
}

/** A Markdown table: read as well on a terminal as in docs/BENCHMARKS.md. */
export function table(rows: readonly Row[]): string {
  if (rows.length === 0) return '(nothing measured)';
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = rows.map((row) => columns.map((column) => String(row[column] ?? '')));
  const widths = columns.map((column, i) => Math.max(column.length, ...cells.map((line) => line[i].length)));
  const line = (parts: string[]) => `| ${parts.map((part, i) => part.padEnd(widths[i])).join(' | ')} |`;
  return [
    line(columns),
    `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`,
    ...cells.map(line),
  ].join('\n');
}

export function section({ title, rows, remarks }: Measurement): string {
  return [`## ${title}`, ...(rows.length > 0 ? [table(rows)] : []), ...remarks].join('\n\n');
}
