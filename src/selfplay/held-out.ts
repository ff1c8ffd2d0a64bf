/**
 * @file Programs that a run must not learn from, since it is tested with them. They are known by marks: how a program is written (its
 * syntax tree), and what it does. What it does is told by probes of its input's kind, and a proposal may come with an input of
 * another kind or give its arguments by name; so a held-out program has a mark for each kind that the grammar knows, and names are
 * left out on both sides.
 */

import type { Executor, Outcome } from '../sandbox/executor';
import { parseArguments } from '../sandbox/literal';
import { behaviourOf, positional, probesFor } from './probes';

export type HeldOutMarks = ReadonlySet<string>;

/** What a program does on inputs of this one's kind, however the arguments are given. '' if too little is known. */
export const conductOf = (input: string, outcomes: readonly Outcome[]) =>
  behaviourOf(positional(input), outcomes);

/** Of each kind an input, by which probes are found. */
const kinds = ['1', '[1]', "'a'", 'True'];

/** By which a program is known, written in another way or called with another kind of input. */
export async function marksOf(program: string, input: string, executor: Executor): Promise<string[]> {
  const own = positional(input);
  const calls = new Map(likeCalls(own).map((call) => [probesFor(call).join('\n'), call]));
  calls.delete(probesFor(own).join('\n'));
  const conducts = [own, ...calls.values()].map(async (call) => {
    const probes = probesFor(call);
    if (probes.length === 0) return [];
    const outcomes = await executor.validate(program, probes);
    const telling = call === own || tells(probes, outcomes);
    return telling ? conductOf(call, outcomes) || [] : [];
  });
  return [await writingOf(program, executor), ...(await Promise.all(conducts)).flat()];
}

/** The hash of its syntax tree; what cannot be measured is known by its text. */
async function writingOf(program: string, executor: Executor): Promise<string> {
  const measured = await executor.measure(program);
  return measured.verdict === 'ok' ? measured.measures.astHash : program;
}

/** All kinds of each argument, if there are one or two. */
function likeCalls(input: string): string[] {
  const parsed = parseArguments(input);
  const count = parsed.ok ? parsed.positional.length : 0;
  if (count === 1) return kinds;
  return count === 2 ? kinds.flatMap((first) => kinds.map((second) => `${first}, ${second}`)) : [];
}

/** On foreign ground many programs do the same: they give their input back, or one value whatever it is. */
function tells(probes: readonly string[], outcomes: readonly Outcome[]): boolean {
  const outputs = outcomes.flatMap((outcome, i) =>
    outcome.verdict === 'ok' ? [[outcome.output, probes[i]]] : [],
  );
  const different = new Set(outputs.map(([output]) => output)).size > 1;
  return different && outputs.some(([output, probe]) => output !== probe);
}

/** The marks of these programs, and those that are known already. */
export async function allMarks(
  known: Iterable<string>,
  tasks: Iterable<{ program: string; pairs: readonly (readonly [input: string, output: string])[] }>,
  executor: Executor,
): Promise<HeldOutMarks> {
  const marks = new Set(known);
  // Of induction a program may be missing: its pairs alone tell nothing.
  const programs = new Map(
    [...tasks].flatMap(({ program, pairs }) => (program ? [[program, pairs[0][0]]] : [])),
  );
  const missing = [...programs].map(async ([program, input]) =>
    marks.has(await writingOf(program, executor)) ? [] : marksOf(program, input, executor),
  );
  for (const mark of (await Promise.all(missing)).flat()) marks.add(mark);
  return marks;
}
