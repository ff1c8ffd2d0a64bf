/** The index of games: a few numbers each, found and filtered like the games that they stand for. */
import { describe, expect, it } from 'vitest';
import {
  filterParams,
  filtersFrom,
  isFiltered,
  matching,
  noFilters,
  verdictCounts,
} from '../../../src/app/replay/filters';
import { flagNames, indexOf, joined, placeOf } from '../../../src/app/replay/game-index';
import { firstOf, rowBeside } from '../../../src/app/replay/navigation';
import { codeOf } from '../../../src/app/replay/verdict';
import { answer, answeredJudged, proposal, proposedJudged } from './replay-episodes';

const wrong = { ...answeredJudged, correct: false };
const games = [
  proposal({ id: 1, reward: -0.1, judged: { ...proposedJudged, refused: 'constant' }, task: null }),
  proposal({ id: 2, mode: 'induction', reward: 0.25 }),
  answer({ id: 3, reward: 1 }),
  answer({ id: 4, judged: wrong, flags: [flagNames[0]] }),
  answer({ id: 5, mode: 'induction', judged: wrong, flags: ['a rule of somebody else'] }),
];
const index = indexOf(games);
const idsOf = (change: Partial<typeof noFilters>, found: Set<number> | null = null) =>
  [...matching(index, { ...noFilters, ...change }, found)].map((at) => index.id[at]);

describe('filters', () => {
  it('let everything through where there are none', () => {
    expect(idsOf({})).toEqual([1, 2, 3, 4, 5]);
  });

  it('find games by mode, role and verdict, and by all of them together', () => {
    expect(idsOf({ mode: 'induction' })).toEqual([2, 5]);
    expect(idsOf({ role: 'solve' })).toEqual([3, 4, 5]);
    expect(idsOf({ verdict: 'wrong' })).toEqual([4, 5]);
    expect(idsOf({ verdict: 'constant' })).toEqual([1]);
    expect(idsOf({ verdict: 'wrong', mode: 'induction' })).toEqual([5]);
    expect(idsOf({ verdict: 'wrong', role: 'propose' })).toEqual([]);
  });

  it('find rewards from and to a bound, which belongs to them', () => {
    expect(idsOf({ min: 0.25 })).toEqual([2, 3]);
    expect(idsOf({ max: -0.1 })).toEqual([1]);
    expect(idsOf({ min: -0.1, max: 0.25 })).toEqual([1, 2, 4, 5]);
  });

  it('find flags by name, and any flag, also one that the page does not know', () => {
    expect(idsOf({ flag: 'any' })).toEqual([4, 5]);
    expect(idsOf({ flag: flagNames[0] })).toEqual([4]);
    expect(idsOf({ flag: flagNames[1] })).toEqual([]);
  });

  it('keep to the games that hold the text', () => {
    expect(idsOf({ text: 'x' }, new Set([2, 4]))).toEqual([2, 4]);
    expect(idsOf({ text: 'x', role: 'solve' }, new Set([2, 4]))).toEqual([4]);
  });

  it('come back from an address as they went into it, and nothing else does', () => {
    const filters = { ...noFilters, mode: 'abduction', flag: 'any', min: -0.5, text: 'def f' } as const;
    const written = Object.entries(filterParams(filters)).filter(([, value]) => value !== null);
    expect(filtersFrom(new URLSearchParams(written.map(([name, value]) => [name, String(value)])))).toEqual(
      filters,
    );
    expect(filtersFrom(new URLSearchParams('mode=seduction&verdict=nice&flag=x&min=&max=two'))).toEqual(
      noFilters,
    );
    expect(isFiltered(noFilters)).toBe(false);
    expect(isFiltered({ ...noFilters, max: 0 })).toBe(true);
  });
});

describe('going from game to game', () => {
  const many = indexOf([2, 3, 5, 8].map((id) => answer({ id, step: id < 5 ? 1 : 2 })));
  const shown = Uint32Array.of(0, 2, 3); // without game 3

  it('begins with the first game of a step that is listed, or with the last', () => {
    expect(firstOf(many, shown, 1, 'start')).toBe(2);
    expect(firstOf(many, shown, 2, 'start')).toBe(5);
    expect(firstOf(many, shown, 2, 'end')).toBe(8);
    expect(firstOf(many, shown, 3, 'start')).toBeNull();
  });

  it('goes on to the next one that is listed, also from one that is not, and past the ends to none', () => {
    expect(rowBeside(many, shown, 2, 1)).toBe(1);
    expect(rowBeside(many, shown, 3, 1)).toBe(1);
    expect(rowBeside(many, shown, 3, -1)).toBe(0);
    expect(rowBeside(many, shown, 8, 1)).toBe(3);
    expect(rowBeside(many, shown, 2, -1)).toBe(-1);
    expect(rowBeside(many, shown, null, 1)).toBe(0);
  });
});

describe('the index', () => {
  it('is the same whichever way the store gave the games', () => {
    expect(indexOf(games.toReversed())).toEqual(index);
    expect(joined([indexOf(games.slice(0, 2)), indexOf(games.slice(2))])).toEqual(index);
  });

  it('counts verdicts', () => {
    const counts = verdictCounts(index);
    expect(counts[codeOf.get('wrong') ?? 0]).toBe(2);
    expect(counts.reduce((sum, each) => sum + each, 0)).toBe(games.length);
  });

  it('knows the place of a game, and that one is not there', () => {
    const at = (place: number) => [2, 4, 9, 10][place];
    expect([2, 4, 9, 10].map((id) => placeOf(id, 4, at))).toEqual([0, 1, 2, 3]);
    expect([0, 3, 11].map((id) => placeOf(id, 4, at))).toEqual([-1, -1, -1]);
    expect(placeOf(1, 0, at)).toBe(-1);
  });

  it('filters a hundred thousand games between two frames', () => {
    const many = joined(Array.from({ length: 20_000 }, () => index));
    let found: Uint32Array = new Uint32Array();
    // The best of some: other work on the machine is not what is measured.
    const times = Array.from({ length: 8 }, () => {
      const started = performance.now();
      found = matching(many, { ...noFilters, verdict: 'wrong', min: 0 }, null);
      return performance.now() - started;
    });
    expect(Math.min(...times)).toBeLessThan(8);
    expect(found.length).toBe(40_000);
  });
});
