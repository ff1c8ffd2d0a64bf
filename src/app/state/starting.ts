/** @file From a draft to a run that plays, and from a stored run to one that goes on. */

import type { HeldOutTask } from '../../evals/tasks';
import { readConfig } from '../../selfplay/config';
import { heldOutSet } from '../models/held-out-tasks';
import { type Draft, draft, settingsOf } from './draft';
import { changed, newIdentity, runs } from './library';
import { type LiveRun, live, openLive } from './live';
import { openModel } from './models';
import { forget } from './run-data';

/** Of each mode and level, asked every few steps: few enough that a test is a matter of seconds on WebAssembly. */
const askedOnThePage = 10;

async function heldOutTasks(): Promise<HeldOutTask[]> {
  const { select } = await import('../../evals/tasks');
  return select(await heldOutSet(), { limit: askedOnThePage });
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
