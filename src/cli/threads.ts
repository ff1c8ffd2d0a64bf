/** @file `--threads`: how many of the processor's cores the engine in Node takes; several commands side by side want one each. */

import { CommandError } from './command';
import { wholeNumber } from './config-file';

/** Undefined for as many as there are. In a page the browser decides. */
export function threadsFor(backend: string, given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  if (backend !== 'node')
    throw new CommandError('--threads goes with --backend node: in a page the browser decides.', 2);
  return wholeNumber('threads', given);
}
