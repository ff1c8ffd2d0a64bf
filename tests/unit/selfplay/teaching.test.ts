/** Which tasks are taught: by how long they run, or by how hard such tasks are by now, in each mode. */
import { describe, expect, it } from 'vitest';
import { Draws } from '../../../src/selfplay/random';
import { drawPair, weighingOf, weightOf } from '../../../src/selfplay/teaching';
import type { Pair, Task } from '../../../src/store/records';

const program = 'def f(x):\n    return x';
const task = (changes: Partial<Task>) => ({ program, effort: [1], solveRate: null, ...changes }) as Task;
const many = (count: number, changes: (index: number) => Partial<Task>) =>
  Array.from({ length: count }, (_, index) => task(changes(index)));

describe('by effort', () => {
  const weigh = weighingOf('effort', []);

  it('a call counts as it runs long, up to a limit, and as if it ran straight through where nobody counted', () => {
    expect([1, 2, 5, 16, 400, undefined].map((effort) => weigh({ program, effort }))).toEqual([
      2, 3, 6, 17, 17, 2,
    ]);
  });

  it('a task counts as its longest call, and that is drawn most often', () => {
    const pairs: Pair[] = [
      ['1', 'a'],
      ['2', 'b'],
      ['3', 'c'],
    ];
    const long = task({ pairs, effort: [1, 2, 5] });
    expect(weightOf(long, weigh)).toBe(6);
    const draws = new Draws(1, 1, 'pairs');
    const drawn = Array.from({ length: 6000 }, () => drawPair(long, weigh, draws)[1]);
    for (const [output, share] of [
      ['a', 2 / 11],
      ['b', 3 / 11],
      ['c', 6 / 11],
    ] as const) {
      expect(Math.abs(drawn.filter((each) => each === output).length / 6000 - share)).toBeLessThan(0.03);
    }
  });
});

it('alike, every call counts the same', () => {
  const weigh = weighingOf('uniform', []);
  expect([weigh({ program, effort: 1 }), weigh({ program, effort: 12 })]).toEqual([1, 1]);
});

describe('at the edge of what is solved', () => {
  const straight = (solveRate: number | null) => ({ effort: [1], solveRate });
  const long = (solveRate: number | null) => ({ effort: [8], solveRate });
  const weights = (made: readonly Task[]) =>
    [1, 8].map((effort) => weighingOf('frontier', made)({ program, effort }));

  it('calls count as often as others about as hard were solved: little if always or never, much in between', () => {
    const mastered = many(20, () => straight(1));
    expect(weights([...mastered, ...many(20, () => long(0))])).toEqual([0.4, 0.3]);
    expect(weights([...mastered, ...many(20, (index) => long(index % 4 === 0 ? 1 : 0))])).toEqual([0.4, 3]);
  });

  it('what is not known counts as usual: too few attempts, or none', () => {
    expect(weights([])).toEqual([1, 1]);
    expect(weights([...many(7, () => straight(1)), ...many(50, () => long(null))])).toEqual([1, 1]);
  });

  it('only the latest attempts tell, since the model changes', () => {
    expect(weights([...many(2000, () => straight(0)), ...many(500, () => straight(1))])[0]).toBe(0.4);
  });

  it('once in a while is not never', () => {
    expect(weights(many(100, (index) => long(index < 2 ? 1 : 0)))[1]).toBe(0.3);
    expect(weights(many(100, (index) => long(index < 3 ? 1 : 0)))[1]).toBe(3);
  });
});
