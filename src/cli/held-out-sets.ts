/**
 * @file Draws the sets of held-out programs until each level has enough. What comes out depends on nothing but the seeds: programs
 * are taken in the order of their draws, however the sandbox overlapped them.
 */

import { examineHeldOut, type HeldOutProgram, lineOf, marksOf } from '../evals/held-out';
import { draftHeldOut, type HeldOutDraft, type HeldOutSet, heldOutSets } from '../grammar/held-out';
import { type Level, levels } from '../grammar/levels';
import type { Executor } from '../sandbox/executor';

export const programsOfLevel = 400;

export type Sets = Record<HeldOutSet, HeldOutProgram[]>;

/** Drafts that Python sees at a time. */
const together = 48;

/** The first `count` of a level that are like none in `taken`, to which their marks are added. */
export async function drawLevel(
  { set, level, count }: { set: HeldOutSet; level: Level; count: number },
  taken: Set<string>,
  executor: Executor,
): Promise<HeldOutProgram[]> {
  const found: HeldOutProgram[] = [];
  const isNew = (marks: readonly string[]) => !marks.some((mark) => taken.has(mark));
  for (let n = 0; found.length < count; ) {
    const drafts: HeldOutDraft[] = [];
    for (; drafts.length < together; n++) {
      const draft = draftHeldOut(set, level, n);
      if (draft && isNew([draft.program, draft.fingerprint])) drafts.push(draft);
    }
    for (const program of await Promise.all(drafts.map((draft) => examineHeldOut(draft, executor)))) {
      if (!program || found.length === count || !isNew(marksOf(program))) continue;
      for (const mark of marksOf(program)) taken.add(mark);
      found.push(program);
    }
  }
  return found;
}

/** All sets, since none may hold what is in another. */
export async function drawSets(
  executor: Executor,
  onProgress: (line: string) => void = () => {},
): Promise<Sets> {
  const taken = new Set<string>();
  const sets: Sets = { open: [], sealed: [] };
  for (const set of heldOutSets) {
    for (const level of levels) {
      sets[set].push(...(await drawLevel({ set, level, count: programsOfLevel }, taken, executor)));
      onProgress(`${set}: ${sets[set].length} programs, up to level ${level}`);
    }
  }
  return sets;
}

/** `open-4-017` is the 18th of level 4. */
export function linesOf(set: HeldOutSet, programs: readonly HeldOutProgram[]): string {
  const counted = new Map<number, number>();
  const lines = programs.map((program) => {
    const number = counted.get(program.level) ?? 0;
    counted.set(program.level, number + 1);
    return lineOf(`${set}-${program.level}-${String(number).padStart(3, '0')}`, program);
  });
  return `${lines.join('\n')}\n`;
}
