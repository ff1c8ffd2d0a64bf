/**
 * One step from a task to another: something changes, not much, and what comes of it is worth a task again.
 */
import { describe, expect, it } from 'vitest';
import { featuresOf } from '../../../src/grammar/levels';
import { type Mutation, mutate, mutations } from '../../../src/grammar/mutate';
import { isWorthwhile } from '../../../src/grammar/worth';
import { drawsOf, levels, sampled } from './sampled';

const made = levels
  .flatMap((level) => sampled(level, 120))
  .map((task, n) => ({ task, change: mutate(task, drawsOf(n, 'mutate')), n }));
const of = (mutation: Mutation) =>
  made.flatMap(({ task, change }) =>
    change?.mutation === mutation ? [{ before: task, after: change.task }] : [],
  );

describe('a mutation', () => {
  it('is nearly always found, and the same from the same draws', () => {
    expect(made.filter(({ change }) => !change).length).toBeLessThan(made.length * 0.03);
    for (const { task, change, n } of made.slice(0, 30))
      expect(mutate(task, drawsOf(n, 'mutate'))).toEqual(change);
  });

  it('gives another task that is worth it', () => {
    for (const { task, change } of made) {
      if (!change) continue;
      const { structure, values, features, program, input } = change.task;
      expect([program, input]).not.toEqual([task.program, task.input]);
      expect(featuresOf(structure, values)).toEqual(features);
      expect(isWorthwhile(structure, values)).toBe(true);
      expect(features.statements).toBeLessThanOrEqual(task.features.statements + 2);
    }
  });

  it('leaves the task that it came from as it was', () => {
    for (const level of levels)
      expect(sampled(level, 120)).toEqual(
        made.filter((_, n) => Math.floor(n / 120) + 1 === level).map(({ task }) => task),
      );
  });

  it.each(Object.keys(mutations) as Mutation[])('of kind %s is made now and then', (mutation) => {
    expect(of(mutation).length).toBeGreaterThan(made.length * 0.02);
  });
});

describe('only what its name says', () => {
  it('longer: more passes, the same statements', () => {
    for (const { before, after } of of('longer')) {
      expect(after.features.iterations).toBeGreaterThan(before.features.iterations);
      expect(after.features).toMatchObject({
        statements: before.features.statements,
        ifs: before.features.ifs,
      });
    }
  });

  it('input: the same program', () => {
    for (const { before, after } of of('input')) expect(after.program).toBe(before.program);
  });

  it('statement: one more, the same input', () => {
    for (const { before, after } of of('statement')) {
      expect(after.features.statements).toBe(before.features.statements + 1);
      expect(after.input).toBe(before.input);
    }
  });

  it('condition: one more if', () => {
    for (const { before, after } of of('condition')) expect(after.features.ifs).toBe(before.features.ifs + 1);
  });

  it('operator: the same lines but one', () => {
    for (const { before, after } of of('operator')) {
      const lines = before.program.split('\n');
      expect(after.program.split('\n').filter((line, i) => line !== lines[i])).toHaveLength(1);
    }
  });

  it('loop and repeated: one more loop', () => {
    const loops = (program: string) => program.match(/for |while /g)?.length ?? 0;
    for (const { before, after } of [...of('loop'), ...of('repeated')])
      expect(loops(after.program)).toBe(loops(before.program) + 1);
  });
});
