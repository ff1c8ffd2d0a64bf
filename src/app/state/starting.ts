/** @file From a draft to a run that plays, and from a stored run to one that goes on. */

import type { HeldOutTask } from '../../evals/tasks';
import { readConfig } from '../../selfplay/config';
import { RunError } from '../../selfplay/errors';
import { type Draft, draft, settingsOf } from './draft';
import { changed, newIdentity, runs } from './library';
import { type LiveRun, live, openLive } from './live';
import { openModel } from './models';
import { forget } from './run-data';

/** Of each mode and level, asked every few steps: few enough that a test is a matter of seconds on WebAssembly. */
const askedOnThePage = 10;

/** The open held-out set that ships with the page, or as much of it as is asked in a run. */
export async function heldOutTasks(): Promise<HeldOutTask[]> {
  const response = await fetch(
    new URL(`${import.meta.env.BASE_URL}held-out/open.jsonl`, document.baseURI),
  ).catch((error: Error) => {
    throw new RunError(`The held-out tasks could not be fetched (${error.message}): try again.`);
  });
  if (!response.ok || response.headers.get('Content-Type')?.startsWith('text/html'))
    throw new RunError('The held-out tasks are missing beside the page: build the page again.');
  const { readHeldOut, select } = await import('../../evals/tasks');
  return select(readHeldOut(await response.text()), { limit: askedOnThePage });
}

/** A new run of what is chosen, paused before its first step. */
export async function startRun(chosen: Draft = draft.value): Promise<LiveRun> {
  const config = readConfig(settingsOf(chosen));
  const { source, name: modelName } = await openModel(chosen.model);
  const { id, name } = newIdentity();
  const create = { name, config, model: source, modelName, seeds: [] };
  const opened = await openLive(
    { run: id, backend: chosen.backend, create, heldOut: await heldOutTasks() },
    name,
  );
  forget(id);
  await changed();
  return opened;
}

/** A stored run, paused after its last step. */
export async function resumeRun(id: string): Promise<LiveRun> {
  if (live.value?.run === id) return live.value;
  const info = runs.value?.find((each) => each.id === id);
  const backend = info?.backend === 'webgpu' ? 'auto' : info?.backend === 'wasm' ? 'wasm' : 'auto';
  const opened = await openLive(
    { run: id, backend, create: null, heldOut: await heldOutTasks() },
    info?.name ?? id,
  );
  forget(id);
  await changed();
  return opened;
}
