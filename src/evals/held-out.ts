/**
 * @file The sets of held-out tasks that ship with the project: programs, each of which is used as a deduction, an abduction and an
 * induction. Made once by `held-out` on the command line, and frozen.
 */

import type { Executor } from '../sandbox/executor';
import { behaviourOf } from '../selfplay/probes';
import { inputsToTry, triviality } from '../selfplay/trivial';
import type { Pair } from '../store/records';

/** Drawn, and not yet seen by Python. */
interface Draft {
  level: number;
  program: string;
  input: string;
  inputs: readonly string[];
  fingerprint: string;
}

export interface HeldOutProgram {
  level: number;
  program: string;
  /** Of deduction and abduction. */
  input: string;
  output: string;
  /** Of induction; the first half is shown. */
  pairs: Pair[];
  fingerprint: string;
  /** By which the gate knows programs: how they are written, and what they do. */
  ast: string;
  behaviour: string;
}

/** Null if Python finds it invalid or trivial, or its pairs say too little. */
export async function examineHeldOut(
  { level, program, input, inputs, fingerprint }: Draft,
  executor: Executor,
): Promise<HeldOutProgram | null> {
  const [own, ...others] = await executor.validate(program, [input, ...inputs]);
  if (own.verdict !== 'ok') return null;
  const pairs = others.flatMap((outcome, i): Pair[] =>
    outcome.verdict === 'ok' ? [[inputs[i], outcome.output]] : [],
  );
  const half = Math.floor(inputs.length / 2);
  const telling = (some: Pair[]) => new Set(some.map(([, output]) => output)).size >= 2;
  if (pairs.length < inputs.length || !telling(pairs.slice(0, half)) || !telling(pairs.slice(half)))
    return null;
  const call = { input, output: own.output };
  const tried = await executor.validate(program, inputsToTry(call));
  const behaviour = behaviourOf(input, tried.slice(1));
  if (behaviour === '' || triviality(call, tried)) return null;
  const measured = await executor.measure(program);
  if (measured.verdict !== 'ok') return null;
  return { level, program, ...call, pairs, fingerprint, ast: measured.measures.astHash, behaviour };
}

/** By any of these two programs count as the same one. */
export const marksOf = ({ program, fingerprint, ast, behaviour }: HeldOutProgram) => [
  program,
  fingerprint,
  ast,
  behaviour,
];

/** One line a program, in the form that readHeldOut knows. */
export const lineOf = (id: string, program: HeldOutProgram) => JSON.stringify({ id, ...program });
