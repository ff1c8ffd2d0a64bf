/** Intrinsic values against the original's formulas, and likeness against CPython's difflib (tests/golden/difflib/make.py). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Measures } from '../../../src/sandbox/executor';
import { similarity } from '../../../src/selfplay/difflib';
import {
  combine,
  comparedCharacters,
  complexity,
  editDistance,
  halstead,
  intrinsicValues,
  TypeCounts,
  term,
  typeName,
} from '../../../src/selfplay/intrinsic';
import { Draws } from '../../../src/selfplay/random';

type Sequence = string | string[];
const golden: [a: Sequence, b: Sequence, ratio: number][] = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../golden/difflib/golden.json'), 'utf8'),
);

const measures = (cognitive: number, effort: number, maxCyclomatic: number, volume: number): Measures => ({
  astHash: '',
  cyclomatic: maxCyclomatic,
  maxCyclomatic,
  cognitive,
  halstead: {
    distinctOperators: 0,
    distinctOperands: 0,
    operators: 0,
    operands: 0,
    vocabulary: 0,
    length: 0,
    volume,
    difficulty: 0,
    effort,
  },
  lines: 1,
  nodes: 1,
});

describe('likeness of sequences', () => {
  it('is what difflib says, to the last bit', () => {
    expect(golden.length).toBeGreaterThan(100);
    expect(golden.map(([a, b]) => [a, b, similarity(a, b)])).toEqual(golden);
  });

  it('is bounded in time where programs are long', () => {
    const long = (seed: number) => {
      const draws = new Draws(seed, 0, 'text');
      return Array.from({ length: 20_000 }, () => String.fromCharCode(300 + draws.below(150))).join('');
    };
    const began = performance.now();
    editDistance(long(1), [long(2), long(3), long(4), long(5), long(6), long(7)]);
    expect(performance.now() - began).toBeLessThan(5000);
  });

  it('compares the beginnings only', () => {
    const same = 'x'.repeat(comparedCharacters);
    expect(editDistance(`${same}abc`, [`${same}def`])).toBe(0);
  });
});

describe('measures of a program', () => {
  it('takes cognitive complexity in fifteenths', () => {
    expect(complexity(measures(6, 0, 0, 0))).toBe(6 / 15);
    expect(complexity(measures(30, 0, 0, 0))).toBe(2);
  });

  it.each([
    [0, 0, 0, 0],
    [5000, 5, 250, 0.5],
    [20_000, 20, 5000, 1],
    [1234, 3, 77, 0.182], // 0.0617 + 0.09 + 0.0308 = 0.1825, which no float is
    [100, 1, 10, 0.039],
  ])('mixes effort %d, cyclomatic %d, volume %d to %d', (effort, cyclomatic, volume, expected) => {
    expect(halstead(measures(0, effort, cyclomatic, volume))).toBe(expected);
  });

  it('is the mean distance from the references, and 0 without any', () => {
    expect(editDistance('abcd', ['bcde', 'abcd'])).toBe(0.125);
    expect(editDistance('abcd', [])).toBe(0);
  });
});

describe('rarity', () => {
  const seen = new TypeCounts();
  for (const text of ['1', '1', '2', "'a'"]) seen.add(text);

  it.each([
    ['1', 1 - 2 / 4, (1 - 3 / 4 + 1 - 2 / 3) / 2],
    ['2', 1 - 1 / 4, (1 - 3 / 4 + 1 - 1 / 3) / 2],
    ['3', 1, (1 - 3 / 4 + 1) / 2],
    ["'a'", 1 - 1 / 4, (1 - 1 / 4 + 0) / 2],
    ['[1]', 1, 1],
  ])('of %s is %d flat and %d by type', (text, flat, hierarchical) => {
    expect(seen.rarity(text, false)).toBe(flat);
    expect(seen.rarity(text, true)).toBe(hierarchical);
  });

  it('is 1 where nothing was seen', () => {
    expect([false, true].map((hierarchical) => new TypeCounts().rarity('1', hierarchical))).toEqual([1, 1]);
  });

  it('counts the same after adding and removing as if it had not been', () => {
    const draws = new Draws(3, 0, 'values');
    const [changed, plain] = [new TypeCounts(), new TypeCounts()];
    const values = ['1', '2', '1.5', "'a'", '[1]', '1, 2', 'True', '()'];
    const there: string[] = [];
    for (let i = 0; i < 500; i++) {
      if (there.length && draws.chance(0.45)) changed.remove(there.splice(draws.below(there.length), 1)[0]);
      else {
        const value = values[draws.below(values.length)];
        there.push(value);
        changed.add(value);
      }
    }
    for (const value of there) plain.add(value);
    expect(changed.summary()).toEqual(plain.summary());
    for (const value of there) changed.remove(value);
    expect(changed.summary()).toEqual({ total: 0, values: 0, types: {} });
    changed.remove('1');
    expect(changed.summary().total).toBe(0);
  });

  it('has a summary by type', () => {
    expect(seen.summary()).toEqual({
      total: 4,
      values: 3,
      types: { int: { total: 3, values: 2 }, str: { total: 1, values: 1 } },
    });
  });

  it.each([
    ['1', 'int'],
    ['-12', 'int'],
    ['0x1f', 'int'],
    ['1_000', 'int'],
    ['1.5', 'float'],
    ['-1e10', 'float'],
    ['1e-5', 'float'],
    ["float('inf')", 'float'],
    ['(1+2j)', 'complex'],
    ['2j', 'complex'],
    ['True', 'bool'],
    ['None', 'NoneType'],
    ["'a, b'", 'str'],
    ['"it\'s, (fine"', 'str'],
    ["'''a, ' b'''", 'str'],
    ["r'\\'", 'str'],
    ["b'a'", 'bytes'],
    ['[1, 2]', 'list'],
    ['{1, 2}', 'set'],
    ['{}', 'dict'],
    ["{'a': 1}", 'dict'],
    ["{'a:b'}", 'set'],
    ['set()', 'set'],
    ['frozenset({1})', 'frozenset'],
    ['()', 'tuple'],
    ['(1,)', 'tuple'],
    ['(1)', 'int'],
    ['1, 2', 'tuple'],
    ["'a', [1]", 'tuple'],
    ['x=1', 'str'],
    ['1, x=2', 'str'],
    ['', 'str'],
  ])('%s is called %s', (text, expected) => {
    expect(typeName(text)).toBe(expected);
  });
});

describe('all values of a proposal', () => {
  const seen = { inputs: new TypeCounts(), outputs: new TypeCounts() };
  seen.inputs.add('1');
  seen.outputs.add('2');
  seen.outputs.add('3');
  const proposal = {
    canonical: 'abcd',
    references: ['bcde'],
    measures: measures(3, 0, 10, 0),
    pairs: [['1', '2']] as [string, string][],
  };

  it('look at the output for deduction and at the input for abduction', () => {
    const rest = { complexity: 0.2, halstead: 0.3, 'edit-distance': 0.25 };
    expect(intrinsicValues({ ...proposal, mode: 'deduction' }, seen, false)).toEqual({
      ...rest,
      'answer-diversity': 0.5,
    });
    expect(intrinsicValues({ ...proposal, mode: 'abduction' }, seen, false)).toEqual({
      ...rest,
      'answer-diversity': 0,
    });
  });

  it('are means over inputs and outputs for induction', () => {
    const pairs: [string, string][] = [
      ['1', '2'],
      ['5', '7'],
    ];
    expect(intrinsicValues({ ...proposal, mode: 'induction', pairs }, seen, false)).toEqual({
      'input-diversity': 0.5,
      'output-diversity': 0.75,
    });
    expect(intrinsicValues({ ...proposal, mode: 'induction', pairs }, seen, true)).toEqual({
      'input-diversity': 0.25, // (0 + 0) / 2 and (0 + 1) / 2
      'output-diversity': (0.25 + 0.5) / 2,
    });
  });

  it('are 0 where a program could not be measured', () => {
    const values = intrinsicValues({ ...proposal, mode: 'deduction', measures: null }, seen, false);
    expect([values.complexity, values.halstead]).toEqual([0, 0]);
  });
});

describe('terms', () => {
  it('are a coefficient times the value, up to a most', () => {
    expect([term(0.4, 0.5, 0.5), term(2, 0.5, 0.5), term(1, -1, 0.5)]).toEqual([0.2, 0.5, -1]);
    expect([term(Number.NaN, 1, 1), term(Number.POSITIVE_INFINITY, 1, 1)]).toEqual([0, 0]);
  });

  it.each([
    ['sum', 0.5 + 0.2 + 0.4],
    ['multiply', 0.5 * 0.2 * 0.4],
    ['sum-multiply', 0.5 + 0.2 * 0.4],
    ['multiply-sum', 0.5 * (0.2 + 0.4)],
  ] as const)('combine by %s', (how, expected) => {
    expect(combine(0.5, [0.2, 0.4], how)).toBeCloseTo(expected, 12);
    expect(combine(0.5, [], how)).toBe(0.5);
  });
});
