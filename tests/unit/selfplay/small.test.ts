/** Which values are small enough, and that a run is asked about everything it comes by. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limits } from '../../../src/grammar/execute';
import type { Executor, Trace } from '../../../src/sandbox/executor';
import { isSmallRun, largest } from '../../../src/selfplay/small';
import { openNodePython } from '../../doubles/node-python';

/** What is given and what comes of it, with nothing in between. */
const run = (given: string[], value: string): Trace => ({
  verdict: 'ok',
  complete: true,
  output: value,
  steps: [
    { line: 1, depth: 0, kind: 'call', name: 'f', arguments: given.map((each, i) => [`x${i}`, each]) },
    { line: 2, depth: 0, kind: 'return', value },
  ],
});

it.each([
  [['0'], '99'],
  [['-99'], "''"],
  [["'dekmpsdekmps'"], 'True'],
  [['[1, 2, 3, 4, 5, 6, 7]'], "['d', 'e']"],
  [['[]', '3'], '[]'],
])('%s gives %s: small', (given, value) => {
  expect(isSmallRun(run(given, value))).toBe(true);
});

it.each([
  [['100'], '1'],
  [['1'], '-100'],
  [["'dekmpsdekmpsd'"], '1'],
  [['[1, 2, 3, 4, 5, 6, 7, 8]'], '1'],
  [['[[1], [2]]'], '1'],
  [["[1, 'd']"], '1'],
  [['1', '[1, 100]'], '1'],
  [['1'], '(1, 2)'],
  [['1'], '0.5'],
  [['1'], 'None'],
  [['1'], '{1: 2}'],
  [['1 +'], '1'],
])('%s gives %s: not', (given, value) => {
  expect(isSmallRun(run(given, value))).toBe(false);
});

it('the grammar keeps within the same', () => {
  expect(limits).toMatchObject(largest);
});

describe('a run', () => {
  let python: Executor;
  beforeAll(async () => {
    python = await openNodePython();
  });
  afterAll(() => python.dispose());

  it.each([
    [
      'f(x) small throughout',
      'def f(x):\n    a = 0\n    for i in range(3):\n        a += x[i]\n    return a',
      '[1, 2, 3]',
      true,
    ],
    ['a value on the way', 'def f(x):\n    a = x * 50\n    return a % 7', '3', false],
    ["an operation that is nobody's value", 'def f(x):\n    return x * 50 % 7', '3', false],
    [
      'a loop through many',
      'def f(x):\n    a = 0\n    for i in range(13):\n        a += 1\n    return a',
      '3',
      false,
    ],
    ['lists of lists', 'def f(x):\n    a = [x]\n    return len(a)', '[1]', false],
  ])('%s', async (_, program, input, small) => {
    expect(isSmallRun(await python.trace(program, input))).toBe(small);
  });

  it('that was cut was not seen', () => {
    const trace: Trace = { verdict: 'ok', complete: false, steps: [], output: '1' };
    expect(isSmallRun(trace)).toBe(false);
  });
});
