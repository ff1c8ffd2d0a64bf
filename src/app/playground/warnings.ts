/** @file What a person should know of a model before wondering at its answers. */

import type { Solvable } from '../../selfplay/questions';
import { isSmallRun, largest } from '../../selfplay/small';
import type { Truths } from '../../selfplay/truths';
import * as format from '../format';
import type { Player } from './bench';
import { lettersInWords } from './words';

export async function warningsOf(
  { dialect, config, isSmall }: Player,
  task: Solvable,
  length: number,
  truths: Truths,
): Promise<string[]> {
  const warnings: string[] = [];
  const { tokenizer } = dialect;
  const written = [task.program, ...task.pairs.flat(), task.message].join('');
  const unread = async (each: string) =>
    (await tokenizer.decode(await tokenizer.encode(each))) === each ? [] : [each];
  const unknown = (await Promise.all([...new Set(written)].map(unread))).flat();
  if (unknown.length > 0) {
    const theirs = unknown.length === 1 ? 'its' : 'their';
    warnings.push(
      `Its vocabulary has no ${lettersInWords(unknown)}: it reads a blank sign in ${theirs} place.`,
    );
  }
  if (length > config['tokens.prompt']) {
    warnings.push(
      `The question takes ${format.count(length)} tokens, and it was raised with up to ${format.count(config['tokens.prompt'])}.`,
    );
  }
  if (isSmall && task.mode === 'deduction') {
    const trace = await truths.trace(task.program, task.pairs[0][0]);
    if (!isSmallRun(trace)) {
      warnings.push(
        `There are values on the way that it was not raised with: it knows numbers up to ${largest.number}, texts of ${largest.characters} letters and lists of ${largest.items} items.`,
      );
    }
  }
  return warnings;
}
