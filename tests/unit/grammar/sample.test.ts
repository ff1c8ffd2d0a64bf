/**
 * The sampler's promises about its own tasks: the same every time, of the level that was asked for, small, and no two alike.
 */
import { describe, expect, it } from 'vitest';
import { execute, limits } from '../../../src/grammar/execute';
import { differentArguments, sampleInputs } from '../../../src/grammar/inputs';
import { featuresOf, type Level, levelOf, most } from '../../../src/grammar/levels';
import { sampleTask } from '../../../src/grammar/sample';
import {
  call,
  type Expression,
  infix,
  item,
  literal,
  name,
  type Program,
  printArguments,
  printProgram,
  type Statement,
} from '../../../src/grammar/tree';
import { isCopy, isWorthwhile } from '../../../src/grammar/worth';
import { drawsOf, levels, sampled } from './sampled';

describe.each(levels)('a task of level %i', (level) => {
  const tasks = sampled(level, 300);

  it('comes out the same from the same draws', () => {
    for (const n of [0, 1, 2]) expect(sampleTask(drawsOf(n, `level ${level}`), level)).toEqual(tasks[n]);
  });

  it('is of that level, and of no lower one', () => {
    for (const { structure, values, features } of tasks) {
      expect(featuresOf(structure, values)).toEqual(features);
      expect(levelOf(features)).toBe(level);
      if (features.loop !== 'none') expect(features.iterations).toBeGreaterThan(0);
    }
  });

  it('prints what it is made of', () => {
    for (const { structure, values, program, input } of tasks) {
      expect(program).toBe(printProgram(structure));
      expect(input).toBe(printArguments(values));
    }
  });

  it('is not solved by copying', () => {
    for (const { structure, values } of tasks) {
      const run = execute(structure, values);
      expect(run).toHaveProperty('output');
      if ('output' in run) expect(isCopy(structure, values, run.output)).toBe(false);
    }
  });
});

it.each([
  [1, 0.59],
  [2, 0.9],
  [3, 0.9],
  [4, 0.9],
  [5, 0.9],
  [6, 0.95],
] as const)('1000 programs of level %i are nearly all different', (level, share) => {
  const programs = sampled(level, 1000).map(({ program }) => program);
  expect(new Set(programs).size / 1000).toBeGreaterThan(share);
});

it('knows every kind of loop and of value', () => {
  const features = levels.flatMap((level) => sampled(level, 100));
  const loops = new Set(features.map((task) => task.features.loop));
  expect(loops).toEqual(new Set(['none', 'one', 'two', 'nested']));
  const kinds = features.flatMap(({ structure }) => structure.parameters.map(({ kind }) => kind));
  expect(new Set(kinds)).toEqual(new Set(['int', 'ints', 'str', 'bool']));
  expect(features.some(({ program }) => program.includes('while '))).toBe(true);
  expect(features.some(({ program }) => program.includes('else:'))).toBe(true);
});

describe('inputs of a program', () => {
  const tasks = levels.flatMap((level) => sampled(level, 20));

  it('are all different, as many as were asked for, and it runs on them', () => {
    let short = 0;
    for (const [n, { structure }] of tasks.entries()) {
      const inputs = sampleInputs(structure, 6, drawsOf(n, 'inputs'));
      expect(new Set(inputs).size).toBe(inputs.length);
      if (inputs.length < 6) short++;
      for (const values of differentArguments(structure, 6, drawsOf(n, 'inputs'), { least: 1, most: 5 }))
        expect(execute(structure, values)).toHaveProperty('output');
    }
    expect(short).toBeLessThan(tasks.length * 0.02);
  });
});

describe('a program is not worth a task', () => {
  const parameters: Program['parameters'] = [{ name: 'x', kind: 'ints' }];
  const [x, a] = [name('x'), name('a')];
  const length = call('len', x);
  const give = (value: Expression): Statement => ({ node: 'return', value });
  const set = (value: Expression): Statement => ({ node: 'assign', target: 'a', value });
  const worth = (...body: Statement[]) => isWorthwhile({ parameters, body }, [[2, 1, 4]]);

  it.each<[string, Statement[]]>([
    ['if it gives its input back', [give(x)]],
    ['if its output gives itself', [give(call('sorted', x))]],
    ['if it does not look at its input', [give(literal(3))]],
    ['if a part of it does nothing', [set(length), give(length)]],
    ['if the same comes of it nearly always', [give(infix(item(x, literal(0)), '>', literal(15)))]],
    ['if it fails on most inputs', [give(item(x, literal(4)))]],
    [
      'if it may never end',
      [{ node: 'while', test: infix(length, '>', literal(3)), body: [set(length)] }, give(length)],
    ],
  ])('%s', (_, body) => {
    expect(worth(...body)).toBe(false);
  });

  it('but these are', () => {
    expect(worth(give(length))).toBe(true);
    expect(worth(set(length), give(infix(a, '+', a)))).toBe(true);
  });
});

describe('levels', () => {
  it('have room for all that the one below has', () => {
    for (const level of [1, 2, 3, 4, 5] as const) {
      const { loops, ...counts } = most[level];
      const above = most[(level + 1) as Level];
      expect(above.loops).toEqual(expect.arrayContaining([...loops]));
      for (const name of Object.keys(counts) as (keyof typeof counts)[])
        expect(above[name]).toBeGreaterThanOrEqual(counts[name]);
    }
  });

  it('end somewhere', () => {
    const features = sampled(6, 1)[0].features;
    expect(levelOf({ ...features, iterations: 17 })).toBeNull();
  });
});

it('keeps values within bounds', () => {
  const square: Statement = { node: 'return', value: infix(name('x'), '*', name('x')) };
  const program: Program = { parameters: [{ name: 'x', kind: 'int' }], body: [square] };
  expect(execute(program, [9])).toMatchObject({ output: 81 });
  expect(execute(program, [limits.number])).toHaveProperty('failed');
});
