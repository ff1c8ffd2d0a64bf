/**
 * @file Inputs for a program: arguments of the kinds its parameters have, small, and such that it runs on them within bounds.
 */

import type { Draws } from '../selfplay/random';
import { execute } from './execute';
import { between, letters, pickOf } from './expressions';
import { type Kind, type Plain, type Program, printArguments } from './tree';

/** Lengths of lists and texts. */
export interface Lengths {
  least: number;
  most: number;
}

export function drawArguments({ parameters }: Program, draws: Draws, lengths: Lengths): Plain[] {
  return parameters.map(({ kind }) => drawValue(draws, kind, lengths));
}

export function drawValue(draws: Draws, kind: Kind, { least, most }: Lengths): Plain {
  switch (kind) {
    case 'int':
      return draws.chance(0.7) ? between(draws, 0, 9) : between(draws, -9, 20);
    case 'ints': {
      const wide = draws.chance(0.2);
      return Array.from({ length: between(draws, least, most) }, () =>
        wide ? between(draws, -9, 19) : between(draws, 0, 9),
      );
    }
    case 'str':
      return Array.from({ length: between(draws, least, most) }, () => pickOf(draws, letters)).join('');
    case 'bool':
      return draws.chance(0.5);
    default:
      return kind satisfies never;
  }
}

const tries = 12;

/** Different argument lists that the program runs on, as text; fewer than `count` where it finds no more. */
export function sampleInputs(
  program: Program,
  count: number,
  draws: Draws,
  lengths: Lengths = { least: 1, most: 5 },
): string[] {
  return differentArguments(program, count, draws, lengths).map(printArguments);
}

export function differentArguments(
  program: Program,
  count: number,
  draws: Draws,
  lengths: Lengths,
): Plain[][] {
  const found = new Map<string, Plain[]>();
  for (let tried = 0; found.size < count && tried < count * tries; tried++) {
    const values = drawArguments(program, draws, lengths);
    if (!('failed' in execute(program, values))) found.set(printArguments(values), values);
  }
  return [...found.values()];
}
