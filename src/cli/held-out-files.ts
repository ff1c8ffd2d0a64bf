/** @file Held-out tasks by the name that a command line gives them: a file, or one of the sets that ship with the project. */

import { join } from 'node:path';
import { root } from '../../scripts/lib.mjs';
import type { HeldOutTask } from '../evals/tasks';
import { CommandError } from './command';
import { readHeldOutFile, readJsonFile } from './text-files';

const shipped = (file: string) => join(root, 'public/held-out', file);

/** By the names of the command line. */
const sets: ReadonlyMap<string, string> = new Map([
  ['builtin', shipped('open.jsonl')],
  ['sealed', shipped('sealed.jsonl')],
]);

/** Of the open set: so many does a run ask again and again, 40 of each mode and level if it asks all of them. */
export const askedInRuns = 720;

/** `builtin`: the open set; `sealed`; or a file. */
export const readHeldOutSet = (name: string): Promise<HeldOutTask[]> =>
  readHeldOutFile(sets.get(name) ?? name);

/** For a run, which is asked the same tasks every few steps; and how many of them at most. */
export async function readHeldOutForRun(name: string): Promise<{ tasks: HeldOutTask[]; limit: number }> {
  if (name === 'sealed')
    throw new CommandError(
      'The sealed set is for final figures, and whoever looks at it during a run begins to choose by it: use --heldout builtin, and eval --tasks sealed in the end.',
      2,
    );
  const tasks = await readHeldOutSet(name);
  return { tasks, limit: name === 'builtin' ? askedInRuns : Number.POSITIVE_INFINITY };
}

/** What the gate knows the programs of both sets by. */
export const readHeldOutMarks = async (): Promise<string[]> =>
  (await readJsonFile(shipped('hashes.json'))) as string[];
