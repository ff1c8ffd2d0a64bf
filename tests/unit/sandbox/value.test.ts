/**
 * Values are equal where Python's == says so, and printed as Python prints them (tests/golden/literals/make.py); what is printed
 * can be read back, and what is sent to an interpreter arrives there as it was.
 */
import { loadPyodide } from 'pyodide';
import { beforeAll, describe, expect, it } from 'vitest';
import { RandomStream } from '../../../src/model/random';
import { type Arguments, parseArguments, parseValue } from '../../../src/sandbox/literal';
import { argumentsSource, callText, repr } from '../../../src/sandbox/repr';
import {
  containsNaN,
  depth,
  distinct,
  equal,
  identical,
  isHashable,
  type Value,
} from '../../../src/sandbox/value';
import { fromPlain, golden } from '../../golden/literals/load';

function read(text: string): Value {
  const parsed = parseValue(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.reason}`);
  return parsed.value;
}

const int = (n: number): Value => ({ type: 'int', value: BigInt(n) });

describe('equal', () => {
  it("is Python's ==", () => {
    expect(golden.pairs.length).toBeGreaterThan(1500);
    const ours = golden.pairs.map(([a, b]) => [a, b, equal(read(a), read(b))]);
    expect(ours).toEqual(golden.pairs);
  });

  it('does not depend on which of the two comes first', () => {
    const ours = golden.pairs.map(([a, b]) => [a, b, equal(read(b), read(a))]);
    expect(ours).toEqual(golden.pairs);
  });

  it('takes two halves of a character for two characters', () => {
    expect(equal(read("'\\ud83d\\ude00'"), read("'😀'"))).toBe(false);
    expect(equal(read("'\\ud83d' '\\ude00'"), read("'\\ud83d\\ude00'"))).toBe(true);
  });

  it('is fast on large sets, whatever their order', () => {
    const items = Array.from({ length: 50_000 }, (_, n) => int(n));
    const start = performance.now();
    const set: Value = { type: 'set', items: distinct(items) };
    expect(equal(set, { type: 'frozenset', items: distinct(items.toReversed()) })).toBe(true);
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});

describe('identical', () => {
  it.each([
    ['1', '1', true],
    ['True', '1', false],
    ['1.0', '1', false],
    ['1.0', '(1+0j)', false],
    ['0.0', '-0.0', false],
    ['nan', 'nan', true],
    ['[nan, 1]', '[nan, 1]', true],
    ['(nan+1j)', '(nan+1j)', true],
    ['(0+1j)', '(-0+1j)', false],
    ['1j', '-1j', false],
    ['inf', '-inf', false],
    ['2e22', '20000000000000000000000', false],
    ["'a'", "b'a'", false],
    ["''", "b''", false],
    ['[1]', '(1,)', false],
    ['[]', '()', false],
    ['set()', 'frozenset()', false],
    ['set()', '{}', false],
    ['{1, 2, 3}', '{3, 1, 2}', true],
    ['{1, 2}', '{1, True, 2.0}', false],
    ['{nan, 1}', '{1, nan}', true],
    ['{nan, nan}', '{nan}', false],
    ['{frozenset({1, 2}): 0}', '{frozenset({2, 1}): 0}', true],
    ['{1: 2, 3: 4}', '{3: 4, 1: 2}', true],
    ['{1: 2}', '{1: 2.0}', false],
    ['{1: 2}', '{True: 2}', false],
    ["['a', 'b']", "['ab']", false],
    ["['a;b']", "['a', 'b']", false],
    ['[[1], 2]', '[[1, 2]]', false],
    ['None', 'False', false],
  ])('%s and %s: %s', (a, b, expected) => {
    expect(identical(read(a), read(b))).toBe(expected);
    expect(identical(read(b), read(a))).toBe(expected);
  });
});

describe('a value', () => {
  it.each([
    ['{1, True, 1.0}', '{1}'],
    ['{True, 1}', '{True}'],
    ["{1: 'a', 2: 'b', True: 'c', 1.0: 'd'}", "{1: 'd', 2: 'b'}"],
    ['{(1, 2.0), (1.0, 2)}', '{(1, 2.0)}'],
    ['{nan, nan}', '{nan, nan}'],
    ['{nan: 1, nan: 2}', '{nan: 1, nan: 2}'],
  ])('%s is %s: of equal keys the first stays, with the last value', (text, expected) => {
    expect(repr(read(text))).toBe(expected);
  });

  it.each(['nan', '[nan]', '{1: (nan,)}', '{nan: 1}', '{(1, nan)}', '(1+nanj)', '(nan+1j)'])(
    '%s contains NaN',
    (text) => expect(containsNaN(read(text))).toBe(true),
  );

  it.each(['inf', '[]', "'nan'", '(1+infj)', 'None'])('%s contains no NaN', (text) =>
    expect(containsNaN(read(text))).toBe(false),
  );

  it.each([
    ['1', 0],
    ["'[[['", 0],
    ['[]', 1],
    ['set()', 1],
    ['{}', 1],
    ['{1: [2]}', 2],
    ['{(1,): 2}', 2],
    ['[1, [2, (3, {4})]]', 4],
  ])('%s has depth %i', (text, expected) => expect(depth(read(text))).toBe(expected));

  it.each([
    ['1', true],
    ["('a', (b'', None))", true],
    ['frozenset({1})', true],
    ['([],)', false],
    ['{1}', false],
    ['{}', false],
  ])('%s may be a key: %s', (text, expected) => expect(isHashable(read(text))).toBe(expected));
});

describe('repr', () => {
  it("is CPython's", () => {
    expect(golden.reprs.length).toBeGreaterThan(1000);
    expect(golden.reprs.map(([plain]) => [plain, repr(fromPlain(plain))])).toEqual(golden.reprs);
  });

  it('can be read back', () => {
    const values = [...golden.reprs.map(([plain]) => fromPlain(plain)), ...randomValues(2000)];
    const wrong = values.filter((value) => !identical(read(repr(value)), value));
    expect(wrong.map(repr)).toEqual([]);
  });
});

describe('the source of an argument list', () => {
  /** Evaluates expressions in which only set and frozenset have a meaning. */
  let evaluate: (sources: string[], show?: string) => string[];

  beforeAll(async () => {
    const pyodide = await loadPyodide();
    evaluate = (sources, show = 'repr(value)') => {
      pyodide.globals.set('sources', JSON.stringify(sources));
      pyodide.runPython(`
import json
names = {'__builtins__': {'__import__': __import__}, 'set': set, 'frozenset': frozenset}
shown = json.dumps([${show} for source in json.loads(sources) for value in [eval(source, names)]])`);
      return JSON.parse(pyodide.globals.get('shown'));
    };
  });

  it('gives an interpreter what it stands for, signs of zeros and halves of characters included', () => {
    const values = golden.reprs.map(([plain]) => fromPlain(plain));
    const sources = values.map((value) => argumentsSource({ positional: [value], named: [['x', value]] }));
    const expected = golden.reprs.map(([, text]) => `((${text},), {'x': ${text}})`);
    expect(evaluate(sources)).toEqual(expected);
    expect(sources.filter((source) => !/^[\x20-\x7e]*$/.test(source))).toEqual([]);
  });

  it('is the same to an interpreter as what it was made from, whatever the value', () => {
    // Read back here, since an interpreter prints sets in an order of its own.
    const values = randomValues(500);
    const printed = evaluate(
      values.map((value) => argumentsSource({ positional: [value], named: [] })),
      'repr(value[0][0])',
    );
    expect(values.filter((value, n) => !identical(read(printed[n]), value)).map(repr)).toEqual([]);
  });

  it('or in JSON, if JSON has its types: the same again', () => {
    const values = [...golden.reprs.map(([plain]) => fromPlain(plain)), ...randomValues(500)];
    const texts = values.map((value) => callText({ positional: [value], named: [['x', value]] }));
    const inJson = texts.filter((text) => text.startsWith('['));
    expect(inJson.length).toBeGreaterThan(50);
    expect(inJson.length).toBeLessThan(texts.length);
    const printed = evaluate(
      texts.map((text) =>
        text.startsWith('[') ? `__import__('json').loads(${JSON.stringify(text)})` : text,
      ),
      'repr((value[0][0], value[1]["x"]))',
    );
    const same = (value: Value, text: string) =>
      identical(read(text), { type: 'tuple', items: [value, value] });
    expect(values.filter((value, n) => !same(value, printed[n])).map(repr)).toEqual([]);
  });

  it.each<[string, string]>([
    ["1, 'a', None", '[[1,"a",null],{}]'],
    [
      '[True, -0.0, {"k": 1e16}], x=12345678901234567890',
      '[[[true,-0.0,{"k":1e+16}]],{"x":12345678901234567890}]',
    ],
    ['(1,)', '(((1,),), {})'],
    ['{1: 2}', '(({1: 2},), {})'],
    ['[[{3}]]', '(([[{3}]],), {})'],
    ["b'a'", "((b'a',), {})"],
    ['inf', '((1e999,), {})'],
    ["'\\ud800'", "(('\\ud800',), {})"],
  ])('%s goes as %s', (input, expected) => {
    const parsed = parseArguments(input);
    expect(parsed.ok && callText(parsed)).toBe(expected);
  });

  it.each<[string, Arguments, string]>([
    ['nothing', { positional: [], named: [] }, '((), {})'],
    ['a name', { positional: [int(1)], named: [['é😀', int(2)]] }, "((1,), {'\\xe9\\U0001f600': 2})"],
    ['infinities', { positional: [read('[inf, -inf]')], named: [] }, '(([1e999, -1e999],), {})'],
    ['NaN', { positional: [read('nan')], named: [] }, '(((1e999-1e999),), {})'],
    ['empty sets', { positional: [read('{(): set()}')], named: [] }, '(({(): set()},), {})'],
  ])('is made of literals alone: %s', (_what, args, expected) => {
    expect(argumentsSource(args)).toBe(expected);
  });

  it('spells a huge number so that Python reads it', () => {
    const huge: Value = { type: 'int', value: -(1n << 100_000n) };
    const source = argumentsSource({ positional: [huge], named: [] });
    expect(evaluate([source], 'str(value[0][0] == -(1 << 100000))')).toEqual(['True']);
  });

  it('makes new lists on every evaluation', () => {
    const source = argumentsSource({ positional: [read('[[1], {2: {3}}]')], named: [] });
    expect(
      evaluate(
        [`lambda: ${source}`],
        '[value()[0][0].append(4), value()[0][0][1].clear(), repr(value())][-1]',
      ),
    ).toEqual(['(([[1], {2: {3}}],), {})']);
  });
});

/** Values of all types, up to four lists within lists; the same ones on every machine. */
function randomValues(count: number): Value[] {
  const stream = new RandomStream(7, 'values');
  let n = 0;
  const below = (limit: number) => stream.at(n++) % limit;
  const pick = <T>(choices: readonly T[]): T => choices[below(choices.length)];
  const many = <T>(make: () => T): T[] => Array.from({ length: below(4) }, make);

  const numbers = [0, -0, 1, -1, 0.1, 1e16, 1e-5, 5e-324, Number.MAX_VALUE, 2.5, Number.NaN];
  const float = () =>
    below(2) === 0
      ? pick([...numbers, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      : new Float64Array(new Uint32Array([stream.at(n++), stream.at(n++)]).buffer)[0];
  const point = () =>
    pick([below(128), below(0x300), 0xd800 + below(0x800), below(0x10000), below(0x110000), 39, 34, 92]);

  function atom(): Value {
    switch (below(7)) {
      case 0:
        return { type: 'none' };
      case 1:
        return { type: 'bool', value: below(2) === 0 };
      case 2:
        return { type: 'int', value: BigInt(stream.at(n++) - 2 ** 31) ** BigInt(below(5)) };
      case 3:
        return { type: 'float', value: float() };
      case 4:
        return { type: 'complex', real: float(), imag: float() };
      case 5:
        return { type: 'str', points: many(point) };
      default:
        return { type: 'bytes', bytes: many(() => below(256)) };
    }
  }

  function value(levels: number, hashable = false): Value {
    if (levels === 0 || below(3) === 0) return atom();
    const inner = () => value(levels - 1, hashable);
    const key = () => value(levels - 1, true);
    const type = pick(
      hashable ? (['tuple', 'frozenset'] as const) : (['list', 'tuple', 'set', 'frozenset', 'dict'] as const),
    );
    if (type === 'dict') {
      const keys = distinct(many(key));
      return { type, entries: keys.map((name) => [name, inner()]) };
    }
    return { type, items: type === 'list' || type === 'tuple' ? many(inner) : distinct(many(key)) };
  }

  return Array.from({ length: count }, () => value(4));
}
