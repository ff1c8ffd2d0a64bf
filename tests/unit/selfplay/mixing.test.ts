/** What is drawn, how often, and that it follows from seed, step and name alone. */
import { describe, expect, it } from 'vitest';
import { type Config, readConfig } from '../../../src/selfplay/config';
import {
  drawLessons,
  drawPrograms,
  drawReferences,
  drawTasks,
  newSince,
  refill,
} from '../../../src/selfplay/mixing';
import { Draws } from '../../../src/selfplay/random';

interface Item {
  id: number;
  step: number;
  solveRate: number | null;
  program: string;
  effort?: number[];
}
/** One task for each of these steps. */
const tasks = (...steps: number[]): Item[] =>
  steps.map((step, id) => ({ id, step, solveRate: null, program: 'def f(x):\n    return x' }));
const range = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i);
const count = (items: Item[], which: (item: Item) => boolean) => items.filter(which).length;
/** Many draws; how often each task came, per draw. */
const frequencies = (of: Item[], rounds: number, draw: (draws: Draws) => Item[]) => {
  const counts = of.map(() => 0);
  for (let round = 0; round < rounds; round++) {
    for (const { id } of draw(new Draws(7, round, 'frequencies'))) counts[id] += 1 / rounds;
  }
  return counts;
};

describe('draws', () => {
  it('follow from seed, step and name', () => {
    const made = (seed: number, step: number, name: string) => {
      const draws = new Draws(seed, step, name);
      return range(20).map(() => draws.below(1000));
    };
    expect(made(1, 2, 'a')).toEqual(made(1, 2, 'a'));
    const others = [made(2, 2, 'a'), made(1, 3, 'a'), made(1, 2, 'b'), made(2 ** 40 + 1, 2, 'a')];
    for (const other of others) expect(other).not.toEqual(made(1, 2, 'a'));
  });

  it('are even', () => {
    const draws = new Draws(1, 1, 'even');
    const counts = range(10).map(() => 0);
    for (let i = 0; i < 20_000; i++) counts[draws.below(10)]++;
    for (const each of counts) expect(Math.abs(each - 2000)).toBeLessThan(5 * Math.sqrt(1800));
    const heads = range(10_000).filter(() => draws.chance(0.3)).length;
    expect(Math.abs(heads - 3000)).toBeLessThan(5 * Math.sqrt(2100));
    expect([draws.chance(0), draws.chance(1)]).toEqual([false, true]);
  });

  it('are different where they should be, and all where all are wanted', () => {
    for (let step = 0; step < 200; step++) {
      const draws = new Draws(1, step, 'distinct');
      const [size, wanted] = [draws.below(20), draws.below(25)];
      const drawn = draws.distinct(size, wanted);
      expect(drawn.length).toBe(Math.min(size, wanted));
      expect(new Set(drawn).size).toBe(drawn.length);
      expect(drawn.every((index) => index >= 0 && index < size)).toBe(true);
    }
    expect(new Draws(1, 1, 'x').distinct(5, 5).sort()).toEqual([0, 1, 2, 3, 4]);
  });

  it('keep to weights', () => {
    const draws = new Draws(1, 1, 'weights');
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 10_000; i++) counts[draws.weighted([1, 0, 3, 6])]++;
    expect(counts[1]).toBe(0);
    expect(Math.abs(counts[2] - 3000)).toBeLessThan(5 * Math.sqrt(2100));
    expect(draws.weighted([0, 0])).toBe(-1);
    expect(draws.weightedDistinct([0, 2, 0, 1], 4).sort()).toEqual([1, 3]);
  });
});

