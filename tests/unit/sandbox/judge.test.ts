/**
 * What counts as a right answer: the values that Python calls equal, however they are written, and nothing that would have to be
 * computed. The table in docs/SANDBOX.md is held to the same.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../src/sandbox/executor';
import { GoldError, judgeDeduction, matches } from '../../../src/sandbox/judge';

type Row = [gold: string, answer: string, right: 'yes' | 'no'];

const equalities: Row[] = [
  // Numbers are equal by value, whatever their type, and exactly.
  ['True', '1', 'yes'],
  ['0', 'False', 'yes'],
  ['1.0', '1', 'yes'],
  ['1+0j', '1', 'yes'],
  ['1j', '(0+1j)', 'yes'],
  ['-1j', '(-0-1j)', 'yes'],
  ['1j', '-1j', 'no'],
  ['1+1j', '1', 'no'],
  ['-0.0', '0.0', 'yes'],
  ['-0.0', '0', 'yes'],
  ['-0j', '0', 'yes'],
  ['inf', '1e999', 'yes'],
  ["float('inf')", 'inf', 'yes'],
  ['-inf', '-1e999', 'yes'],
  ['inf', '-inf', 'no'],
  ['nan', 'nan', 'no'],
  ['[nan]', '[nan]', 'no'],
  ['{nan: 1}', '{nan: 1}', 'no'],
  ['(nan+1j)', '(nan+1j)', 'no'],
  ['9007199254740993', '9007199254740992.0', 'no'],
  ['9007199254740992', '9007199254740993.0', 'yes'], // no float lies between
  ['1e22', '10000000000000000000000', 'yes'],
  ['1e23', '100000000000000000000000', 'no'],
  ['1e23', '99999999999999991611392', 'yes'],
  ['0.3', '0.30000000000000004', 'no'],
  ['0.1', '0.1000000000000000055', 'yes'],
  ['1', '2', 'no'],
  // Types other than numbers are never equal to each other.
  ["'1'", '1', 'no'],
  ["'a'", "b'a'", 'no'],
  ["''", "b''", 'no'],
  ["''", 'None', 'no'],
  ['None', 'False', 'no'],
  ['None', '0', 'no'],
  ['[]', '()', 'no'],
  ['[]', 'None', 'no'],
  ['[1]', '(1,)', 'no'],
  ['[1]', '1', 'no'],
  ['[1]', '{1}', 'no'],
  ['{}', 'set()', 'no'],
  ['{}', '[]', 'no'],
  ["'True'", 'True', 'no'],
  // Order counts in sequences, and nowhere else.
  ['[1, 2]', '[2, 1]', 'no'],
  ['(1, 2)', '(2, 1)', 'no'],
  ["'ab'", "'ba'", 'no'],
  ['{1, 2, 3}', '{3, 1, 2}', 'yes'],
  ["{'a': 1, 'b': 2}", "{'b': 2, 'a': 1}", 'yes'],
  ["{'a': 1}", "{'a': 2}", 'no'],
  ["{'a': 1}", "{'a': 1, 'b': 2}", 'no'],
  ['{1: 2}', '{True: 2.0}', 'yes'],
  ['{1: 3}', '{1: 2, 1.0: 3}', 'yes'],
  ['{1}', '{1, True, 1.0}', 'yes'],
  ['{1}', 'frozenset({1})', 'yes'],
  ['set()', 'frozenset()', 'yes'],
  ['{1, 2}', '{1}', 'no'],
  // Nested likewise.
  ["[(1, {'a': {2.0}})]", "[(True, {'a': {2}})]", 'yes'],
  ["[(1, {'a': {2.0}})]", "[[1, {'a': {2}}]]", 'no'],
  ['{(1, 2): [frozenset({3})]}', '{(1.0, 2): [{3}]}', 'yes'],
  ['[[1], 2]', '[[1, 2]]', 'no'],
  ["['a', 'b']", "['a, b']", 'no'],
  ['[-0.0, [0]]', '[0, [False]]', 'yes'],
];

const spellings: Row[] = [
  ["'a'", '"a"', 'yes'],
  ["'ab'", "'a' 'b'", 'yes'],
  ["'ab'", '"""ab"""', 'yes'],
  ["'ab'", "'a\\x62'", 'yes'],
  ["'a'", "u'a'", 'yes'],
  ["'\\\\n'", "r'\\n'", 'yes'],
  ["'\\n'", "r'\\n'", 'no'],
  ["'é'", "'\\xe9'", 'yes'],
  ["'é'", "'e\u0301'", 'no'], // one code point, and two
  ["'😀'", "'\\U0001f600'", 'yes'],
  ["'😀'", "'\\ud83d\\ude00'", 'no'],
  ["b'a'", "b'\\x61'", 'yes'],
  ['16', '0x10', 'yes'],
  ['16', '0b1_0000', 'yes'],
  ['1000', '1_000', 'yes'],
  ['1000.0', '1e3', 'yes'],
  ['1', '+1', 'yes'],
  ['1', '--1', 'yes'],
  ['1', '(1)', 'yes'],
  ['1', '  1\n', 'yes'],
  ['1', '1 # one', 'yes'],
  ['1', '01', 'no'],
  ['[1, 2]', '[ 1,2, ]', 'yes'],
  ['[1, 2]', '[1,\n2]', 'yes'],
  ['(1, 2)', '1, 2', 'yes'],
  ['(1,)', '1,', 'yes'],
  ['1', '1,', 'no'],
  ['(1, (2, 3))', '1, 2, 3', 'no'],
  ["'[1]'", "'[ 1 ]'", 'no'],
  ["'a'", "' a'", 'no'],
  ["'a'", "'A'", 'no'],
  ["'a'", 'a', 'no'],
  ['None', 'none', 'no'],
  ['True', 'true', 'no'],
  ['None', 'null', 'no'],
  ['inf', 'Infinity', 'no'],
  ['1', '```1```', 'no'],
  ['1', '1.', 'yes'],
  ['1', '1;', 'no'],
  ['1', '1 1', 'no'],
  ['1', 'output: 1', 'no'],
];

/** Answers that would be right, or break something, if anything evaluated them. */
const tricks: Row[] = [
  ['3', 'eval(gold_output)', 'no'],
  ['3', "eval('3')", 'no'],
  ['3', 'gold', 'no'],
  ['3', 'f(3)', 'no'],
  ['3', '(3)()', 'no'],
  ['2', '1+1', 'no'],
  ['2', '1 + (1)', 'no'],
  ['2', '3-1', 'no'],
  ['2', '1j*-2j', 'no'],
  ['-1', '~0', 'no'],
  ['1', '1 if True else 2', 'no'],
  ['1', '(x := 1)', 'no'],
  ['1', '[1][0]', 'no'],
  ['1', '(1).real', 'no'],
  ['1', 'lambda: 1', 'no'],
  ['1', 'int("1")', 'no'],
  ['1', '...', 'no'],
  ['1', '*[1]', 'no'],
  ['1', '*', 'no'],
  ['1', '', 'no'],
  ['True', '100) or (True', 'no'],
  ['True', 'True) or (True', 'no'],
  ['True', '1 == 1', 'no'],
  ['True', 'not False', 'no'],
  ['True', '1 or 2', 'no'],
  ['[1]', '[x for x in [1]]', 'no'],
  ['[1]', '[*[1]]', 'no'],
  ['[1]', 'list((1,))', 'no'],
  ['[1, 1]', '[1]*2', 'no'],
  ['{1: 1}', '{**{1: 1}}', 'no'],
  ['{1: 1}', 'dict([(1, 1)])', 'no'],
  ['{1}', 'set([1])', 'no'],
  ["'a'", "f'a'", 'no'],
  ["'a'", "'a' f''", 'no'],
  ["'a'", "t'a'", 'no'],
  ["'a'", "'a'.lower()", 'no'],
  ["'aa'", "'a'*2", 'no'],
  ["'a'", "'%s' % 'a'", 'no'],
  ["'ab'", "'a' + 'b'", 'no'],
  ['0', "__import__('os').system('x')", 'no'],
  ['0', "type('X',(),{'__eq__':lambda s,o:True})()", 'no'],
  ['0', "type('X', (int,), {'__eq__': lambda self, other: True, '__hash__': int.__hash__})(0)", 'no'],
  ['0', 'print(0)', 'no'],
  ['0', '0\nimport os', 'no'],
  ['0', '0) #', 'no'],
  ['0', "0 # '''\n)", 'no'],
  ['0', 'yield', 'no'],
  ['0', 'await 0', 'no'],
  ['0', '0 and x', 'no'],
  ['0', '\0', 'no'],
  ['0', '('.repeat(1000), 'no'],
  ['0', '０', 'no'],
];

