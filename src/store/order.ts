/**
 * @file What makes a row of steps a run: each follows the last, and ids count upwards, so that "everything after step s" is a range
 * of ids and nothing else. Every store checks this, and an import does too.
 */

import { StepOrderError } from './errors';
import { type Mode, modes, type RunInfo, type Snapshot, type StepRecord } from './records';
import type { RunChange } from './store';

/** Of what is not given, or given as undefined, nothing changes. */
export function changedInfo(info: RunInfo, change: RunChange): RunInfo {
  const { name, status, backend, device, places, note, colour } = change;
  const given = Object.entries({ name, status, backend, device, places, note, colour });
  return { ...info, ...Object.fromEntries(given.filter(([, value]) => value !== undefined)) };
}

/** Before the first step. */
export function emptySnapshot(info: RunInfo): Snapshot {
  const buffers = Object.fromEntries(modes.map((mode) => [mode, []])) as unknown as Record<Mode, number[]>;
  return { step: info.step, nextTask: 1, nextEpisode: 1, buffers, state: {} };
}

/**
 * A run that is new begins with the step its information names (a record of the seeds, or of what a fork takes over from its
 * parent), or with the one after that.
 */
export function checkStep(info: RunInfo, empty: boolean, record: StepRecord, snapshot: Snapshot): void {
  const refuse = (reason: string) => wrong(info.id, record, reason);
  if (record.step !== info.step + 1 && !(empty && record.step === info.step)) {
    throw refuse(`its last step is ${info.step}`);
  }
  if (snapshot.step !== record.step) throw refuse(`the snapshot is that of step ${snapshot.step}`);
  const stray = record.episodes.find(({ step }) => step !== record.step);
  if (stray) throw refuse(`episode ${stray.id} is of step ${stray.step}`);
  for (const [what, items, next] of [
    ['task', record.tasks, snapshot.nextTask],
    ['episode', record.episodes, snapshot.nextEpisode],
  ] as const) {
    let previous = 0;
    for (const { id } of items) {
      if (!Number.isSafeInteger(id) || id <= previous)
        throw refuse(`${what} ${id} comes after ${what} ${previous}`);
      previous = id;
    }
    if (previous >= next) {
      throw refuse(`it has ${what} ${previous}, but the snapshot says that ${what} ${next} is the next`);
    }
  }
}

/** Ids go on where the step before left off; of a first step they may begin anywhere. */
export function checkIds(run: string, before: Snapshot, record: StepRecord): void {
  for (const [what, items, next] of [
    ['task', record.tasks, before.nextTask],
    ['episode', record.episodes, before.nextEpisode],
  ] as const) {
    if (items.length > 0 && items[0].id < next) {
      throw wrong(run, record, `${what} ${items[0].id} is in an earlier step`);
    }
  }
}

const wrong = (run: string, record: StepRecord, reason: string) =>
  new StepOrderError(`Step ${record.step} cannot be added to run "${run}": ${reason}.`);

/**
 * All of a snapshot but the state of the parts, from the snapshot before it and the records of the step: what enters a buffer and
 * what leaves one is recorded. A log needs no snapshot at every step because of this.
 */
export function follow(before: Snapshot, record: StepRecord): Snapshot {
  const left = new Set(record.updates.filter((update) => update.left).map((update) => update.task));
  const buffers = { ...before.buffers };
  for (const mode of modes) {
    const entered = record.tasks.filter((task) => task.mode === mode).map((task) => task.id);
    buffers[mode] = [...buffers[mode], ...entered].filter((id) => !left.has(id));
  }
  const after = (next: number, ids: number[]) => ids.reduce((max, id) => Math.max(max, id + 1), next);
  return {
    step: record.step,
    nextTask: after(
      before.nextTask,
      record.tasks.map(({ id }) => id),
    ),
    nextEpisode: after(
      before.nextEpisode,
      record.episodes.map(({ id }) => id),
    ),
    buffers,
    state: {},
  };
}
