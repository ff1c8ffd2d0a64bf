/**
 * @file The vocabulary of the tiny models: the markers of the compact dialect, every printable ASCII character, and the pieces
 * that small Python functions and scratchpads are mostly made of. Digits stand alone, so that a number looks the same everywhere,
 * and line breaks stand with what follows them, so that lines can be counted. docs/LEARNING.md has what that comes to.
 *
 * The order is part of every model's weights: append, never insert.
 */

import { markers } from './compact';
import { PieceTokenizer } from './pieces';

const spelling = ['\n', ...Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i))];

/** Where a line of a scratchpad begins: with the line of the program that it tells of. */
const labels = Array.from({ length: 20 }, (_, i) => `\n${i + 1}:`);
/** What gets a value in a scratchpad; the answer has no name. */
const given = ['x', 'y', 'a', 'b', 'c', 'i', 'j', 'n', ''].map((name) => ` ${name}=`);
const indents = [1, 2, 3, 4].map((depth) => `\n${'    '.repeat(depth)}`);

/** Of the lines of a listing, behind their number. */
const listed = [1, 2, 3, 4].map((depth) => '    '.repeat(depth));

const python = [
  ...['def f(x):', 'def f(x, y):', 'return ', 'if ', 'else:', 'for ', 'for i in ', 'for j in ', 'while '],
  ...['):', 'range(', 'len(', 'sum(', 'max(', 'min(', 'sorted(', 'abs(', 'str('],
  ...['.upper()', '.count(', '.replace(', '[::-1]', '[1:]', '[:-1]', '[:2]', '[0]', '[1]', '[-1]'],
  ...[' = ', ' += ', ' -= ', ' *= ', ' + ', ' - ', ' * ', ' // ', ' % '],
  ...[' < ', ' > ', ' == ', ' != ', ' in ', ' and ', ' or ', 'not '],
  ...['True', 'False', ', ', '[]', "''"],
];
/** In a scratchpad, operators stand close to what they work on. */
const worked = ['//', '==', '!=', '=True', '=False', 'len=', 'sorted='];

export const makeTinyTokenizer = () =>
  new PieceTokenizer(Object.values(markers), [
    ...spelling,
    ...labels,
    ...given,
    ...indents,
    ...python,
    ...worked,
    ...listed,
  ]);
