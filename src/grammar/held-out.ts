/**
 * @file Programs that are kept for tests, as they are drawn: of all that programs can do, a quarter is set aside, told by the
 * fingerprint, and the sets are drawn from that. So whoever makes lessons loses a quarter of them at most; without that, 800
 * different programs of level 1 would be four fifths of what is ever drawn there.
 *
 * What Python has to say about them is said in evals/held-out.ts.
 */

import { Draws } from '../selfplay/random';
import { endless, execute, tooLarge, type wide } from './execute';
import { fingerprint } from './fingerprint';
import { sampleInputs } from './inputs';
import type { Level } from './levels';
import { sampleTask } from './sample';
import type { Kind, Plain, Program } from './tree';

/** For choosing between models while one works, and for the final figures, once. */
export const heldOutSets = ['open', 'sealed'] as const;
export type HeldOutSet = (typeof heldOutSets)[number];

const seeds: Record<HeldOutSet, number> = { open: 71, sealed: 72 };

/** Of an induction task. */
export const heldOutInputs = 8;

export interface HeldOutDraft {
  level: Level;
  program: string;
  /** Of deduction and abduction. */
  input: string;
  /** Of induction. */
  inputs: string[];
  fingerprint: string;
}

/** One in four, by what a program does: for good, since the sets are frozen. */
export const isSetAside = (mark: string) => Number.parseInt(mark.slice(-1), 16) % 4 === 0;

/** The n-th draw of a level; null if it is not set aside, does not run on enough different inputs, or runs wild on others. */
export function draftHeldOut(set: HeldOutSet, level: Level, n: number): HeldOutDraft | null {
  const draws = new Draws(seeds[set], n, `held-out on level ${level}`);
  const { program, input, structure } = sampleTask(draws, level);
  const mark = fingerprint(structure);
  if (!isSetAside(mark) || !isTame(structure)) return null;
  const inputs = sampleInputs(structure, heldOutInputs, draws);
  return inputs.length < heldOutInputs ? null : { level, program, input, inputs, fingerprint: mark };
}

/** What is beyond them grows or goes on without end. */
const bounds: typeof wide = { number: 1e18, items: 1000, characters: 1000, steps: 20_000 };

/** Values like those at the edges of the gate's probes. */
const edges: Record<Kind, Plain[]> = {
  int: [-100, -8, -1, 0, 1, 2, 144],
  ints: [[], [0], [-8, -1], [144, 48, 0], [3, 3, 3, 5, 25, 3]],
  str: ['', 'd', 'the quick brown fox'],
  bool: [false, true],
};

/** The gate looks at what a program does far from where it is at home. It may fail there, but it must come to an end. */
export function isTame(program: Program): boolean {
  const lists = program.parameters.reduce<Plain[][]>(
    (lists, { kind }) => lists.flatMap((list) => edges[kind].map((value) => [...list, value])),
    [[]],
  );
  return lists.every((values) => {
    const run = execute(program, values, bounds);
    return !('failed' in run) || (run.failed !== endless && run.failed !== tooLarge);
  });
}
