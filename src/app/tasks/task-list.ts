/** @file The tasks of a run with what the page needs to know of each: whether it is in a buffer, how complex it is, what came of it. */

import type { Snapshot, Task } from '../../store/records';
import { complexityOf } from './measure';

export type Whereabouts = 'buffer' | 'mastered' | 'left';

export interface Row {
  task: Task;
  where: Whereabouts;
  complexity: number;
  lines: number;
  /** The longest run of it, in calls and loop passes; 1 where nobody counted. */
  effort: number;
  /** What its function does, on one line. */
  line: string;
}

/** Rows by id. It never changes: what is new makes a new one. */
export interface TaskList {
  run: string;
  /** The last step that it knows. */
  step: number;
  rows: readonly Row[];
  /** Places of rows by the id of their task. */
  places: ReadonlyMap<number, number>;
  /** Ids of the tasks that came of a task, by its id. */
  children: ReadonlyMap<number, readonly number[]>;
}

export function taskList(run: string, tasks: readonly Task[], snapshot: Snapshot): TaskList {
  const where = whereaboutsIn(snapshot);
  const rows = tasks.map((task) => rowOf(task, where(task.id)));
  return listed(run, snapshot.step, rows);
}

/** With tasks that are new, others whose solve rate changed, and buffers as they are now. */
export function taskListWith(
  list: TaskList,
  fresh: readonly Task[],
  rates: ReadonlyMap<number, number>,
  snapshot: Snapshot,
): TaskList {
  const where = whereaboutsIn(snapshot);
  const rows = list.rows.map((row) => {
    const { task } = row;
    const solveRate = rates.get(task.id) ?? task.solveRate;
    const now = where(task.id);
    return solveRate === task.solveRate && now === row.where
      ? row
      : { ...row, where: now, task: { ...task, solveRate } };
  });
  const known = list.places;
  const added = fresh.filter(({ id }) => !known.has(id));
  const withRate = ({ ...task }: Task) => ({ ...task, solveRate: rates.get(task.id) ?? task.solveRate });
  return listed(list.run, snapshot.step, [
    ...rows,
    ...added.map((task) => rowOf(withRate(task), where(task.id))),
  ]);
}

function listed(run: string, step: number, rows: Row[]): TaskList {
  const places = new Map(rows.map(({ task }, place) => [task.id, place]));
  const children = new Map<number, number[]>();
  for (const { task } of rows) {
    for (const parent of new Set(task.parents)) {
      const list = children.get(parent);
      if (list) list.push(task.id);
      else children.set(parent, [task.id]);
    }
  }
  return { run, step, rows, places, children };
}

function rowOf(task: Task, where: Whereabouts): Row {
  const { points, lines } = complexityOf(task.program);
  return {
    task,
    where,
    complexity: points,
    lines,
    effort: Math.max(1, ...(task.effort ?? [])),
    line: onOneLine(task.program),
  };
}

/** Without the first line, where that only says which arguments there are: inputs say so too. */
const onOneLine = (program: string) =>
  program
    .trim()
    .replace(/^def f\([^\n]*\):\s*\n(?=[^\n]*\S)/, '')
    .trim()
    .replace(/\s*\n\s*/g, ' ↵ ');

function whereaboutsIn({ buffers, state }: Snapshot): (id: number) => Whereabouts {
  const within = new Set(Object.values(buffers).flat());
  const kept = state.buffers as { mastered?: unknown } | undefined;
  const mastered = new Set(Array.isArray(kept?.mastered) ? (kept.mastered as unknown[]) : []);
  return (id) => (within.has(id) ? 'buffer' : mastered.has(id) ? 'mastered' : 'left');
}

export const whereInWords: Record<Whereabouts, string> = {
  buffer: 'in its buffer',
  mastered: 'left its buffer, since it is mastered',
  left: 'left its buffer, which was full',
};
