/**
 * @file Models to start from, by a short text that fits into an address: the base model that ships with the page, the checkpoint of
 * a run ("run:ID@STEP"), or one that was imported ("kept:ID").
 */

import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import type { ModelSource } from '../../engine/engine';
import { parseModelConfig } from '../../model/config';
import { parameterCount } from '../../model/parameters';
import { RunError } from '../../selfplay/errors';
import { wholeCheckpoint } from '../../selfplay/model-files';
import { type KeptModel, ModelShelf } from '../../store/models';
import type { RunInfo } from '../../store/records';
import { askToPersist } from '../../store/storage';
import { fetchBaseModel } from '../base-model';
import * as format from '../format';
import { when } from '../ui/when';
import { reader, runs, shownRuns } from './library';
import { onStep } from './live';
import { toast } from './toasts';

export const baseModel = 'builtin';
export const refOfCheckpoint = (run: string, step: number) => `run:${run}@${step}`;
export const refOfKept = (id: string) => `kept:${id}`;

export interface OpenedModel {
  source: ModelSource;
  /** Where it came from, in words. */
  name: string;
}

export async function openModel(ref: string): Promise<OpenedModel> {
  const at = parseRef(ref);
  switch (at?.kind) {
    case 'base':
      return { source: await fetchBaseModel(), name: 'the base model that ships with Zeroloop' };
    case 'checkpoint': {
      const from = await reader(at.run);
      const { files } = await wholeCheckpoint(from, at.step);
      return { source: { kind: 'files', files }, name: `${(await from.info()).name}, step ${at.step}` };
    }
    case 'kept': {
      const files = await shelf.files(at.id);
      const name = (await shelf.models()).find(({ id }) => id === at.id)?.name ?? 'an imported model';
      return { source: { kind: 'files', files }, name };
    }
    case undefined:
      throw new RunError(`There is no model "${ref}" here: choose one of those in the list.`);
    default:
      return at satisfies never;
  }
}

export type ModelPlace =
  | { kind: 'base' }
  | { kind: 'checkpoint'; run: string; step: number }
  | { kind: 'kept'; id: string };

export function parseRef(ref: string): ModelPlace | null {
  if (ref === baseModel) return { kind: 'base' };
  const [, run, step] = /^run:(.+)@(\d+)$/.exec(ref) ?? [];
  if (run !== undefined) return { kind: 'checkpoint', run, step: Number(step) };
  const [, id] = /^kept:(.+)$/.exec(ref) ?? [];
  return id === undefined ? null : { kind: 'kept', id };
}

// ---- Those that there are ----------------------------------------------------------------------------------------------

export interface KnownModel {
  ref: string;
  name: string;
  /** In a few words: what it is, or from when. */
  detail: string;
  /** 0 while that is not known. */
  bytes: number;
}

export interface StoredCheckpoint {
  step: number;
  at: number;
  bytes: number;
}

export interface RunCheckpoints {
  run: RunInfo;
  /** Newest first; never empty. */
  checkpoints: readonly StoredCheckpoint[];
}

/** Of all stored runs, newest run first. Empty until `refreshModels` was called. */
export const checkpoints = signal<readonly RunCheckpoints[]>([]);
/** Imported ones, newest first; null until they are read. */
const kept = signal<readonly KeptModel[] | null>(null);
/** Deleted, and still there for those who change their minds. */
const leaving = signal<ReadonlySet<string>>(new Set());
export const keptModels = computed(() => kept.value?.filter(({ id }) => !leaving.value.has(id)) ?? null);
/** Why imported models cannot be read, in a sentence with what to do. */
export const shelfFailure = signal<string | null>(null);
const base = signal({ detail: 'ships with the page', bytes: 0 });

/** For select boxes: the base model, the newest checkpoint of each run, and imported ones. */
export const knownModels: ReadonlySignal<readonly KnownModel[]> = computed(() => [
  { ref: baseModel, name: 'The base model', ...base.value },
  ...checkpoints.value.map(({ run, checkpoints: [newest] }) => ({
    ref: refOfCheckpoint(run.id, newest.step),
    name: checkpointName(run, newest.step),
    detail: `checkpoint of ${when(newest.at)}`,
    bytes: newest.bytes,
  })),
  ...(keptModels.value ?? []).map(({ id, name, at, bytes, folder }) => ({
    ref: refOfKept(id),
    name,
    detail: `${folder ? 'fetched' : 'imported'} ${when(at)}`,
    bytes,
  })),
]);

export const checkpointName = ({ name }: Pick<RunInfo, 'name'>, step: number) => `${name}, step ${step}`;

