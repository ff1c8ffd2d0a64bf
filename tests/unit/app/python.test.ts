/** Python's words are told apart, and nothing of a text is lost, whatever a model wrote. */
import { expect, it } from 'vitest';
import { pythonLines, pythonTokens } from '../../../src/app/ui/python';

const kinds = (text: string) =>
  pythonTokens(text)
    .filter(({ text: piece }) => piece.trim() !== '')
    .map(({ kind, text: piece }) => `${kind} ${piece.trim()}`);

it('tells keywords, names that are defined, builtins, constants, numbers and operators apart', () => {
  expect(kinds('def f(x):\n    return len(x) + 0x1f if x else None')).toEqual([
    'keyword def',
    'defined f',
    'plain (x)',
    'operator :',
    'keyword return',
    'builtin len',
    'plain (x)',
    'operator +',
    'number 0x1f',
    'keyword if',
    'plain x',
    'keyword else',
    'constant None',
  ]);
});

it('knows texts with prefixes, escapes and three quotes', () => {
  for (const text of ["'a\\'b'", '"x"', "r'\\d'", 'f"{x}"', "'''a\n'b'\nc'''", "''"])
    expect(pythonTokens(text)).toEqual([{ kind: 'string', text }]);
});

it('ends a text without a closing quote at the end of its line', () => {
  expect(kinds("a = 'open\nb = 1")).toEqual([
    'plain a',
    'operator =',
    "string 'open",
    'plain b',
    'operator =',
    'number 1',
  ]);
});

it('takes a comment for what it is, and a hash within a text for a part of it', () => {
  expect(kinds("a # if 1\n'#'")).toEqual(['plain a', 'comment # if 1', "string '#'"]);
});

it('sees no builtin in the name of a method, and no keyword within a longer name', () => {
  expect(kinds('x.count(max_) + x . index')).toEqual([
    'plain x.count(max_)',
    'operator +',
    'plain x . index',
  ]);
  expect(kinds('format')).toEqual(['plain format']);
  expect(kinds('x.max')).toEqual(['plain x.max']);
});

it('loses nothing of any text', () => {
  const texts = [
    '',
    '⟨ans⟩def f(x):\n\treturn "',
    "'''",
    '\u{1F600} = 1e',
    '\ud800 \\ ` $',
    '1_000.5e-3j',
    '..5',
  ];
  for (const text of texts)
    expect(
      pythonTokens(text)
        .map((token) => token.text)
        .join(''),
    ).toBe(text);
});

it('cuts tokens at line ends, where lines are shown one by one', () => {
  expect(pythonLines("x = '''a\nb'''\n").map((line) => line.map(({ text }) => text).join(''))).toEqual([
    "x = '''a",
    "b'''",
    '',
  ]);
});
