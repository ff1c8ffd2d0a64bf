/**
 * @file The oracle: what tasks really are, by running their programs over a wide domain. It shares no code with the gate, its probes
 * and its hashes, so that a task which the gate should have kept out is found out.
 */

import { parseArguments } from '../../src/sandbox/literal';
import { equal, type Value } from '../../src/sandbox/value';
import type { Mode, Task } from '../../src/store/records';
import { exceptionOf, outcomeOf } from './executor';
import { domains, kindOfInput } from './families';

/** Outcomes over the domain of its input's kind: null where there is none. Text of values, ! for failures. */
function behaviour(mode: Mode, program: string, input: string): string[] | null {
  const kind = kindOfInput(input);
  if (!kind) return null;
  const name = `${mode === 'error'} ${kind} ${program}`;
  const known = behaviours.get(name);
  if (known) return known;
  if (behaviours.size > 20_000) behaviours.clear();
  const seen = domains[kind].map((each) => {
    const outcome = mode === 'error' ? exceptionOf(program, each) : outcomeOf(program, each, 'twice');
    return outcome.verdict === 'ok' ? `=${outcome.output}` : '!';
  });
  behaviours.set(name, seen);
  return seen;
}

const behaviours = new Map<string, string[]>();

/** What is wrong with a task by itself; null if nothing is. */
export function faultOf({ mode, program, pairs }: Task): string | null {
  for (const [input, output] of pairs) {
    const outcome = mode === 'error' ? exceptionOf(program, input) : outcomeOf(program, input, 'twice');
    if (outcome.verdict !== 'ok') return `f(${input}) is ${outcome.verdict}`;
    if (outcome.output !== output) return `f(${input}) is ${outcome.output} and not ${output}`;
  }
  return null;
}

/** Does it give one and the same for everything? */
export function isConstantTask({ mode, program, pairs }: Task): boolean {
  if (mode === 'induction') return new Set(pairs.map(([, output]) => output)).size < 2;
  if (pairs[0][0].trim() === '') return true; // there is nothing that it could depend on
  const seen = behaviour(mode, program, pairs[0][0]);
  return seen?.every((each) => each === seen[0] && each !== '!') ?? false;
}

/** Of induction: is an input there twice? */
export function repeatsInput({ pairs }: Task): boolean {
  const calls = pairs.map(([input]): Value => {
    const given = parseArguments(input);
    return { type: 'list', items: given.ok ? given.positional : [] };
  });
  return calls.some((call, index) => calls.slice(0, index).some((other) => equal(call, other)));
}

/** Are two tasks of a mode one and the same in disguise? */
export function areSame(a: Task, b: Task): boolean {
  const inputs = ({ pairs }: Task) => JSON.stringify(pairs.map(([input]) => input).sort());
  if (a.mode === 'induction' && inputs(a) !== inputs(b)) return false;
  if (a.program === b.program) return true;
  const [kind, other] = [kindOfInput(a.pairs[0][0]), kindOfInput(b.pairs[0][0])];
  if (kind !== other) return false;
  const [first, second] = [
    behaviour(a.mode, a.program, a.pairs[0][0]),
    behaviour(b.mode, b.program, b.pairs[0][0]),
  ];
  if (!first || !second) return false;
  const returned = first.filter((each) => each !== '!').length;
  return returned > first.length / 2 && first.every((each, index) => each === second[index]);
}
