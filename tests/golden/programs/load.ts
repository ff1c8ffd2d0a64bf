/** @file 1,000 generated programs and what CPython makes of them (see make.py), in Node and in the browser. */

import type { Verdict } from '../../../src/sandbox/executor';
import golden from './golden.json';

export interface GoldenProgram {
  program: string;
  input: string;
  verdict: Verdict;
  /** The repr of the value, the class of the exception, or null. */
  answer: string | null;
}

export const goldenPrograms: GoldenProgram[] = (golden as [string, string, Verdict, string | null][]).map(
  ([program, input, verdict, answer]) => ({ program, input, verdict, answer }),
);
