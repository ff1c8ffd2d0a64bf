/** @file What the gate knows the held-out programs by that ship with the page: a file beside it. */

import { RunError } from '../selfplay/errors';

export async function fetchHeldOutMarks(): Promise<string[]> {
  const path = 'held-out/hashes.json';
  // While developing, the page need not be where these files are.
  const response = await fetch(new URL(import.meta.env.BASE_URL + path, document.baseURI)).catch(
    (error: Error) => {
      throw new RunError(
        `What runs are tested with could not be fetched (${path}: ${error.message}): try again.`,
      );
    },
  );
  const isJson = response.headers.get('Content-Type')?.includes('json');
  if (response.ok && isJson) return response.json();
  throw new RunError(
    `There is no ${path} beside the page, without which a run could learn what it is tested with: build the page again.`,
  );
}
