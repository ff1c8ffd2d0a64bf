/**
 * @file A log from a file, into a store: under names of its own where its own are taken, and with nothing left behind where somebody
 * changes their mind.
 */

import { importLog, openLog } from '../../store/log';
import type { RunInfo } from '../../store/records';
import type { Store } from '../../store/store';
import type { Waiting } from '../state/waiting';

/** Weights that were taken out beside a log: the run goes on from them. */
export interface Weights {
  step: number;
  files: Record<string, Uint8Array>;
}

export interface ImportedRun {
  id: string;
  name: string;
  /** What people should know: that the log ends early, or that the weights do not belong to it. */
  warnings: string[];
}

export interface ImportOptions {
  weights?: Weights;
  /** Of a run whose own id is taken. */
  newId: () => string;
  /** Before anything of the run is stored: it is not whole until the import is done. */
  onBegin?: (id: string) => void;
}

/** What the first line of a log may have at most. */
const headBytes = 2 ** 22;

export async function importFile(
  file: Blob,
  into: Store,
  { signal, tell }: Waiting,
  { weights, newId, onBegin }: ImportOptions,
): Promise<ImportedRun> {
  const before = await into.runs();
  const head = await openLog(file.slice(0, headBytes).stream());
  const id = before.some((run) => run.id === head.run.id) ? newId() : head.run.id;
  const name = freeName(head.run.name, before);
  signal.throwIfAborted();
  onBegin?.(id);
  let read = 0;
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(piece, out) {
      signal.throwIfAborted();
      read += piece.length;
      out.enqueue(piece);
    },
  });
  const imported = await importLog(file.stream().pipeThrough(counted), into, {
    id,
    weights: weights ? [checkpointOf(weights)] : [],
    onStep(step) {
      signal.throwIfAborted(); // a small file is read at once
      tell(file.size > 0 ? read / file.size : null, `step ${step}`);
    },
  });
  if (name !== head.run.name) await rename(into, id, name);
  if (signal.aborted) {
    await into.deleteRun(id);
    signal.throwIfAborted();
  }
  const warnings = imported.message === null ? [] : [imported.message];
  if (weights && !(await hasCheckpoint(into, id, weights.step))) {
    warnings.push(
      `The weights are those of step ${weights.step}, and this log has no state of the run after that step: ${name} was imported without them.`,
    );
  }
  return { id, name, warnings };
}

function checkpointOf({ step, files }: Weights) {
  const bytes = Object.values(files).reduce((sum, { length }) => sum + length, 0);
  return { step, at: Date.now(), bytes, files };
}

const hasCheckpoint = async (store: Store, id: string, step: number) =>
  (await (await store.readRun(id)).checkpoints()).some((each) => each.step === step);

async function rename(store: Store, id: string, name: string): Promise<void> {
  const writer = await store.openRun(id);
  try {
    await writer.update({ name });
  } finally {
    await writer.release();
  }
}

/** "swift otter", "swift otter (2)", "swift otter (3)" */
export function freeName(name: string, taken: readonly Pick<RunInfo, 'name'>[]): string {
  const isTaken = (candidate: string) => taken.some((run) => run.name === candidate);
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${name} (${number})`;
    if (!isTaken(candidate)) return candidate;
  }
}
