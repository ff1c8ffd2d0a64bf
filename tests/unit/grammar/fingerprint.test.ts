/**
 * What a program does, as a short text: equal however it is written, and the same for good, since sets that were frozen hold it.
 */
import { describe, expect, it } from 'vitest';
import { fingerprint } from '../../../src/grammar/fingerprint';
import {
  call,
  type Expression,
  infix,
  item,
  type Kind,
  literal,
  name,
  type Program,
  type Statement,
  slice,
} from '../../../src/grammar/tree';

const [x, y, a, i] = ['x', 'y', 'a', 'i'].map(name);
const give = (value: Expression): Statement => ({ node: 'return', value });
const set = (target: string, value: Expression): Statement => ({ node: 'assign', target, value });
const add = (target: string, value: Expression): Statement => ({
  node: 'update',
  target,
  operator: '+',
  value,
});
const through = (over: Expression, ...body: Statement[]): Statement => ({
  node: 'for',
  target: 'i',
  over,
  body,
});
const of = (kinds: Kind[], ...body: Statement[]): Program => ({
  parameters: kinds.map((kind, n) => ({ name: ['x', 'y'][n], kind })),
  body,
});

const twice = of(['int'], give(infix(x, '*', literal(2))));
const total = of(['ints'], give(call('sum', x)));

describe('programs that do the same', () => {
  it.each<[string, Program, Program]>([
    ['in one line or two', twice, of(['int'], set('a', infix(x, '*', literal(2))), give(a))],
    ['by another operation', twice, of(['int'], give(infix(x, '+', x)))],
    ['by a loop', total, of(['ints'], set('a', literal(0)), through(x, add('a', i)), give(a))],
    [
      'and fail alike',
      of(['ints'], give(item(x, literal(3)))),
      of(['ints'], set('a', item(x, literal(3))), give(a)),
    ],
  ])('%s have the same', (_, one, other) => {
    expect(fingerprint(one)).toBe(fingerprint(other));
  });
});

describe('programs that do something else', () => {
  it.each<[string, Program, Program]>([
    ['by a constant', twice, of(['int'], give(infix(x, '*', literal(3))))],
    ['on negative numbers alone', of(['int'], give(x)), of(['int'], give(call('abs', x)))],
    ['on longer lists alone', of(['ints'], give(slice(x, ':2'))), of(['ints'], give(x))],
    [
      'in the order of two arguments',
      of(['int', 'int'], give(infix(x, '-', y))),
      of(['int', 'int'], give(infix(y, '-', x))),
    ],
    ['to another kind', of(['ints'], give(call('len', x))), of(['str'], give(call('len', x)))],
    ['where only one fails', total, of(['ints'], set('a', item(x, literal(3))), give(call('sum', x)))],
  ])('%s have different ones', (_, one, other) => {
    expect(fingerprint(one)).not.toBe(fingerprint(other));
  });
});

it.each<[Program, string]>([
  [twice, 'int d239d4272d4aedc5'],
  [total, 'ints c7b38a69802993c3'],
  [of(['str', 'int'], give(infix(x, '*', y))), 'str int 09a54dbf6ade9419'],
  [of(['bool'], give({ node: 'not', of: x })), 'bool 050593cd809a0fdf'],
])('it stays as it is: frozen sets hold it (%#)', (program, expected) => {
  expect(fingerprint(program)).toBe(expected);
});
