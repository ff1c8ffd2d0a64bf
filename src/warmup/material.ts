/**
 * @file What lessons are made of: a program of the grammar with what it gives on some inputs, the true thoughts about two of them, and
 * a task that goes one step further. The grammar draws it and the sandbox has the last word: nothing is taught that Python did
 * not say.
 */

import { fingerprint } from '../grammar/fingerprint';
import { differentArguments } from '../grammar/inputs';
import type { Level } from '../grammar/levels';
import { mutate } from '../grammar/mutate';
import type { SampledTask } from '../grammar/sample';
import { printArguments } from '../grammar/tree';
import type { Executor, Pair } from '../sandbox/executor';
import type { Draws } from '../selfplay/random';
import { writeScratchpad } from '../selfplay/scratchpad';
import { drawTask } from './choice';

export interface Material {
  level: Level;
  program: string;
  /** The task's own first. */
  pairs: Pair[];
  /** About the first pairs. */
  thoughts: string[];
  /** Of the program, see grammar/fingerprint. */
  fingerprint: string;
  /** What a proposer could make of this task; null where nothing came of it. */
  next: { program: string; input: string; fingerprint: string } | null;
}

/** Pairs with a thought. */
const thought = 4;

/** Of the n-th draw of a level. Null where a whole truth cannot be told: a value too long to be shown. */
export async function drawMaterial(
  { seed, level, n, inputs }: { seed: number; level: Level; n: number; inputs: number },
  executor: Executor,
): Promise<Material | null> {
  const { task, draws } = drawTask(seed, level, n);
  const written = await consult(executor, task, draws, inputs);
  if (!written) return null;
  const next = mutate(task, draws)?.task;
  return { level, ...known(task), ...written, next: next ? { ...known(next), input: next.input } : null };
}

const known = ({ program, structure }: SampledTask) => ({ program, fingerprint: fingerprint(structure) });

/** Texts and fingerprints of programs that are kept for tests. */
export type Reserved = ReadonlySet<string>;

/** The materials without those that a test is made of, or that lead to one. */
export function without(reserved: Reserved, materials: readonly Material[]): Material[] {
  const isReserved = (each: { program: string; fingerprint: string }) =>
    reserved.has(each.program) || reserved.has(each.fingerprint);
  return materials
    .filter((material) => !isReserved(material))
    .map((material) => (material.next && isReserved(material.next) ? { ...material, next: null } : material));
}

async function consult(
  executor: Executor,
  { program, input, structure }: SampledTask,
  draws: Draws,
  count: number,
): Promise<Pick<Material, 'pairs' | 'thoughts'> | null> {
  const lengths = { least: 1, most: draws.chance(0.5) ? 4 : 6 };
  const others = differentArguments(structure, count + 2, draws, lengths).map(printArguments);
  const inputs = [input, ...others.filter((other) => other !== input)].slice(0, count);
  const outcomes = await executor.run(program, inputs);
  const pairs: Pair[] = [];
  for (const [i, outcome] of outcomes.entries()) {
    if (outcome.verdict === 'ok') pairs.push([inputs[i], outcome.output]);
    else if (i === 0) return null;
  }
  const thoughts: string[] = [];
  for (const [asked] of pairs.slice(0, thought)) {
    const trace = await executor.trace(program, asked);
    const text = trace.verdict === 'ok' ? writeScratchpad(trace) : null;
    if (text === null) break;
    thoughts.push(text);
  }
  return thoughts.length > 0 ? { pairs, thoughts } : null;
}
