/** @file The page's own Python, for what a person writes and asks; opened when it is needed, since it is 26 MB. Runs have their own. */

import type { Executor } from '../../sandbox/executor';

let opening: Promise<Executor> | null = null;

export function sandbox(): Promise<Executor> {
  opening ??= import('../../sandbox/sandbox')
    .then(({ openSandbox }) => openSandbox())
    .catch((error) => {
      opening = null; // the next call tries again
      throw error;
    });
  return opening;
}