/** The name of a model that is no newest checkpoint, too. */
export function nameOfModel(ref: string): string {
  const known = knownModels.value.find((each) => each.ref === ref);
  const at = parseRef(ref);
  if (known || at?.kind !== 'checkpoint') return known?.name ?? 'a model that is gone';
  const run = runs.value?.find(({ id }) => id === at.run);
  return run ? checkpointName(run, at.step) : `step ${at.step} of a run that is gone`;
}

const shelf = new ModelShelf();
let follows = false;

/** Reads which models there are, and from then on keeps that up to date. */
export async function refreshModels(): Promise<void> {
  if (!follows) {
    follows = true;
    others.onmessage = () => void readKept();
    effect(() => {
      if (shownRuns.value) void readCheckpoints(shownRuns.value);
    });
    onStep(() => noticeCheckpoints());
    void describeBase();
  } else await readCheckpoints(shownRuns.value ?? []);
  await readKept();
}

const others = new BroadcastChannel('zeroloop-models');

async function readKept(): Promise<void> {
  try {
    kept.value = await shelf.models();
    shelfFailure.value = null;
  } catch (error) {
    kept.value ??= [];
    shelfFailure.value = (error as Error).message;
  }
}

let reading = 0;
async function readCheckpoints(of: readonly RunInfo[]): Promise<void> {
  const mine = ++reading;
  const found = await Promise.all(
    of.map(async (run): Promise<RunCheckpoints> => {
      // A run that is deleted meanwhile, or damaged, has none to start from.
      const stored = await reader(run.id)
        .then(
          (from) => from.checkpoints(),
          () => [],
        )
        .catch(() => []);
      return { run, checkpoints: stored.toSorted((a, b) => b.step - a.step) };
    }),
  );
  if (mine === reading) checkpoints.value = found.filter(({ checkpoints }) => checkpoints.length > 0);
}

/** A run that plays makes new ones. Steps may be many a second: they are looked for now and then. */
const pause = 5000;
let noticing = 0;
let noticed = 0;
function noticeCheckpoints(): void {
  if (noticing) return;
  const passed = performance.now() - noticed;
  noticing = window.setTimeout(
    () => {
      noticing = 0;
      noticed = performance.now();
      void readCheckpoints(shownRuns.peek() ?? []);
    },
    Math.max(0, pause - passed),
  );
}

async function describeBase(): Promise<void> {
  const at = (file: string) => new URL(`model/${file}`, document.baseURI);
  try {
    const [config, weights] = await Promise.all([
      fetch(at('config.json')).then((response) => response.json()),
      fetch(at('model.safetensors'), { method: 'HEAD' }),
    ]);
    const parameters = format.count(parameterCount(parseModelConfig(config)));
    base.value = {
      detail: `${parameters} parameters, ships with the page`,
      bytes: Number(weights.headers.get('Content-Length')) || 0,
    };
  } catch {
    // Whoever opens it is told.
  }
}

// ---- Imported ones -----------------------------------------------------------------------------------------------------

export interface NewModel {
  name: string;
  files: Readonly<Record<string, Blob>>;
  /** Plain data, shown with the model. */
  about: unknown;
  /** Of the browser's file system, where they were fetched into one. */
  folder?: string;
}

/** Keeps a model in this browser. Its name gets a number if there is one of that name. */
export async function keepModel({ name, files, about, folder }: NewModel): Promise<KeptModel> {
  void askToPersist();
  const taken = new Set((await shelf.models()).map((model) => model.name));
  let free = name;
  for (let number = 2; taken.has(free); number++) free = `${name} (${number})`;
  const id = crypto.randomUUID().slice(0, 8);
  const model = await shelf.add({ id, name: free, at: Date.now(), about, ...(folder && { folder }) }, files);
  await changedModels();
  return model;
}

export async function renameModel(id: string, name: string): Promise<void> {
  await shelf.rename(id, name);
  await changedModels();
}

const grace = 8000;

/** Takes the model out of sight, and out of the browser once nobody has undone it. */
export function removeModel({ id, name }: KeptModel): void {
  leaving.value = new Set([...leaving.value, id]);
  const stay = () => {
    leaving.value = new Set([...leaving.value].filter((each) => each !== id));
  };
  const timer = setTimeout(async () => {
    try {
      await shelf.delete(id);
      await changedModels();
    } catch (error) {
      toast(`${name} was not deleted: ${(error as Error).message}`, { kind: 'failed' });
    } finally {
      stay();
    }
  }, grace);
  const undo = () => {
    clearTimeout(timer);
    stay();
  };
  toast(`${name} is deleted.`, { action: { label: 'Undo', run: undo } });
}

async function changedModels(): Promise<void> {
  others.postMessage('changed');
  await readKept();
}
