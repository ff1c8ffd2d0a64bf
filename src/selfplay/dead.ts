/**
 * @file Does every statement of a program matter? Where one can go and the outputs stay, the program looks harder than it is, and a
 * model that is paid for hard tasks learns to pad. Statements are told by lines and indentation; what cannot do without one of its lines
 * does not run without it, and then that line matters.
 */

import type { Outcome } from '../sandbox/executor';

/** The program less one statement and all that stands under it, for each that returns nothing. */
export function withoutOne(program: string): string[] {
  const lines = program.split('\n').filter((line) => line.trim() !== '');
  return lines.flatMap((line, first) => {
    if (/^\s*(def|return|else|elif|except|finally|@|import|from|class)\b/.test(line) || first === 0)
      return [];
    const depth = indentation(line);
    let end = first + 1;
    while (end < lines.length && (indentation(lines[end]) > depth || continues(lines[end], depth))) end++;
    const header = lines[first - 1];
    const alone =
      header.trimEnd().endsWith(':') && !(end < lines.length && indentation(lines[end]) === depth);
    const instead = alone ? [`${' '.repeat(depth)}pass`] : [];
    return [[...lines.slice(0, first), ...instead, ...lines.slice(end)].join('\n')];
  });
}

const indentation = (line: string) => line.length - line.trimStart().length;

/** Another branch of the statement above. */
const continues = (line: string, depth: number) =>
  indentation(line) === depth && /^\s*(else|elif|except|finally)\b/.test(line);

/** Of the same inputs, one by one. */
export const saysTheSame = (some: readonly Outcome[], others: readonly Outcome[]): boolean =>
  some.every((one, i) => {
    const other = others[i];
    return one.verdict === 'ok' && other.verdict === 'ok'
      ? one.output === other.output
      : one.verdict === other.verdict;
  });
