/** @file An executor meets attacks: each is followed by a good program, which must not notice. */

import type { Check, Checked, Executor, Outcome } from '../../../../src/sandbox/executor';
import type { Attack, Good } from './attack';

export interface Encounter {
  attack: Attack;
  checked: Checked;
  /** What the good program right after it was answered. */
  probe: Checked;
}

/** Puts the addresses that a server counts under a name into a text. */
export type Address = (text: string, name: string) => string;

/** The name under which the server counts the requests of an attack. */
export const label = (run: string, attack: Attack) =>
  `${run}/${attack.family}/${attack.name}`.replaceAll(/[^\w/]+/g, '-');

export function asCheck(attack: Attack, run: string, address: Address): Check {
  if (attack.question) return { kind: 'judge', question: attack.question };
  const program = address(attack.program as string, label(run, attack));
  return { kind: 'validate', program, inputs: attack.inputs };
}

export const goodCheck = ({ program, input }: Good): Check => ({
  kind: 'validate',
  program,
  inputs: [input],
});

export const outcomes = (checked: Checked): Outcome[] => {
  if (checked.kind === 'judge') return [checked.judgement];
  return 'outcomes' in checked ? checked.outcomes : [];
};

/** With several inputs one may look innocent: a task is dropped if any of its runs is refused. */
export function worstOf(checked: Checked): Outcome {
  const all = outcomes(checked);
  return all.find(({ verdict }) => verdict !== 'ok') ?? all[0];
}

export const isRight = (good: Good, checked: Checked) => {
  const [outcome] = outcomes(checked);
  return outcome.verdict === 'ok' && outcome.output === good.output;
};

export async function meet(
  executor: Executor,
  run: string,
  attacks: Attack[],
  address: Address,
): Promise<Map<Attack, Encounter>> {
  const checked = await executor.check(
    attacks.flatMap((attack) => [asCheck(attack, run, address), goodCheck(attack.probe)]),
  );
  return new Map(
    attacks.map((attack, i) => [attack, { attack, checked: checked[2 * i], probe: checked[2 * i + 1] }]),
  );
}

/** Requests are still on their way when a program has ended. */
export const settle = (ms = 500) => new Promise((resolve) => setTimeout(resolve, ms));
