/** What keys do in the editor. `|` stands where the cursor is, `[` and `]` around what is selected. */
import { describe, expect, it } from 'vitest';
import {
  backspace,
  type Edit,
  indent,
  newLine,
  outdent,
  type Selection,
} from '../../../src/app/playground/editing';

function read(marked: string): Selection {
  const [start, end] = marked.includes('|')
    ? [marked.indexOf('|'), marked.indexOf('|')]
    : [marked.indexOf('['), marked.indexOf(']') - 1];
  return { text: marked.replace(/[|[\]]/g, ''), start, end };
}

function after(edit: (selection: Selection) => Edit | null, marked: string): string | null {
  const selection = read(marked);
  const change = edit(selection);
  if (!change) return null;
  const { from, to, insert, start, end } = change;
  const text = selection.text.slice(0, from) + insert + selection.text.slice(to);
  const selected = start === end ? '|' : `[${text.slice(start, end)}]`;
  return text.slice(0, start) + selected + text.slice(end);
}

describe('Tab', () => {
  it.each([
    ['|x', '    |x'],
    ['a|', 'a   |'],
    ['    |x', '        |x'],
    ['a\n  |x', 'a\n    |x'],
    ['a[bc]d', 'a   |d'],
    ['[a\nb]', '    [a\n    b]'],
    ['def f():\n[a\n\nb]\nc', 'def f():\n    [a\n\n    b]\nc'],
  ])('%j -> %j', (before, expected) => expect(after(indent, before)).toBe(expected));
});

describe('Shift and Tab', () => {
  it.each([
    ['    x|', 'x|'],
    ['      x|', '  x|'],
    ['x|', 'x|'],
    ['  |x', '|x'],
    ['    [a\n        b\nc]', '[a\n    b\nc]'],
    ['\tx|', 'x|'],
  ])('%j -> %j', (before, expected) => expect(after(outdent, before)).toBe(expected));
});

describe('Enter', () => {
  it.each([
    ['x = 1|', 'x = 1\n|'],
    ['    x = 1|', '    x = 1\n    |'],
    ['def f(x):|', 'def f(x):\n    |'],
    ['    for i in x:  # each|', '    for i in x:  # each\n        |'],
    ['        return x|', '        return x\n    |'],
    ['    returned = 1|', '    returned = 1\n    |'],
    ['    pass|', '    pass\n|'],
    ['a|b', 'a\n|b'],
  ])('%j -> %j', (before, expected) => expect(after(newLine, before)).toBe(expected));
});

describe('Backspace', () => {
  it.each([
    ['        |x', '    |x'],
    ['      |x', '    |x'],
    ['a\n    |', 'a\n|'],
    ['a    |x', null],
    ['|x', null],
    ['    [ ]x', null],
  ])('%j -> %j', (before, expected) => expect(after(backspace, before)).toBe(expected));
});
