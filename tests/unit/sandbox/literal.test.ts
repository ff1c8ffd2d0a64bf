/**
 * Literals are read as CPython reads them (tests/golden/literals/make.py), and nothing else is: no calls, no arithmetic, no names.
 */
import { describe, expect, it } from 'vitest';
import { parseArguments, parseValue } from '../../../src/sandbox/literal';
import type { Value } from '../../../src/sandbox/value';
import { golden, show } from '../../golden/literals/load';

const made = (text: string) => {
  const parsed = parseValue(text);
  return parsed.ok ? show(parsed.value) : null;
};

const called = (text: string) => {
  const parsed = parseArguments(text);
  if (!parsed.ok) return null;
  const entries = parsed.named.map(([name, value]): [Value, Value] => [str(name), value]);
  const call: Value[] = [
    { type: 'tuple', items: parsed.positional },
    { type: 'dict', entries },
  ];
  return show({ type: 'tuple', items: call });
};

const str = (text: string): Value => ({ type: 'str', points: [...text].map((c) => c.codePointAt(0)!) });

const reason = (parsed: { ok: true } | { ok: false; reason: string }) =>
  parsed.ok ? 'accepted' : parsed.reason;

describe('a value', () => {
  it('is what ast.literal_eval makes of its text', () => {
    expect(golden.texts.length).toBeGreaterThan(3000);
    expect(golden.texts.map(([text]) => [text, made(text)])).toEqual(golden.texts);
  });

  it.each(golden.differences)('differs from it on purpose: %s, as in %j', (_why, text, python, ours) => {
    expect(made(text)).toBe(ours);
    if (text.length < 40) expect([text, ours === python && ours !== null]).toEqual([text, false]);
  });

  it.each([
    ['', 'It stops at character 1: expected a value, found the end.'],
    ['(1, 2', "It stops at character 6: expected ',' or ')', found the end."],
    ['[1, )', "It stops at character 5: expected a value, found ')'."],
    ['1 2', "It stops at character 3: expected the end, found '2'."],
    ['100) or (True', "It stops at character 4: expected the end, found ')'."],
    ["eval('1')", "It stops at character 1: expected a value, found 'eval'."],
    ["'😀', x", "It stops at character 6: expected a value, found 'x'."],
    ['1\n2', "It stops at character 3: expected the end, found '2'."],
    ['1 +\n2j', 'It stops at character 4: expected a value, found the end of the line.'],
    ['{1: 2, 3}', "It stops at character 9: expected ':', found '}'."],
    ['{1, []}', 'It stops at character 5: a list, dict or set can be neither a key nor in a set.'],
    ['frozenset([[]])', 'It stops at character 11: a list, dict or set cannot be in a frozenset.'],
    ['frozenset({})', 'It stops at character 11: a frozenset is made from a set or a list.'],
    ["frozenset('ab')", "It stops at character 11: expected a set or a list, found '''."],
    ["float('1')", "It stops at character 7: float takes 'inf', '-inf' or 'nan' here."],
    [
      '1+1',
      'It stops at character 2: only an imaginary number can be added, since nothing is computed here.',
    ],
    ['-True', 'It stops at character 1: only a number can have a sign.'],
    ['012', 'It stops at character 1: a whole number cannot begin with 0.'],
    ['1_', 'It stops at character 1: this is not how a number is written.'],
    ["'abc", 'It stops at character 1: the string that begins here does not end.'],
    ["f'{1}'", 'It stops at character 1: f-strings are computed, and nothing is computed here.'],
    ["t'a'", 'It stops at character 1: t-strings are computed, and nothing is computed here.'],
    ["ur'a'", "It stops at character 1: no string begins with ur'."],
    ["'a' b'b'", 'It stops at character 5: bytes and text cannot be joined.'],
    ["b'é'", 'It stops at character 3: bytes hold ASCII characters only.'],
    ["'\\x4'", 'It stops at character 2: this \\x escape is not a character.'],
    [
      "'\\N{BEL}'",
      'It stops at character 2: characters cannot be given by name (\\N) here, only by number (\\u).',
    ],
    ["'\ud800'", 'It stops at character 2: neither NUL nor half of a surrogate pair may stand in a text.'],
  ])('%j is refused with a reason', (text, expected) => {
    expect(reason(parseValue(text))).toBe(expected);
  });

  it('has no whole number that Python would take quadratic time to read', () => {
    expect(made('1'.repeat(4300))).toBe('1'.repeat(4300));
    expect(reason(parseValue('1'.repeat(4301)))).toBe(
      'It stops at character 1: a whole number has at most 4300 digits.',
    );
  });

  it('holds as many lists within lists as are allowed, however they are written', () => {
    const nested = (n: number, opening: string, closing: string) => opening.repeat(n) + closing.repeat(n);
    expect(parseValue(nested(40, '[', ']')).ok).toBe(true);
    expect(parseValue(`${'['.repeat(40)}(1+2j)${']'.repeat(40)}`).ok).toBe(true);
    expect(parseValue(nested(40, 'frozenset({', '})').replace('{}', '')).ok).toBe(true);
    expect(reason(parseValue(nested(41, '[', ']')))).toBe(
      'It stops at character 1: it holds more than 40 lists within lists.',
    );
    expect(parseValue('[[1]]', { depth: 2 }).ok).toBe(true);
    expect(parseValue('[[1]]', { depth: 1 }).ok).toBe(false);
    expect(parseValue('{1: [1]}', { depth: 1 }).ok).toBe(false);
    expect(parseArguments('[[1]], *[[1]]', { depth: 2 }).ok).toBe(true);
    for (const text of ['[[1]]', '*[[1]]', '**{"a": [1]}', 'a=[[1]]'])
      expect(parseArguments(text, { depth: 1 }).ok).toBe(false);
  });

  it('has as many characters as are allowed', () => {
    expect(parseValue('12345', { length: 5 }).ok).toBe(true);
    expect(reason(parseValue('123456', { length: 5 }))).toBe('It has 6 characters, and at most 5 are read.');
    expect(parseArguments('123456', { length: 5 }).ok).toBe(false);
  });
});

