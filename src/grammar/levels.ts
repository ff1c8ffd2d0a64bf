/**
 * @file How hard a task is: what can be counted of a program and of its run, and the six levels that are made of those counts.
 * One table is the only place that knows where a level ends; the sampler draws until it meets it, and a mutation may cross it.
 */

import { execute } from './execute';
import { blocksOf, isLoop, type Plain, type Program, type Statement, within } from './tree';

export type Level = 1 | 2 | 3 | 4 | 5 | 6;
export const levels: readonly Level[] = [1, 2, 3, 4, 5, 6];

export interface Features {
  /** Lines below the head, without those that only say `else`. */
  statements: number;
  loop: 'none' | 'one' | 'two' | 'nested';
  /** Passes of all loops in the task's run. */
  iterations: number;
  /** Blocks within blocks. */
  nesting: number;
  ifs: number;
  /** Statements inside the loop that has most. */
  body: number;
  /** Of the longest list or text of the input. */
  length: number;
}

/** Null if the program does not run on these arguments. */
export function featuresOf(program: Program, values: readonly Plain[]): Features | null {
  const run = execute(program, values);
  if ('failed' in run) return null;
  const all = program.body.flatMap(within);
  const loops = all.filter(isLoop);
  const bodies = loops.map((loop) => within(loop).length - 1);
  const nested = loops.some((loop) => within(loop).filter(isLoop).length > 1);
  return {
    statements: all.length,
    loop: nested ? 'nested' : loops.length > 1 ? 'two' : loops.length === 1 ? 'one' : 'none',
    iterations: run.passes,
    nesting: Math.max(...program.body.map(nesting)),
    ifs: all.filter(({ node }) => node === 'if').length,
    body: Math.max(0, ...bodies),
    length: Math.max(0, ...values.map((value) => (isSized(value) ? value.length : 0))),
  };
}

const isSized = (value: Plain) => typeof value === 'string' || typeof value === 'object';

function nesting(statement: Statement): number {
  const blocks = blocksOf(statement);
  return blocks.length === 0 ? 0 : 1 + Math.max(...blocks.flat().map(nesting));
}

/** Everything else a level has at most; loops by how they stand. */
type Most = Omit<Features, 'loop'> & { loops: readonly Features['loop'][] };

const none = ['none'] as const;
const one = ['none', 'one'] as const;
const several = ['none', 'one', 'two', 'nested'] as const;

export const most: Record<Level, Most> = {
  1: { statements: 2, loops: none, iterations: 0, nesting: 0, ifs: 0, body: 0, length: 4 },
  2: { statements: 5, loops: one, iterations: 2, nesting: 1, ifs: 1, body: 1, length: 4 },
  3: { statements: 6, loops: one, iterations: 4, nesting: 1, ifs: 1, body: 1, length: 5 },
  4: { statements: 7, loops: one, iterations: 5, nesting: 2, ifs: 2, body: 3, length: 6 },
  5: { statements: 9, loops: several, iterations: 9, nesting: 2, ifs: 2, body: 4, length: 6 },
  6: { statements: 12, loops: several, iterations: 16, nesting: 3, ifs: 3, body: 6, length: 7 },
};

/** The first level that has room for a task; null if it is beyond all of them. */
export function levelOf(features: Features): Level | null {
  const fits = (level: Level) => {
    const { loops, ...counts } = most[level];
    const names = Object.keys(counts) as (keyof typeof counts)[];
    return loops.includes(features.loop) && names.every((name) => features[name] <= counts[name]);
  };
  return levels.find(fits) ?? null;
}