describe('references', () => {
  const settings = (references: number, sampling: Config['references.sampling'] = 'uniform') =>
    readConfig({ references, 'references.sampling': sampling });

  it('are different tasks: K, or all there are, or none', () => {
    for (const sampling of ['uniform', 'step', 'frontier', 'unmastered', 'effort'] as const) {
      for (const [size, wanted] of [
        [0, 6],
        [3, 6],
        [6, 6],
        [50, 6],
        [50, 0],
      ]) {
        const of = tasks(...range(size));
        const drawn = drawReferences(of, settings(wanted, sampling), new Draws(1, 1, 'r'));
        expect(drawn.length).toBe(Math.min(size, wanted));
        expect(new Set(drawn).size).toBe(drawn.length);
      }
    }
  });

  it('are drawn alike', () => {
    const of = tasks(...range(12));
    const found = frequencies(of, 4000, (draws) => drawReferences(of, settings(3), draws));
    for (const each of found) expect(Math.abs(each - 3 / 12)).toBeLessThan(0.035);
  });

  it('or by step + 1', () => {
    const of = tasks(0, 1, 2, 6);
    const found = frequencies(of, 6000, (draws) => drawReferences(of, settings(1, 'step'), draws));
    [1, 2, 3, 7].forEach((weight, id) => {
      expect(Math.abs(found[id] - weight / 13)).toBeLessThan(0.033);
    });
    // Two, one after the other: P(seed) = 1/13 + 2/13 1/11 + 3/13 1/10 + 7/13 1/6.
    const both = frequencies(of, 6000, (draws) => drawReferences(of, settings(2, 'step'), draws));
    expect(Math.abs(both[0] - (1 / 13 + 2 / 143 + 3 / 130 + 7 / 78))).toBeLessThan(0.03);
  });
});

describe('references', () => {
  it.each([
    ['frontier', [1, 0.3, 3, 3, 1.2, 1.2, 0.4, 0.4]],
    ['unmastered', [1, 1, 1, 1, 1, 1, 1, 0.2]],
  ] as const)('of the %s are drawn by how many attempts solve them', (sampling, weights) => {
    const rates = [null, 0, 0.1, 0.7, 0.8, 0.9, 0.95, 1];
    const of = rates.map((solveRate, id) => ({ ...tasks(0)[0], id, solveRate }));
    const settings = readConfig({ references: 1, 'references.sampling': sampling });
    const found = frequencies(of, 6000, (draws) => drawReferences(of, settings, draws));
    const all = weights.reduce<number>((sum, weight) => sum + weight, 0);
    weights.forEach((weight, id) => {
      expect(Math.abs(found[id] - weight / all)).toBeLessThan(0.03);
    });
  });
});

describe('references that run long', () => {
  const settings = (references: number) => readConfig({ references, 'references.sampling': 'effort' });
  const lines = (count: number) => `def f(x):${'\n    x += 1'.repeat(count)}`;

  it('are the hardest of three each, by lines of the program and the longest of its runs, up to 16 calls and passes', () => {
    const of = [
      { ...tasks(0)[0], effort: undefined, program: lines(3) }, // 4
      { ...tasks(0)[0], effort: [2, 5], program: lines(1) }, // 10
      { ...tasks(0)[0], effort: [3], program: lines(3) }, // 12
      { ...tasks(0)[0], effort: [400], program: lines(1) }, // 32
      { ...tasks(0)[0], effort: [11], program: lines(2) }, // 33
    ].map((task, id) => ({ ...task, id }));
    const found = frequencies(of, 6000, (draws) => drawReferences(of, settings(1), draws));
    // Of the ten ways to choose three of five.
    [0, 0, 1 / 10, 3 / 10, 6 / 10].forEach((share, id) => {
      expect(Math.abs(found[id] - share)).toBeLessThan(0.03);
    });
    const all = drawReferences(of, settings(9), new Draws(1, 1, 'r'));
    expect(new Set(all.map(({ id }) => id)).size).toBe(5);
  });
});

