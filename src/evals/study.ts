/**
 * @file What several arms of a study get on the same held-out tasks, and how sure the differences are. A task counts if its answer is
 * right with an exact trace, where there are traces; every mode and level counts alike, however many tasks it has. Tasks are drawn
 * again to tell chance from gain; seeds are few, so each is told by itself.
 */

import { RandomStream } from '../model/random';
import type { Mode } from '../store/records';
import type { Detail } from './evaluate';

/** Tasks of one mode and level, and what each got. */
interface Cell {
  mode: Mode;
  level: number;
  scores: Map<string, number>;
}

/** Of several answers to a task: the share that counts, or whether any does (pass@k, where k are all there are). */
export type Counted = 'share' | 'any';

export class Scores {
  private constructor(readonly cells: readonly Cell[]) {}

  static of(details: readonly Detail[], counted: Counted = 'share'): Scores {
    const cells = new Map<string, Cell>();
    for (const { id, mode, level, right, exact } of details) {
      const key = `${mode} ${level ?? 0}`;
      const cell = cells.get(key) ?? { mode, level: level ?? 0, scores: new Map() };
      cells.set(key, cell);
      const share = exact ?? right;
      cell.scores.set(id, counted === 'any' ? Number(share > 0) : share);
    }
    return new Scores([...cells.values()]);
  }

  /** Of several seeds, task by task. All must have been asked the same. */
  static mean(runs: readonly Scores[]): Scores {
    const [first] = runs;
    return new Scores(
      first.cells.map(({ mode, level, scores }, c) => ({
        mode,
        level,
        scores: new Map(
          [...scores.keys()].map((id) => [
            id,
            average(runs.map((run) => run.cells[c].scores.get(id) ?? Number.NaN)),
          ]),
        ),
      })),
    );
  }

  from(level: number): Scores {
    return new Scores(this.cells.filter((cell) => cell.level >= level));
  }

  at(mode: Mode, level: number): number | null {
    const cell = this.cells.find((each) => each.mode === mode && each.level === level);
    return cell ? average([...cell.scores.values()]) : null;
  }

  get mean(): number {
    return average(this.cells.map(({ scores }) => average([...scores.values()])));
  }
}

export interface Gain {
  difference: number;
  low: number;
  high: number;
}

const resamples = 2000;

/** What b has more than a: the mean over cells, with a 95 % interval from drawing each cell's tasks again. */
export function gain(a: Scores, b: Scores, seed = 0): Gain {
  const cells = a.cells.map(({ scores }, c) =>
    [...scores].map(([id, score]) => {
      const other = b.cells[c].scores.get(id);
      if (other === undefined)
        throw new RangeError(`Only answers to the same tasks can be compared: ${id} is missing.`);
      return other - score;
    }),
  );
  const random = new RandomStream(seed, 'bootstrap over cells');
  let drawn = 0;
  const one = (differences: readonly number[]) => {
    let sum = 0;
    for (let i = 0; i < differences.length; i++)
      sum += differences[Math.floor((random.at(drawn++) / 2 ** 32) * differences.length)];
    return sum / differences.length;
  };
  const means = Float64Array.from({ length: resamples }, () => average(cells.map(one))).sort();
  return {
    difference: average(cells.map(average)),
    low: means[Math.floor(0.025 * resamples)],
    high: means[Math.ceil(0.975 * resamples) - 1],
  };
}

const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
