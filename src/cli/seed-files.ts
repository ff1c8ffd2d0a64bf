/** @file The seeds of a run, or its tasks, as files for other runs: seeds begin one, tasks can be put to another model by `eval`. */

import { type Seed, seedOf, writeSeeds } from '../selfplay/seeds';
import type { Task } from '../store/records';

/** A program that serves two modes is one seed. */
export function seedLines(tasks: readonly Task[]): { text: string; count: number } {
  const seeds = new Map<string, Seed>();
  for (const task of tasks) {
    const seed = seedOf(task);
    seeds.set(JSON.stringify(seed), seed);
  }
  return { text: writeSeeds([...seeds.values()]), count: seeds.size };
}

/** In the form of held-out tasks, with where it comes from beside it. */
export function taskLine({ pairs, thought, astHash: _, behaviour: __, ...task }: Task): string {
  const [[input, output]] = pairs;
  const calls = task.mode === 'induction' ? { pairs } : { input, output };
  const { id, mode, program, message, ...origin } = task;
  return `${JSON.stringify({ id, mode, program, ...calls, ...(message && { message }), ...origin, ...(thought && { thought }) })}\n`;
}
