/**
 * @file `held-out`: makes the sets of held-out tasks that ship with the project from nothing, in the page's sandbox. They are frozen:
 * what this writes is what is there, or something has changed that must not.
 */

import { writeFile } from 'node:fs/promises';
import { heldOutSets } from '../grammar/held-out';
import type { Executor } from '../sandbox/executor';
import { allMarks } from '../selfplay/held-out';
import { CommandError, type CommandResult, parseOptions, progress } from './command';
import { drawSets, linesOf, type Sets } from './held-out-sets';
import { withPage } from './page';
import { PageExecutor } from './page-executor';

export const usage = `held-out      --set open|sealed|hashes --out FILE: makes a set of held-out tasks again, or what the gate knows both by`;

const parts = [...heldOutSets, 'hashes'] as const;

export async function run(args: string[]): Promise<CommandResult> {
  const given = parseOptions(args, { set: { type: 'string' }, out: { type: 'string' } });
  const set = parts.find((name) => name === given.set);
  if (!set) throw new CommandError(`Say which: --set ${parts.join(', or ')}.`, 2);
  const { out } = given;
  if (!out) throw new CommandError('Say where to: --out FILE.', 2);
  const text = await withPage(async (page) => {
    const executor = new PageExecutor(page);
    const sets = await drawSets(executor, progress);
    return set === 'hashes' ? hashesOf(sets, executor) : linesOf(set, sets[set]);
  });
  await writeFile(out, text);
  const count = text.trimEnd().split('\n').length;
  return { json: { set, out, lines: count }, text: `${count} lines written to ${out}.` };
}

/** By which the gate knows every program of both sets: one a line, in order, so that a change shows. */
export async function hashesOf(sets: Sets, executor: Executor): Promise<string> {
  const programs = heldOutSets.flatMap((set) => sets[set]);
  progress(`What ${programs.length} programs do on inputs of other kinds`);
  const tasks = programs.map(({ program, input, output }) => ({
    program,
    pairs: [[input, output] as const],
  }));
  const marks = await allMarks([], tasks, executor);
  return `${JSON.stringify([...marks].sort(), null, 0).replaceAll(',', ',\n')}\n`;
}
