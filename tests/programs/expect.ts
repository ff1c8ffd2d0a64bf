/** @file Is this what CPython says? The difference as a sentence, or undefined. */

import type { Checked } from '../../src/sandbox/executor';
import { parseValue } from '../../src/sandbox/literal';
import { identical } from '../../src/sandbox/value';
import type { GoldenProgram } from '../golden/programs/load';

export function difference(golden: GoldenProgram, checked: Checked): string | undefined {
  if (checked.kind !== 'validate') throw new TypeError('Golden programs are validated.');
  const [outcome] = checked.outcomes;
  const found = outcome.verdict === 'ok' ? outcome.output : outcome.reason;
  const same =
    outcome.verdict === golden.verdict &&
    (outcome.verdict !== 'ok' || sameOutput(golden.answer as string, outcome.output)) &&
    (outcome.verdict !== 'error' || outcome.reason.split(':', 1)[0] === golden.answer);
  if (same) return undefined;
  return `${outcome.verdict} (${found}) instead of ${golden.verdict} (${golden.answer}):\n${golden.program}# f(${golden.input})\n`;
}

/** Text for text; but the order of a set is nobody's promise. */
function sameOutput(expected: string, found: string): boolean {
  if (expected === found) return true;
  const [a, b] = [expected, found].map((text) => parseValue(text));
  return a.ok && b.ok && /\{[^:}]/.test(expected) && identical(a.value, b.value);
}
