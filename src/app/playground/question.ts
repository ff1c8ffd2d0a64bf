/** @file A question that a person writes, and its form in an address, so that it can be handed on as a link. */

import type { Solvable } from '../../selfplay/questions';
import type { Mode, Pair } from '../../store/records';

export const playModes = ['deduction', 'abduction', 'induction'] as const;
export type PlayMode = (typeof playModes)[number];

/** All that was written, also what the chosen mode does not ask for: nothing is lost by looking at another one. */
export interface Question {
  mode: PlayMode;
  program: string;
  /** Of deduction: an argument list. */
  input: string;
  /** Of abduction: a value. */
  output: string;
  /** Of induction; the first half is shown to the model. */
  pairs: readonly Pair[];
  /** Of induction: what the model is told besides. */
  hint: string;
}

/** The smaller half, as in a run: there is always something hidden to judge by. */
export const shownOf = (pairs: readonly Pair[]) => Math.floor(pairs.length / 2);

type Written = Record<'mode' | 'program' | 'input' | 'output' | 'pairs' | 'hint', string | null>;

/** Only what the mode asks for. */
export function toParams({ mode, program, input, output, pairs, hint }: Question): Written {
  return {
    mode,
    program: mode === 'induction' ? null : program,
    input: mode === 'deduction' ? input : null,
    output: mode === 'abduction' ? output : null,
    pairs: mode === 'induction' ? JSON.stringify(pairs) : null,
    hint: mode === 'induction' ? hint : null,
  };
}

/** Null if the address asks nothing. What it does not say stays as it was. */
export function fromParams(params: URLSearchParams, before: Question): Question | null {
  const mode = playModes.find((each) => each === params.get('mode'));
  const pairs = pairsOf(params.get('pairs'));
  const program = params.get('program');
  if (!mode && program === null && !pairs) return null;
  return {
    mode: mode ?? (program === null ? 'induction' : 'deduction'),
    program: program ?? before.program,
    input: params.get('input') ?? before.input,
    output: params.get('output') ?? before.output,
    pairs: pairs ?? before.pairs,
    hint: params.get('hint') ?? (pairs ? '' : before.hint),
  };
}

function pairsOf(text: string | null): Pair[] | null {
  let value: unknown;
  try {
    value = JSON.parse(text ?? '');
  } catch {
    return null;
  }
  const isPair = (pair: unknown): pair is Pair =>
    Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === 'string');
  return Array.isArray(value) && value.length > 0 && value.every(isPair) ? value : null;
}

/** A task of a run or of a held-out set as a question; null for those that ask for an exception. */
export function questionFrom(
  task: { mode: Mode } & Omit<Solvable, 'mode'>,
  before: Question,
): Question | null {
  const { mode, program, pairs, message } = task;
  const [[input, output]] = pairs;
  switch (mode) {
    case 'deduction':
      return { ...before, mode, program, input };
    case 'abduction':
      return { ...before, mode, program, output };
    case 'induction':
      return { ...before, mode, pairs, hint: message };
    case 'error':
      return null;
    default:
      return mode satisfies never;
  }
}
