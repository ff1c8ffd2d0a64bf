/**
 * Tasks that need no thought, as the sandbox's outcomes show them.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Executor } from '../../../src/sandbox/executor';
import { probesFor } from '../../../src/selfplay/probes';
import { inputsToTry, trivial } from '../../../src/selfplay/trivial';
import { openNodePython } from '../../doubles/node-python';

let python: Executor;
beforeAll(async () => {
  python = await openNodePython();
});
afterAll(() => python.dispose());

const f = (expression: string, parameters = 'x') => `def f(${parameters}):\n    return ${expression}`;

describe('a task', () => {
  it.each([
    [f('x'), '3', 'unchanged'],
    [f('sorted(x)'), '[1, 2]', 'unchanged'],
    [f('x * 1.0'), '2', 'unchanged'], // 2.0 is 2
    [f('sorted(x)'), '[2, 1]', 'copied'],
    [f('abs(x)'), '-3', 'copied'],
    [f('x.upper()'), "'ab'", 'copied'],
    [f('x < 2'), '1', 'unchanged'], // True is 1
    [f('x < 2'), '0', 'copied'],
    [f('x < 2'), '5', null],
    [f('7'), '3', 'copied'],
    [f('len([x, y])', 'x, y'), '3, 4', 'constant'],
    [f('x + 1'), '3', null],
    [f('x[::-1]'), '[1, 2]', null],
    [f('y, x', 'x, y'), '3, 4', null],
  ] as const)('%s of %s is %s', async (program, input, expected) => {
    const [outcome] = await python.run(program, [input]);
    if (outcome.verdict !== 'ok') throw new Error(outcome.reason);
    const { output } = outcome;
    expect(await trivial({ program, input, output }, python)).toBe(expected);
  });

  it('is tried on its own output first, then on the probes', () => {
    expect(inputsToTry({ input: '3', output: '[4]' })).toEqual(['[4]', ...probesFor('3')]);
  });
});
