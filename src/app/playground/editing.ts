/** @file What keys do in the editor of programs, as changes of a text: Python is written by indentation. */

export interface Selection {
  text: string;
  start: number;
  end: number;
}

/** What is put in place of which part, and what is selected then. */
export interface Edit {
  from: number;
  to: number;
  insert: string;
  start: number;
  end: number;
}

const step = '    ';

/** Tab: to the next stop; of several lines, each. */
export function indent({ text, start, end }: Selection): Edit {
  if (!text.slice(start, end).includes('\n')) {
    const column = start - lineStart(text, start);
    const blanks = ' '.repeat(step.length - (column % step.length));
    return { from: start, to: end, insert: blanks, start: start + blanks.length, end: start + blanks.length };
  }
  return eachLine({ text, start, end }, (line) => (line === '' ? line : step + line));
}

/** Shift and Tab: up to four blanks less at the beginning of each line. */
export const outdent = (selection: Selection): Edit =>
  eachLine(selection, (line) => line.replace(/^(?: {1,4}|\t)/, ''));

/** Enter: the next line begins where this one does; deeper after a colon, and less deep after what ends a block. */
export function newLine({ text, start, end }: Selection): Edit {
  const line = text.slice(lineStart(text, start), start);
  const blanks = /^ */.exec(line)?.[0] ?? '';
  const code = line.trim().replace(/\s*#.*$/, '');
  const deeper = code.endsWith(':');
  const ends = /^(?:return|pass|break|continue|raise)\b/.test(code);
  const indentation = deeper ? blanks + step : ends ? blanks.slice(step.length) : blanks;
  const insert = `\n${indentation}`;
  return { from: start, to: end, insert, start: start + insert.length, end: start + insert.length };
}

/** Backspace within the blanks at a line's beginning: back to the stop before. Null where it is the browser's affair. */
export function backspace({ text, start, end }: Selection): Edit | null {
  const before = text.slice(lineStart(text, start), start);
  if (start !== end || before === '' || before.trim() !== '' || before.includes('\t')) return null;
  const less = before.length % step.length || step.length;
  return { from: start - less, to: start, insert: '', start: start - less, end: start - less };
}

function eachLine({ text, start, end }: Selection, change: (line: string) => string): Edit {
  const from = lineStart(text, start);
  const feed = text.indexOf('\n', end);
  const to = feed < 0 ? text.length : feed;
  const lines = text.slice(from, to).split('\n');
  const changed = lines.map(change);
  const insert = changed.join('\n');
  const first = changed[0].length - lines[0].length;
  return {
    from,
    to,
    insert,
    start: Math.max(from, start + first),
    end: Math.max(from, end + insert.length - (to - from)),
  };
}

const lineStart = (text: string, at: number) => text.lastIndexOf('\n', at - 1) + 1;
