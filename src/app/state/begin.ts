/** @file From a draft to a run that plays. Whoever cancels meanwhile finds nothing left behind. */

import { type Draft, draft } from './draft';
import { changed, store } from './library';
import { go } from './router';
import { wait } from './waiting';

export async function start(chosen: Draft = draft.value): Promise<void> {
  const opened = await wait('Fetching the model and starting Python', async ({ signal }) => {
    const { startRun } = await import('./starting');
    signal.throwIfAborted();
    const run = await startRun(chosen);
    if (signal.aborted) {
      await run.close();
      await (await store()).deleteRun(run.run);
      await changed();
      signal.throwIfAborted();
    }
    return run;
  });
  if (!opened) return;
  go('train', { run: opened.run });
  opened.play();
}
