/**
 * @file May these tasks have come in? Each names its step, comes from where tasks come from at that step, is made from older ones
 * only, and has a solve rate that the gate lets in.
 */

import type { Config } from '../config';
import { refusedForRate } from '../rewards';
import type { Ledger } from './ledger';
import type { RecordedStep } from './recorded';

export class TaskCheck {
  private readonly config: Config;
  private readonly ledger: Ledger;

  constructor(config: Config, ledger: Ledger) {
    this.config = config;
    this.ledger = ledger;
  }

  check({ record: { step, tasks }, seeding, inherits }: RecordedStep): void {
    if (inherits) return; // another run answers for them
    const { config, ledger } = this;
    for (const task of tasks) {
      const about = { step, task: task.id };
      ledger.compare(about, 'step', 'the step that it came in', task.step, step);
      const proposed = task.origin === 'proposed';
      if (proposed === seeding) {
        const derived = seeding ? 'a seed' : 'proposed';
        ledger.differ(about, 'origin', 'where it came from', task.origin, derived);
      }
      const later = task.parents.find((parent) => parent >= task.id);
      if (later !== undefined) {
        const derived = `one before task ${task.id}`;
        ledger.differ(about, 'parents', 'a task that it was made from', later, derived);
      }
      const refused = proposed && task.solveRate !== null ? refusedForRate(task.solveRate, config) : null;
      if (refused) {
        const words = `what became of it at a solve rate of ${task.solveRate}`;
        ledger.differ(about, 'gate.filter', words, 'accepted', refused);
      }
    }
  }
}
