/** @file The runs that are stored in this browser, and what people do with whole runs. Other tabs are told of changes. */

import { computed, signal } from '@preact/signals';
import { RunLockedError } from '../../store/errors';
import { openStore } from '../../store/indexed';
import { heldRuns } from '../../store/locks';
import { NodeJournal } from '../../store/node-journal';
import type { RunInfo } from '../../store/records';
import type { RunReader, Store, Usage } from '../../store/store';
import type { Weights } from '../runs/importing';
import type { RunLabel } from '../training';
import { live } from './live';
import { memorableName } from './names';
import { route } from './router';
import { toast } from './toasts';
import type { Waiting } from './waiting';

/** Newest first; null until they are read. */
export const runs = signal<readonly RunInfo[] | null>(null);
export const usage = signal<Usage | null>(null);
/** Some browsers do not say how much is stored, which is not the same as nothing. */
export const usageTold = computed(() => usage.value !== null && usage.value.bytes + usage.value.quota > 0);
/** Why runs cannot be stored here, in a sentence with what to do. */
export const storeFailure = signal<string | null>(null);
/** Deleted, and still there for those who change their minds; or coming in, and not whole yet. */
const hidden = signal<ReadonlySet<string>>(new Set());
export const shownRuns = computed(() => runs.value?.filter(({ id }) => !hidden.value.has(id)) ?? null);

const hide = (id: string) => {
  hidden.value = new Set([...hidden.value, id]);
};
const show = (id: string) => {
  hidden.value = new Set([...hidden.value].filter((each) => each !== id));
};

/** The run that the views are about: the one in the address, the one that is open, or the newest. */
export const currentRun = computed<RunInfo | null>(() => {
  const all = shownRuns.value ?? [];
  const id = route.value.params.get('run') ?? live.value?.run;
  return (
    (id === undefined ? undefined : all.find((each) => each.id === id)) ?? (id ? null : (all[0] ?? null))
  );
});

let opened: Promise<Store> | null = null;
export function store(): Promise<Store> {
  opened ??= openStore().catch((error) => {
    opened = null;
    throw error;
  });
  return opened;
}

export const reader = async (run: string): Promise<RunReader> => (await store()).readRun(run);

const others = new BroadcastChannel('zeroloop-runs');
others.onmessage = () => void refresh();

export async function refresh(): Promise<void> {
  try {
    const from = await store();
    runs.value = await from.runs();
    usage.value = await from.usage();
    storeFailure.value = null;
  } catch (error) {
    runs.value ??= [];
    storeFailure.value = error instanceof Error ? error.message : String(error);
  }
}

/** After a change: here, and in other tabs. */
export async function changed(): Promise<void> {
  others.postMessage('changed');
  await refresh();
}

/** A new id and a name to go with it. */
export function newIdentity(): { id: string; name: string } {
  const id = crypto.randomUUID().slice(0, 8);
  return { id, name: memorableName(id, new Set(runs.value?.map(({ name }) => name))) };
}

export async function label(id: string, change: RunLabel): Promise<void> {
  const open = live.value;
  if (open?.run === id) await open.label(change);
  else {
    const writer = await (await store()).openRun(id);
    try {
      await writer.update(change);
    } finally {
      await writer.release();
    }
  }
  await changed();
}

/** Time to change one's mind. */
const grace = 8000;

/** Takes the run out of sight, and out of the store once nobody has undone it. One that plays here is closed at once. */
export async function remove({ id, name }: RunInfo): Promise<void> {
  const here = live.value?.run === id;
  if (!here && (await heldRuns())?.has(id)) throw new RunLockedError(id); // rather now than when it is to go
  hide(id);
  try {
    if (here) await live.value?.close();
  } catch (error) {
    show(id);
    throw error;
  }
  const timer = setTimeout(async () => {
    try {
      await (await store()).deleteRun(id);
      await NodeJournal.forget(id).catch(() => undefined); // notes on no run are in nobody's way
      await changed();
    } catch (error) {
      toast(`${name} was not deleted: ${(error as Error).message}`, { kind: 'failed' });
    } finally {
      show(id);
    }
  }, grace);
  const undo = () => {
    clearTimeout(timer);
    show(id);
  };
  toast(`${name} is deleted.`, { action: { label: 'Undo', run: undo } });
}

/** A log from a file, and the weights beside it if there are any. Returns the run's id, which may be a new one. */
export async function importRun(file: Blob, waiting: Waiting, weights?: Weights): Promise<string> {
  const { importFile } = await import('../runs/importing');
  let begun: string | null = null;
  try {
    const { id, name, warnings } = await importFile(file, await store(), waiting, {
      weights,
      newId: () => newIdentity().id,
      onBegin(coming) {
        begun = coming;
        hide(coming);
      },
    });
    for (const warning of warnings) toast(`${name}: ${warning}`, { kind: 'failed' });
    return id;
  } finally {
    if (begun !== null) show(begun);
    await changed();
  }
}

/** Its log, gzipped, piece by piece. `onStep` is told which step is on its way. */
export async function exportRun(
  id: string,
  onStep?: (step: number) => void,
): Promise<ReadableStream<Uint8Array>> {
  const [{ exportLog }, from] = await Promise.all([import('../../store/log'), reader(id)]);
  return exportLog(onStep ? watched(from, onStep) : from);
}

/** The same, but its steps are heard of as they are read. */
function watched(from: RunReader, onStep: (step: number) => void): RunReader {
  async function* steps(first?: number, last?: number) {
    for await (const record of from.steps(first, last)) {
      onStep(record.step);
      yield record;
    }
  }
  return {
    info: () => from.info(),
    snapshot: (step) => from.snapshot(step),
    tasks: (ids) => from.tasks(ids),
    episodes: (query) => from.episodes(query),
    steps,
    metrics: (first) => from.metrics(first),
    checkpoints: () => from.checkpoints(),
    checkpoint: (step) => from.checkpoint(step),
  };
}
