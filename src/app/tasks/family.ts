/** @file Where a task comes from and what came of it. A task may have several parents, and be reached by several ways. */

import type { TaskList } from './task-list';

export type Direction = 'parents' | 'children';

export function relativesOf(
  { rows, places, children }: TaskList,
  id: number,
  direction: Direction,
): readonly number[] {
  if (direction === 'children') return children.get(id) ?? [];
  const place = places.get(id);
  return place === undefined ? [] : [...new Set(rows[place].task.parents)];
}

/** How many tasks there are in all in this direction, each counted once. */
export function countOfFamily(list: TaskList, id: number, direction: Direction): number {
  const seen = new Set<number>();
  const open = [...relativesOf(list, id, direction)];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    open.push(...relativesOf(list, next, direction));
  }
  return seen.size;
}