describe('tasks that are taught', () => {
  const of = tasks(...range(30).fill(0), ...range(10).fill(5), ...range(8).fill(6));
  const drawn = (from: Item[], count: number, share: number, seed = 1) =>
    drawLessons(from, 6, count, readConfig({ 'hindsight.new': share }), () => 1, new Draws(seed, 6, 'l'));
  const fresh = (items: Item[]) => count(items, ({ step }) => step === 6);

  it.each([
    ['half of them new', of, 10, 0.5, 5, 10],
    ['a share that is no whole number is rounded down', of, 5, 0.5, 2, 5],
    ['none new', of, 10, 0, 0, 10],
    ['all new, as far as there are any', of, 10, 1, 8, 10],
    ['more new ones where there are no others', of.slice(-10), 10, 0, 8, 10],
    ['as many as there are', of, 100, 0.5, 8, 48],
    ['none, if none are wanted', of, 0, 0.5, 0, 0],
    ['none, if there are none', [], 5, 0.5, 0, 0],
  ] as const)('%s', (_name, from, wanted, share, ofStep, all) => {
    const made = drawn([...from], wanted, share);
    expect([fresh(made), made.length, new Set(made).size]).toEqual([ofStep, all, all]);
    // New ones first.
    expect(made.slice(0, ofStep).every(({ step }) => step === 6)).toBe(true);
  });

  it('are drawn alike', () => {
    const settings = readConfig({ 'hindsight.new': 0.4 });
    const found = frequencies(of, 2000, (draws) => drawLessons(of, 6, 10, settings, () => 1, draws));
    found.forEach((each, id) => {
      expect(Math.abs(each - (id < 40 ? 6 / 40 : 4 / 8))).toBeLessThan(0.05);
    });
  });

  it('or as often as their weight', () => {
    const settings = readConfig({ 'hindsight.new': 0 });
    const some = tasks(0, 0, 0);
    const found = frequencies(some, 6000, (draws) =>
      drawLessons(some, 6, 1, settings, ({ id }) => [2, 3, 6][id], draws),
    );
    [2, 3, 6].forEach((weight, id) => {
      expect(Math.abs(found[id] - weight / 11)).toBeLessThan(0.03);
    });
  });
});

describe('programs for induction', () => {
  it('come from all buffers alike', () => {
    const of = tasks(...range(8));
    const found = frequencies(of, 500, (draws) => drawPrograms([of.slice(0, 2), of.slice(2)], 16, draws));
    for (const each of found) expect(Math.abs(each - 2)).toBeLessThan(0.35);
    expect(drawPrograms([of.slice(0, 1), []], 3, new Draws(1, 1, 'p'))).toEqual([of[0], of[0], of[0]]);
    expect(drawPrograms([[], []], 3, new Draws(1, 1, 'p'))).toEqual([]);
  });
});

