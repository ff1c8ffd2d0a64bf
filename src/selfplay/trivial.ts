/**
 * @file Tasks that need no thought: the input comes back, the output is an input that gives itself, or every input gives the
 * same. A model finds them first and stays with them, and on a held-out set they would hide what it cannot do.
 */

import type { Executor, Outcome } from '../sandbox/executor';
import { parseArguments, parseValue } from '../sandbox/literal';
import { equal } from '../sandbox/value';
import { isConstant, probesFor } from './probes';

export type Triviality =
  | 'unchanged' // the output is the input
  | 'copied' //    the output solves the abduction
  | 'constant'; // the output is the same for all inputs

interface Call {
  /** The text of an argument list. */
  input: string;
  output: string;
}

/** What the program has to be run on before `triviality` can tell. */
export const inputsToTry = ({ input, output }: Call): string[] => [output, ...probesFor(input)];

/** `outcomes` are those of `inputsToTry`, in order. */
export function triviality({ input, output }: Call, outcomes: readonly Outcome[]): Triviality | null {
  const given = parseArguments(input);
  const only =
    given.ok && given.named.length === 0 && given.positional.length === 1 ? given.positional[0] : null;
  const value = parseValue(output);
  if (only && value.ok && equal(only, value.value)) return 'unchanged';
  const [copied, ...probes] = outcomes;
  const again = copied?.verdict === 'ok' ? parseValue(copied.output) : null;
  if (again?.ok && value.ok && equal(again.value, value.value)) return 'copied';
  return isConstant(output, probes) ? 'constant' : null;
}

export async function trivial(
  task: Call & { program: string },
  executor: Pick<Executor, 'run'>,
): Promise<Triviality | null> {
  return triviality(task, await executor.run(task.program, inputsToTry(task)));
}