describe('an argument list', () => {
  it('is what Python passes to f when it calls f(text)', () => {
    expect(golden.calls.length).toBeGreaterThan(800);
    expect(golden.calls.map(([text]) => [text, called(text)])).toEqual(golden.calls);
  });

  it.each([
    ['1, 2)', "It stops at character 5: expected ',' or the end, found ')'."],
    ['a=1, 2', 'It stops at character 6: an argument without a name cannot follow one with a name.'],
    ['**{}, *[]', 'It stops at character 7: an argument with * cannot follow one with **.'],
    ['a=1, a=2', 'It stops at character 6: the argument a is given twice.'],
    ['if=1', "It stops at character 1: 'if' cannot be the name of an argument."],
    ['*1', "It stops at character 2: only what has members can follow '*'."],
    ['**[1]', "It stops at character 3: only a dict can follow '**'."],
    ['**{1: 2}', 'It stops at character 3: the keys of a dict that follows ** must be text.'],
    ["**{'\\ud800': 2}", 'It stops at character 3: the keys of a dict that follows ** must be text.'],
    ['gold', "It stops at character 1: expected a value, found 'gold'."],
  ])('%j is refused with a reason', (text, expected) => {
    expect(reason(parseArguments(text))).toBe(expected);
  });

  it('reads what repr prints, too', () => {
    expect(called('inf, a=nan, b=frozenset({1}), *[-inf]')).toBe(
      "((inf, -inf), {'a': nan, 'b': frozenset({1})})",
    );
  });

  it('gives the members of a set in the order of the text, where Python would ask their hashes', () => {
    expect(called('*{3, 1, 2}')).toBe('((3, 1, 2), {})');
  });
});

describe('a hostile text of 20,000 characters', () => {
  const size = 20_000;
  const fill = (piece: string, before = '', after = '') =>
    before + piece.repeat(Math.floor((size - before.length - after.length) / piece.length)) + after;

  const texts: Record<string, string> = {
    'open parentheses': fill('('),
    'open lists': fill('['),
    'open dicts': fill('{1:'),
    'lists that close': '['.repeat(size / 2) + ']'.repeat(size / 2),
    'frozensets within frozensets': fill('frozenset({'),
    'minus signs': fill('-', '', '1'),
    'signs with blanks': fill('- + ', '', '1'),
    'a string': fill('a', "'", "'"),
    'a string without end': fill('a', "'"),
    backslashes: fill('\\', "'", "'"),
    escapes: fill('\\x41', "'", "'"),
    'many strings': fill("''"),
    'many joined strings': fill("'a' "),
    'triple quotes': fill('"""'),
    'a name': fill('a'),
    underscores: fill('_'),
    digits: fill('1'),
    'digits and underscores': fill('1_'),
    'a fraction': fill('1', '.'),
    'an exponent': fill('1', '1e'),
    'a hexadecimal number': fill('f', '0x'),
    blanks: fill(' '),
    lines: fill('\n'),
    'joined lines': fill('\\\n'),
    comments: fill('#\n'),
    'one comment': fill('#'),
    'many items': fill('1,'),
    'a set of one number': fill('1,', '{', '}'),
    'a set of many numbers': `{${Array.from({ length: 3400 }, (_, n) => n)}}`,
    'a set of NaN': fill('nan,', '{', '}'),
    'a set of empty tuples': fill('(),', '{', '}'),
    'a set with long tuples': `{${fill("'',", '(', ')').slice(0, -10)})}`,
    'a dict of many keys': fill("'a':1,", '{', '}'),
    'sets within tuples': fill('frozenset({(),(', '{'),
    'a wide list, deeply': `${'['.repeat(39)}${fill('1,', '[', ']').slice(0, 19_900)}`,
    commas: fill(','),
    colons: fill(':'),
    stars: fill('*'),
    'starred lists': fill('*[],'),
    'a starred string': fill('a', "*'", "'"),
    'names of arguments': fill('a=1,'),
    'one long name of an argument': fill('a', '', '=1'),
    'other names of arguments': Array.from({ length: 2300 }, (_, n) => `a${n}=1`).join(),
    'closing brackets': fill(')'),
    emoji: fill('😀', "'", "'"),
    'carriage returns': fill('\r'),
  };

  it.each(Object.entries(texts))('is done with in milliseconds: %s', (_name, text) => {
    expect(text.length).toBeLessThanOrEqual(size);
    const times = Array.from({ length: 5 }, () => time(() => [parseValue(text), parseArguments(text)]));
    const fastest = Math.min(...times);
    expect(fastest).toBeLessThan(50);
  });

  it('is read where it is a literal', () => {
    for (const name of [
      'a string',
      'escapes',
      'many joined strings',
      'minus signs',
      'many items',
      'a set of NaN',
    ])
      expect([name, parseValue(texts[name]).ok]).toEqual([name, true]);
  });
});

/**
 * Milliseconds that it took. What else the machine does is not what is measured, nor what the runtime does beside it: by the clock the
 * one counts, by the processor's time of all threads the other.
 */
function time(work: () => void): number {
  const [begun, start] = [performance.now(), process.cpuUsage()];
  work();
  const { user, system } = process.cpuUsage(start);
  return Math.min(performance.now() - begun, (user + system) / 1000);
}
