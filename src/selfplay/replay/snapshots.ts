/**
 * @file Snapshots against what was followed: is each buffer in the order that the records give it, and did the loop keep the same
 * streaks and mastered tasks as the rules make of them?
 */

import { modes, type Snapshot } from '../../store/records';
import type { BuffersState } from '../buffers';
import type { Ledger } from './ledger';
import type { RecordedStep } from './recorded';

export type BuffersKept = Omit<BuffersState, 'buffers'>;

/** What the loop keeps of its buffers besides their order. Null if it is not there: a snapshot's parts are its maker's own. */
export function stateOf({ state }: Snapshot): BuffersKept | null {
  const kept = (state.buffers ?? {}) as Partial<BuffersKept>;
  const { streaks, mastered } = kept;
  return Array.isArray(streaks) && Array.isArray(mastered) ? { streaks, mastered } : null;
}

export class SnapshotCheck {
  private readonly ledger: Ledger;

  constructor(ledger: Ledger) {
    this.ledger = ledger;
  }

  /** `after` is what follows from the records alone. */
  check({ record: { step }, inherits }: RecordedStep, after: Snapshot, snapshot: Snapshot): void {
    const { ledger } = this;
    for (const mode of modes) {
      const [is, should] = [snapshot.buffers[mode], after.buffers[mode]];
      const words = `the number of tasks in the ${mode} buffer`;
      ledger.compare({ step }, `snapshot.buffers.${mode}`, words, is.length, should.length);
      const place = is.findIndex((id, index) => index < should.length && id !== should[index]);
      if (place >= 0) {
        const which = `the task at place ${place + 1} of the ${mode} buffer`;
        ledger.differ({ step }, `snapshot.buffers.${mode}`, which, is[place], should[place]);
      }
    }
    // A run that goes on from another counts on from there.
    if (inherits) return;
    ledger.compare({ step }, 'snapshot.nextTask', 'the next task', snapshot.nextTask, after.nextTask);
    const { nextEpisode } = snapshot;
    ledger.compare({ step }, 'snapshot.nextEpisode', 'the next episode', nextEpisode, after.nextEpisode);
  }

  checkState(step: number, { streaks, mastered }: BuffersKept, derived: BuffersKept): void {
    const { ledger } = this;
    const words = 'the number of tasks that were mastered';
    ledger.compare({ step }, 'snapshot.mastered', words, mastered.length, derived.mastered.length);
    const [is, should] = [new Map(streaks), new Map(derived.streaks)];
    for (const task of new Set([...is.keys(), ...should.keys()])) {
      const figure = 'the number of estimates in a row that were high enough';
      ledger.compare({ step, task }, 'snapshot.streaks', figure, is.get(task) ?? 0, should.get(task) ?? 0);
    }
  }
}
