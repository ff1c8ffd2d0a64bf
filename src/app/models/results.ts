/** @file Held-out tests as a table: a row for each mode and level, a column for each model, and what lies between it and the base model. */

import { type Comparison, compare } from '../../evals/compare';
import type { Detail } from '../../evals/evaluate';
import type { Evaluation } from '../../evals/model';
import { interval, wilson } from '../../evals/pass';
import { type Mode, modes } from '../../store/records';

export interface Test {
  ref: string;
  name: string;
  /** Tasks of each mode and level. */
  each: number;
  evaluation: Pick<Evaluation, 'results' | 'details'>;
}

/** With its 95 % interval. */
export interface Figure {
  share: number;
  low: number;
  high: number;
}

export interface Row {
  /** Null for all modes together. */
  mode: Mode | null;
  /** Null for all levels together. */
  level: number | null;
  /** Of the first test that has it. */
  tasks: number;
  /** Of each test, in order; null where it has no such tasks. */
  cells: readonly (Cell | null)[];
}

export interface Cell {
  figure: Figure;
  /** To the first test, on the same tasks; null for that one itself, and where tasks differ. */
  difference: Figure | null;
}

/** The base model comes first, where it was tested, so that others are compared with it. */
export function inOrder(tests: readonly Test[], base: string): Test[] {
  return [...tests].sort((a, b) => Number(b.ref === base) - Number(a.ref === base));
}

export function rowsOf(tests: readonly Test[]): Row[] {
  const [first, ...others] = tests;
  if (!first) return [];
  const comparisons = [null, ...others.map((test) => comparable(first, test))];
  const cellsFor = (
    figures: (Figure | null)[],
    difference: (of: Comparisons, index: number) => Figure | null,
  ) =>
    figures.map((figure, index) => {
      const compared = comparisons[index];
      return figure && { figure, difference: compared && difference(compared, index) };
    });

  const all: Row = {
    mode: null,
    level: null,
    tasks: first.evaluation.details.length,
    cells: cellsFor(
      tests.map(({ evaluation }) => overall(evaluation.details)),
      (_, index) => overallDifference(first.evaluation.details, tests[index].evaluation.details),
    ),
  };
  const rows = [all];
  for (const mode of modes) {
    const levels = new Set(
      tests
        .flatMap(({ evaluation }) => evaluation.results.filter((each) => each.mode === mode))
        .map(({ level }) => level),
    );
    const sorted = [...levels].sort((a, b) => (a ?? -1) - (b ?? -1));
    for (const level of sorted) {
      const results = tests.map(({ evaluation }) =>
        evaluation.results.find((each) => each.mode === mode && each.level === level),
      );
      rows.push({
        mode,
        level,
        tasks: results.find(Boolean)?.n ?? 0,
        cells: cellsFor(
          results.map((result) =>
            result ? { share: result.pass1, low: result.low, high: result.high } : null,
          ),
          (compared) => {
            const found = compared.find(
              (each) => each.of === 'right' && each.mode === mode && each.level === level,
            );
            return found ? { share: found.difference, low: found.low, high: found.high } : null;
          },
        ),
      });
    }
  }
  return rows;
}

type Comparisons = readonly Comparison[];

function comparable(first: Test, other: Test): Comparisons | null {
  return sameTasks(first, other) ? compare(first.evaluation.details, other.evaluation.details) : null;
}

function sameTasks(first: Test, other: Test): boolean {
  const ids = new Set(first.evaluation.details.map(({ id }) => id));
  const { details } = other.evaluation;
  return details.length === ids.size && details.every(({ id }) => ids.has(id));
}

/** Every task counts alike. One answer to each: they are right or wrong. */
function overall(details: readonly Detail[]): Figure {
  const right = details.reduce((sum, detail) => sum + detail.right, 0);
  const [low, high] = wilson(right, details.length);
  return { share: details.length > 0 ? right / details.length : 0, low, high };
}

function overallDifference(before: readonly Detail[], after: readonly Detail[]): Figure {
  const known = new Map(before.map(({ id, right }) => [id, right]));
  const differences = after.map(({ id, right }) => right - (known.get(id) ?? 0));
  const share = differences.reduce((sum, each) => sum + each, 0) / differences.length;
  if (differences.some((each) => each !== differences[0])) {
    const [low, high] = interval(differences, 0);
    return { share, low, high };
  }
  // Tasks of which none was seen may say otherwise.
  const [, unseen] = wilson(0, differences.length);
  return { share, low: Math.max(-1, share - unseen), high: Math.min(1, share + unseen) };
}

// ---- In words ------------------------------------------------------------------------------------------------------------

export const percent = (share: number) => `${Math.round(share * 100)} %`;
export const range = ({ low, high }: Figure) => `${Math.round(low * 100)}–${Math.round(high * 100)}`;
/** '+12', '−3', '±0' */
export const points = (share: number) => {
  const value = Math.round(share * 100);
  return value === 0 ? '±0' : value > 0 ? `+${value}` : `−${-value}`;
};
/** Whether chance alone could have made it. */
export const isCertain = ({ low, high }: Figure) => low > 0 || high < 0;
