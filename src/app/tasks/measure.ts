/**
 * @file How complex a program looks, from its text alone: its lines, and a point for every turn in it, more the deeper it stands. Python's
 * own measures need Python; these are for a map of thousands of programs, where only their order matters.
 */

import { pythonLines } from '../ui/python';

const turns: ReadonlySet<string> = new Set([
  'if',
  'elif',
  'else',
  'for',
  'while',
  'except',
  'and',
  'or',
  'lambda',
]);
/** What opens a block, so that what stands in it is deeper. */
const blocks: ReadonlySet<string> = new Set(['if', 'elif', 'else', 'for', 'while', 'except']);

export interface Complexity {
  /** With code on them. */
  lines: number;
  /** Branches, loops and conditions. */
  turns: number;
  /** Lines, and for each turn one and the blocks around it. */
  points: number;
}

export function complexityOf(program: string): Complexity {
  /** Indents of the blocks that are open. */
  const open: number[] = [];
  let [lines, count, points] = [0, 0, 0];
  for (const line of pythonLines(program)) {
    const code = line.filter(({ kind, text }) => kind !== 'comment' && text.trim() !== '');
    if (code.length === 0) continue;
    const indent = line[0].kind === 'plain' ? (/^\s*/.exec(line[0].text)?.[0].length ?? 0) : 0;
    while (open.length > 0 && open[open.length - 1] >= indent) open.pop();
    lines++;
    for (const { kind, text } of code) {
      if (kind !== 'keyword' || !turns.has(text)) continue;
      count++;
      points += 1 + open.length;
    }
    const first = code[0];
    if (first.kind === 'keyword' && blocks.has(first.text)) open.push(indent);
  }
  return { lines, turns: count, points: points + lines };
}
