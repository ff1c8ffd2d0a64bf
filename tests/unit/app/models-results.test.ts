/** Held-out tests as a table, and the words in its cells. */
import { describe, expect, it } from 'vitest';
import {
  inOrder,
  isCertain,
  percent,
  points,
  range,
  rowsOf,
  type Test,
} from '../../../src/app/models/results';
import { type Answered, detailsOf, summarise } from '../../../src/evals/evaluate';
import type { Mode } from '../../../src/store/records';

/** Answers as they are given: right or wrong, by mode and level. */
function test(ref: string, right: (mode: Mode, level: number, index: number) => boolean, each = 10): Test {
  const answered: Answered[] = (['deduction', 'abduction'] as const).flatMap((mode) =>
    [1, 2].flatMap((level) =>
      Array.from({ length: each }, (_, index) => ({
        task: { id: `${mode}-${level}-${index}`, mode, level, program: '', pairs: [['', '']], message: '' },
        attempts: [
          {
            completion: '',
            tokens: 1,
            format: true,
            correct: right(mode, level, index),
            exact: null,
            stopReason: 'stop',
          },
        ],
      })),
    ),
  );
  return { ref, name: ref, each, evaluation: { results: summarise(answered), details: detailsOf(answered) } };
}

const base = test('builtin', (_, level) => level === 1);
const better = test('run:a@10', (_, level, index) => level === 1 || index < 8);

describe('the table', () => {
  it('has all tasks first, then each mode with its levels below it', () => {
    expect(rowsOf([base]).map(({ mode, level, tasks }) => [mode, level, tasks])).toEqual([
      [null, null, 40],
      ['deduction', null, 20],
      ['deduction', 1, 10],
      ['deduction', 2, 10],
      ['abduction', null, 20],
      ['abduction', 1, 10],
      ['abduction', 2, 10],
    ]);
    expect(rowsOf([])).toEqual([]);
  });

  it('tells shares with intervals around them', () => {
    const shares = rowsOf([base]).map(({ cells: [cell] }) => cell?.figure.share);
    expect(shares).toEqual([0.5, 0.5, 1, 0, 0.5, 1, 0]);
    for (const { cells } of rowsOf([base, better])) {
      for (const cell of cells) {
        const { share, low, high } = cell?.figure ?? { share: 9, low: 0, high: 0 };
        expect(low).toBeLessThanOrEqual(share);
        expect(high).toBeGreaterThanOrEqual(share);
        expect(high - low).toBeGreaterThan(0);
      }
    }
  });

  it('compares each model with the first, on the same tasks', () => {
    const [all, , levelOne, levelTwo] = rowsOf([base, better]);
    expect(all.cells[0]?.difference).toBeNull();
    expect(all.cells[1]?.difference?.share).toBeCloseTo(0.4);
    expect(isCertain(all.cells[1]?.difference ?? { share: 0, low: 0, high: 0 })).toBe(true);
    expect(levelTwo.cells[1]?.difference?.share).toBeCloseTo(0.8);
    expect(levelOne.cells[1]?.difference?.share).toBe(0);
    expect(isCertain(levelOne.cells[1]?.difference ?? { share: 0, low: 1, high: 1 })).toBe(false);
  });

  it('compares nothing where the tasks are not the same', () => {
    const fewer = test('run:a@10', () => true, 5);
    for (const { cells } of rowsOf([base, fewer])) expect(cells[1]?.difference).toBeNull();
  });

  it('is never sure of two models that answer alike', () => {
    const [all] = rowsOf([base, { ...base, ref: 'kept:b' }]);
    const difference = all.cells[1]?.difference;
    expect(difference?.share).toBe(0);
    expect(difference?.low).toBeLessThan(0);
    expect(difference?.high).toBeGreaterThan(0);
  });

  it('has the base model first, whenever it was tested', () => {
    expect(inOrder([better, base], 'builtin').map(({ ref }) => ref)).toEqual(['builtin', 'run:a@10']);
    expect(inOrder([better], 'builtin').map(({ ref }) => ref)).toEqual(['run:a@10']);
  });
});

it('numbers are written short', () => {
  expect([0, 0.123, 0.996, 1].map(percent)).toEqual(['0 %', '12 %', '100 %', '100 %']);
  expect(range({ share: 0.5, low: 0.123, high: 0.877 })).toBe('12–88');
  expect([0.12, -0.034, 0.001, -0.001].map(points)).toEqual(['+12', '−3', '±0', '±0']);
});
