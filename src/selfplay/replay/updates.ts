/**
 * @file What a step does to tasks that are there: new solve rates, and why a task left its buffer. Recorded and derived updates are
 * compared task by task, as several may be about the same one.
 */

import type { TaskUpdate } from '../../store/records';
import { type Ledger, same } from './ledger';

export class UpdateCheck {
  private readonly ledger: Ledger;

  constructor(ledger: Ledger) {
    this.ledger = ledger;
  }

  /** Says whether there was anything to tell. */
  check(step: number, recorded: readonly TaskUpdate[], derived: readonly TaskUpdate[]): boolean {
    const { ledger } = this;
    const { counted } = ledger;
    const [there, due] = [byTask(recorded), byTask(derived)];
    for (const task of new Set([...there.keys(), ...due.keys()])) {
      const [is, should] = [there.get(task), due.get(task)];
      const about = { step, task };
      const [rate, rateDue] = [is?.solveRate ?? null, should?.solveRate ?? null];
      ledger.compare(about, 'updates.solveRate', 'its new solve rate', rate, rateDue);
      const [left, leftDue] = [is?.left ?? null, should?.left ?? null];
      ledger.compare(about, 'updates.left', 'why it left its buffer', left, leftDue);
    }
    return ledger.counted > counted;
  }
}

export function agrees(derived: readonly TaskUpdate[], recorded: readonly TaskUpdate[]): boolean {
  const [due, there] = [byTask(derived), byTask(recorded)];
  return (
    due.size === there.size &&
    [...due].every(([task, should]) => {
      const is = there.get(task);
      return (
        is !== undefined && same(is.solveRate ?? null, should.solveRate ?? null) && is.left === should.left
      );
    })
  );
}

function byTask(updates: readonly TaskUpdate[]): Map<number, TaskUpdate> {
  const all = new Map<number, TaskUpdate>();
  for (const update of updates) all.set(update.task, { ...all.get(update.task), ...update });
  return all;
}