const documented = (): Row[] => {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/SANDBOX.md'), 'utf8');
  const table = text.split('<!-- judging -->')[1].split('<!-- /judging -->')[0];
  const lines = table.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) => {
    const row = /^\| `(.+)` \| `(.+)` \| (yes|no) \|$/.exec(line);
    if (!row) throw new Error(`docs/SANDBOX.md has a row that cannot be read: ${line}`);
    return row.slice(1) as Row;
  });
};

/** Both ways in which a gold answer is compared: with an answer, and with what a program gave. */
function check(gold: string, answer: string, right: Row[2]) {
  expect(judgeDeduction(gold, answer).correct).toBe(right === 'yes');
  expect(matches(gold, { verdict: 'ok', output: answer, ms: 1, steps: 1 })).toBe(right === 'yes');
}

describe('values', () => {
  it.each(equalities)('%s, answered with %s: %s', check);

  it.each(equalities)('%s and %s are the same both ways round: %s', (gold, answer, right) => {
    check(answer, gold, right);
  });
});

describe('spellings of a value', () => {
  it.each(spellings)('%s, answered with %j: %s', check);
});

describe('tricks', () => {
  it.each(tricks)('%s, answered with %j: %s', (gold, answer, right) => {
    check(gold, answer, right);
    expect(judgeDeduction(gold, answer).verdict).toBe('syntax');
  });
});

