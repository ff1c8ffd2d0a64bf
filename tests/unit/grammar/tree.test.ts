/**
 * Trees as Python: brackets where they are needed, and nowhere else.
 */
import { describe, expect, it } from 'vitest';
import {
  call,
  type Expression,
  infix,
  item,
  literal,
  method,
  name,
  printArguments,
  printExpression,
  printProgram,
  type Statement,
  slice,
} from '../../../src/grammar/tree';

const [a, b, c] = ['a', 'b', 'c'].map(name);
const not = (of: Expression): Expression => ({ node: 'not', of });

describe('an expression', () => {
  it.each([
    [infix(infix(a, '+', b), '*', c), '(a + b) * c'],
    [infix(a, '+', infix(b, '*', c)), 'a + b * c'],
    [infix(a, '-', infix(b, '-', c)), 'a - (b - c)'],
    [infix(infix(a, '-', b), '-', c), 'a - b - c'],
    [infix(infix(a, '%', literal(2)), '==', literal(0)), 'a % 2 == 0'],
    [infix(infix(a, '<', b), '==', c), '(a < b) == c'],
    [infix(not(a), 'and', not(infix(b, 'or', c))), 'not a and not (b or c)'],
    [infix(a, 'or', infix(b, 'and', c)), 'a or b and c'],
    [not(infix(a, '>', b)), 'not a > b'],
    [item(infix(a, '+', b), literal(-1)), '(a + b)[-1]'],
    [slice(slice(a, '1:'), '::-1'), 'a[1:][::-1]'],
    [method(infix(a, '+', b), 'count', literal('k')), "(a + b).count('k')"],
    [call('max', a, infix(b, '-', literal(1))), 'max(a, b - 1)'],
    [{ node: 'list' as const, items: [a, literal(3)] }, '[a, 3]'],
    [literal(true), 'True'],
    [literal([1, -2]), '[1, -2]'],
  ])('%# is %s', (expression, text) => {
    expect(printExpression(expression)).toBe(text);
  });
});

it('is indented by four, with an else only where there is something to do otherwise', () => {
  const update: Statement = { node: 'update', target: 'a', operator: '+', value: literal(1) };
  const branch: Statement = { node: 'if', test: b, body: [update], otherwise: [] };
  const program = printProgram({
    parameters: [
      { name: 'x', kind: 'ints' },
      { name: 'b', kind: 'bool' },
    ],
    body: [
      { node: 'assign', target: 'a', value: literal('') },
      { node: 'for', target: 'i', over: name('x'), body: [branch, { ...branch, otherwise: [update] }] },
      { node: 'while', test: infix(a, '<', literal(9)), body: [update] },
      { node: 'return', value: a },
    ],
  });
  expect(program.split('\n')).toEqual([
    'def f(x, b):',
    "    a = ''",
    '    for i in x:',
    '        if b:',
    '            a += 1',
    '        if b:',
    '            a += 1',
    '        else:',
    '            a += 1',
    '    while a < 9:',
    '        a += 1',
    '    return a',
  ]);
});

it('writes arguments as Python does', () => {
  expect(printArguments([[3, -1], 'ek', 7, false])).toBe("[3, -1], 'ek', 7, False");
});
