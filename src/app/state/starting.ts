/** @file From a draft to a run that plays, and from a stored run to one that goes on. */

import type { HeldOutTask } from '../../evals/tasks';
import { type Config, readConfig } from '../../selfplay/config';
import { askedOnThePage, heldOutSet } from '../models/held-out-tasks';
import type { TrainingOrder } from '../training';
import { type BackendChoice, configOf, type Draft, draft, settingsOf } from './draft';
import { changed, newIdentity, runs } from './library';
import { type LiveRun, live, openLive } from './live';
import { openModel } from './models';
import { nodeToPlayOn } from './node';
import { placeOf } from './place';
import { forget } from './run-data';

async function heldOutTasks(config: Config): Promise<HeldOutTask[]> {
  const { askedBy, atMost } = await import('../../evals/tasks');
  return atMost(askedOnThePage, askedBy(config, await heldOutSet()));
}

/** A new run of what is chosen, paused before its first step. */
export async function startRun(chosen: Draft = draft.value): Promise<LiveRun> {
  const config = readConfig(settingsOf(chosen));
  const { source, name: modelName } = await openModel(chosen.model);
  const { id, name } = newIdentity();
  const create = { name, config, model: source, modelName, seeds: [] };
  const order = { run: id, ...(await whereIs(chosen.backend)), create, heldOut: await heldOutTasks(config) };
  return openHere(order, name);
}

/** A stored run, paused after its last step, where it is to go on. */
export async function resumeRun(id: string): Promise<LiveRun> {
  const info = runs.value?.find((each) => each.id === id);
  const backend = info ? placeOf(info) : 'auto';
  const open = live.value;
  if (open?.run === id && open.backend === backend) return open;
  const config = (info && configOf(info)) ?? readConfig({});
  const order = { run: id, ...(await whereIs(backend)), create: null, heldOut: await heldOutTasks(config) };
  return openHere(order, info?.name ?? id);
}

async function openHere(order: TrainingOrder, name: string): Promise<LiveRun> {
  const opened = await openLive(order, name);
  // By then its record says where it computes.
  opened.status.subscribe((now) => void (now === 'running' && changed()));
  forget(order.run);
  await changed();
  return opened;
}

const whereIs = async (backend: BackendChoice) =>
  backend === 'remote' ? { backend, node: await nodeToPlayOn() } : { backend };