describe('the table in docs/SANDBOX.md', () => {
  it.each(documented())('%s, answered with %s: %s', check);

  it('shows both kinds of answers', () => {
    expect(documented().length).toBeGreaterThan(30);
    expect(new Set(documented().map(([, , right]) => right))).toEqual(new Set(['yes', 'no']));
  });
});

describe('a judgement', () => {
  it('shows the answer as Python would print it', () => {
    expect(judgeDeduction('[1]', '[ 0x1, ]')).toEqual({ verdict: 'ok', output: '[1]', correct: true });
    expect(judgeDeduction('[1]', '"a"')).toEqual({ verdict: 'ok', output: "'a'", correct: false });
  });

  it('gives the reason why an answer cannot be read', () => {
    expect(judgeDeduction('3', 'f(3)')).toEqual({
      verdict: 'syntax',
      reason: "It stops at character 1: expected a value, found 'f'.",
      correct: false,
    });
  });
});

describe('a gold answer that is not a literal', () => {
  it.each(['', 'f(3)', '<object at 0x7f>', '[1'])('%j is the fault of whoever made the task', (gold) => {
    expect(() => judgeDeduction(gold, '1')).toThrow(GoldError);
    expect(() => judgeDeduction(gold, 'not a literal')).toThrow(GoldError);
    expect(() => matches(gold, { verdict: 'ok', output: '1', ms: 1, steps: 1 })).toThrow(GoldError);
  });

  it('is named as such', () => {
    expect(() => judgeDeduction('[1', '1')).toThrow(
      'The gold answer is not a Python literal; make the task again from a run of its program. ' +
        "It stops at character 3: expected ',' or ']', found the end.",
    );
  });
});

it('reads gold answers and others within the same limits', () => {
  expect(judgeDeduction('1', '[[1]]', { depth: 1 }).verdict).toBe('syntax');
  expect(() => judgeDeduction('[[1]]', '1', { depth: 1 })).toThrow(GoldError);
  expect(matches('[]', { verdict: 'ok', output: '[  ]', ms: 1, steps: 1 }, { length: 3 })).toBe(false);
});

describe('the outcome of a run', () => {
  it.each(['<object at 0x7f>', '', '[1', 'Ellipsis', '('.repeat(1000)])(
    'matches nothing if its output is %j',
    (output) => expect(matches('1', { verdict: 'ok', output, ms: 1, steps: 1 })).toBe(false),
  );

  it('matches nothing if it failed, whatever it says', () => {
    const failed: Outcome = { verdict: 'error', reason: '1', ms: 1, steps: 1 };
    expect(matches('1', failed)).toBe(false);
  });
});
