/** @file Runs into this browser and out of it, as people do it: with a bar, Cancel, and a word when it is done. */

import type { RunInfo } from '../../store/records';
import type { FoundFile } from '../models/folder';
import { exportRun, importRun, runs } from '../state/library';
import { tellFailure, toast } from '../state/toasts';
import { wait } from '../state/waiting';
import { saveStream, slug } from '../ui/save';

// ---- In ----------------------------------------------------------------------------------------------------------------

/** One log after the other: those before one that fails are there. */
export async function importFiles(given: Promise<FoundFile[]>): Promise<void> {
  const { readWeights, sortFiles } = await import('./files');
  const found = await wait('Reading what was chosen', async () => sortFiles(await given));
  if (!found) return;
  for (const log of found.logs) {
    const id = await wait(`Importing ${log.path}`, async (waiting) => {
      const { checkpoint } = found;
      const weights = checkpoint ? await readWeights(checkpoint, { signal: waiting.signal }) : undefined;
      return importRun(await log.read({ signal: waiting.signal }), waiting, weights);
    });
    if (id === undefined) return;
    const name = runs.value?.find((run) => run.id === id)?.name ?? id;
    toast(`${name} is imported.`);
  }
}

// ---- Out ---------------------------------------------------------------------------------------------------------------

/** Of the browsers that let a page write to a file of the person's choice. */
interface Picker {
  showSaveFilePicker?: (options: {
    suggestedName: string;
    types: { description: string; accept: Record<string, string[]> }[];
  }) => Promise<{ createWritable(): Promise<WritableStream<Uint8Array>> }>;
}

/** A log may be larger than memory: where a file can be written to piece by piece, it is. */
export async function exportToFile(run: RunInfo): Promise<void> {
  const name = `${slug(run.name)}.jsonl.gz`;
  let target: WritableStream<Uint8Array> | null;
  try {
    target = await choose(name);
  } catch (error) {
    tellFailure(error);
    return;
  }
  const done = await wait(`Exporting ${run.name}`, async ({ signal, tell }) => {
    try {
      const stream = await exportRun(run.id, (step) =>
        tell(run.step > 0 ? Math.min(1, step / run.step) : null, `step ${step}`),
      );
      if (target) await stream.pipeTo(target, { signal });
      else await saveStream(name, stream, { signal, tell: () => {} });
      return true;
    } catch (error) {
      await target?.abort().catch(() => {}); // what is there is no whole file
      throw error;
    }
  });
  if (done) toast(`The log of ${run.name} is saved.`);
}

/** Null where the browser's downloads have to do. */
async function choose(name: string): Promise<WritableStream<Uint8Array> | null> {
  const { showSaveFilePicker } = window as Picker;
  // A program that drives the page sees no dialogue.
  if (!showSaveFilePicker || navigator.webdriver) return null;
  const types = [{ description: 'Log of a run', accept: { 'application/gzip': ['.gz'] } }];
  const file = await showSaveFilePicker.call(window, { suggestedName: name, types });
  return file.createWritable();
}