describe('tasks for the solver', () => {
  const settings = (mix: Config['solve.mix'], changes: Partial<Config> = {}) =>
    readConfig({ 'solve.mix': mix, 'solve.when': 'previous-step', 'estimate.reuse': false, ...changes });
  // 30 seeds, 10 tasks of step 1, ... 10 of step 5.
  const of = tasks(...range(30).fill(0), ...range(50).map((i) => 1 + Math.floor(i / 10)));

  it('are never fewer than asked for while there is one', () => {
    for (const mix of ['max-new', 'half-new', 'uniform', 'step'] as const) {
      for (const when of ['same-step', 'previous-step'] as const) {
        for (const size of [1, 2, 31, 80]) {
          const drawn = drawTasks(
            of.slice(0, size),
            64,
            6,
            settings(mix, { 'solve.when': when }),
            new Draws(1, 6, 's'),
          );
          expect([mix, when, size, drawn.length]).toEqual([mix, when, size, 64]);
        }
        expect(drawTasks([], 64, 6, settings(mix), new Draws(1, 6, 's'))).toEqual([]);
      }
    }
  });

  it('max-new: all new ones, and the rest from the whole buffer', () => {
    for (let seed = 0; seed < 30; seed++) {
      const drawn = drawTasks(of, 32, 6, settings('max-new'), new Draws(seed, 6, 's'));
      expect(new Set(drawn.slice(0, 10))).toEqual(new Set(of.slice(70)));
      expect(new Set(drawn.slice(10)).size).toBe(22);
      const few = drawTasks(of, 4, 6, settings('max-new'), new Draws(seed, 6, 's'));
      expect(few.every(({ step }) => step === 5)).toBe(true);
      expect(new Set(few).size).toBe(4);
    }
    const found = frequencies(of, 1500, (draws) => drawTasks(of, 32, 6, settings('max-new'), draws));
    found.forEach((each, id) => {
      expect(Math.abs(each - ((id < 70 ? 0 : 1) + 22 / 80))).toBeLessThan(0.06);
    });
  });

  it('half-new: half of them new, if there are so many', () => {
    const drawn = drawTasks(of, 16, 6, settings('half-new'), new Draws(1, 6, 's'));
    expect(new Set(drawn.slice(0, 8)).size).toBe(8);
    expect(drawn.slice(0, 8).every(({ step }) => step === 5)).toBe(true);
    const found = frequencies(of, 1500, (draws) => drawTasks(of, 40, 6, settings('half-new'), draws));
    found.forEach((each, id) => {
      expect(Math.abs(each - ((id < 70 ? 0 : 1) + 30 / 80))).toBeLessThan(0.065);
    });
  });

  it('uniform: all alike, each once before any comes again', () => {
    const found = frequencies(of, 1500, (draws) => drawTasks(of, 40, 6, settings('uniform'), draws));
    for (const each of found) expect(Math.abs(each - 0.5)).toBeLessThan(0.065);
    const all = drawTasks(of, 100, 6, settings('uniform'), new Draws(1, 6, 's'));
    expect(new Set(all.slice(0, 80)).size).toBe(80);
    expect(new Set(all.slice(80)).size).toBe(20);
  });

  it('step: by step, seeds only where there is nothing else', () => {
    const found = frequencies(of, 600, (draws) => drawTasks(of, 60, 6, settings('step'), draws));
    found.forEach((each, id) => {
      expect(Math.abs(each - (60 * of[id].step) / 150)).toBeLessThan(id < 30 ? 1e-9 : 0.3);
    });
    const seeds = drawTasks(of.slice(0, 30), 30, 6, settings('step'), new Draws(1, 6, 's'));
    expect(new Set(seeds).size).toBe(30);
  });

  it.each([
    ['previous-step', 1, [5]],
    ['previous-step', 3, [3, 4, 5]],
    ['same-step', 1, []],
    ['same-step', 3, [4, 5]],
  ] as const)('%s with a window of %d has as new, at step 6: %j', (when, window, steps) => {
    const chosen = settings('max-new', { 'solve.when': when, 'solve.window': window });
    const since = newSince(6, chosen);
    expect([...new Set(of.filter(({ step }) => step >= since).map(({ step }) => step))]).toEqual(steps);
    if (steps.length) {
      const drawn = drawTasks(of, 10 * steps.length, 6, chosen, new Draws(1, 6, 's'));
      expect(count(drawn, ({ step }) => step >= steps[0])).toBe(10 * steps.length);
    }
  });

  it('at the first step, seeds are the new ones of the original', () => {
    expect(newSince(1, settings('max-new'))).toBe(0);
  });

  it('come again where some had to be dropped, and do not fail where all had to', () => {
    const kept = of.slice(0, 3);
    const full = refill(kept, 8, new Draws(1, 1, 'refill'));
    expect(full.slice(0, 3)).toEqual(kept);
    expect([full.length, full.every((item) => kept.includes(item))]).toEqual([8, true]);
    expect(refill([], 8, new Draws(1, 1, 'refill'))).toEqual([]);
    expect(refill(of, 8, new Draws(1, 1, 'refill'))).toEqual(of);
  });
});
