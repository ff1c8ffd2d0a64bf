/**
 * @file Tasks from nothing: a program and an input of a wanted level, drawn until they are worth it. The same draws give the
 * same task on every machine.
 */

import type { Draws } from '../selfplay/random';
import { drawArguments, type Lengths } from './inputs';
import { type Features, featuresOf, type Level, levelOf } from './levels';
import { type Plain, type Program, printArguments, printProgram } from './tree';
import { isWorthwhile } from './worth';
import { writeProgram } from './writing';

export interface SampledTask {
  program: string;
  /** The text of its argument list. */
  input: string;
  features: Features;
  /** What the texts were printed from. */
  structure: Program;
  values: readonly Plain[];
}

/** Far more than it ever takes. */
const programsTried = 10_000;
/** Inputs tried with one program before it is given up. */
const inputsTried = 6;

/** Passes that a run has at least, if there are loops. */
const leastPasses: Record<Level, number> = { 1: 0, 2: 1, 3: 3, 4: 3, 5: 5, 6: 8 };

const lengths: Record<Level, Lengths> = {
  1: { least: 1, most: 4 },
  2: { least: 1, most: 3 },
  3: { least: 3, most: 5 },
  4: { least: 2, most: 6 },
  5: { least: 2, most: 5 },
  6: { least: 3, most: 7 },
};

export function sampleTask(draws: Draws, level: Level): SampledTask {
  for (let drawn = 0; drawn < programsTried; drawn++) {
    const structure = writeProgram(draws, level);
    for (let tried = 0; tried < inputsTried; tried++) {
      const values = drawArguments(structure, draws, lengths[level]);
      const features = featuresOf(structure, values);
      if (!features || levelOf(features) !== level) continue;
      if (features.loop !== 'none' && features.iterations < leastPasses[level]) continue;
      if (isWorthwhile(structure, values)) return written(structure, values, features);
      break;
    }
  }
  throw new Error(
    `No program of level ${level} was found: its bounds in levels.ts and its plan in writing.ts do not meet.`,
  );
}

export function written(structure: Program, values: readonly Plain[], features: Features): SampledTask {
  return {
    program: printProgram(structure),
    input: printArguments(values),
    features,
    structure,
    values,
  };
}
