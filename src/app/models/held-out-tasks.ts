/** @file The open held-out set that ships with the page: fetched once, when somebody wants to test a model or to play with its tasks. */

import type { HeldOutTask } from '../../evals/tasks';
import { RunError } from '../../selfplay/errors';

/** Every few steps of a run: few enough that a test is a matter of seconds on WebAssembly. Ten of each kind, where all kinds are asked. */
export const askedOnThePage = 180;

let fetched: Promise<readonly HeldOutTask[]> | null = null;

export function heldOutSet(): Promise<readonly HeldOutTask[]> {
  fetched ??= fetchSet().catch((error) => {
    fetched = null; // the next call tries again
    throw error;
  });
  return fetched;
}

async function fetchSet(): Promise<readonly HeldOutTask[]> {
  const at = new URL(`${import.meta.env.BASE_URL}held-out/open.jsonl`, document.baseURI);
  const response = await fetch(at).catch((error: Error) => {
    throw new RunError(`The held-out tasks could not be fetched (${error.message}): try again.`);
  });
  // Some servers answer with the page where there is no file.
  if (!response.ok || response.headers.get('Content-Type')?.startsWith('text/html'))
    throw new RunError('The held-out tasks are missing beside the page: build the page again.');
  const { readHeldOut } = await import('../../evals/tasks');
  return readHeldOut(await response.text());
}
