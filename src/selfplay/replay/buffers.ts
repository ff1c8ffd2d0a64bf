/**
 * @file The buffers once more, as the rules make them from the tasks that came in and the attempts that were made. Only the tasks that
 * they know are kept, without their texts unless these were taught, so a run may be larger than memory.
 */

import { emptySnapshot, follow } from '../../store/order';
import {
  type Episode,
  modes,
  type RunInfo,
  type Snapshot,
  type StepRecord,
  type Task,
  type TaskUpdate,
} from '../../store/records';
import { Buffers, type BuffersState } from '../buffers';
import type { Config } from '../config';
import type { Ledger } from './ledger';
import { isProposal, type RecordedStep, rateOf } from './recorded';
import { type BuffersKept, SnapshotCheck, stateOf } from './snapshots';
import { agrees, UpdateCheck } from './updates';

interface Derived {
  updates: TaskUpdate[];
  /** Tasks that the gate would have called the same as one that is there. */
  repeats: Parameters<Ledger['differ']>[];
}

export class BufferCheck {
  private readonly run: RunInfo;
  private readonly config: Config;
  private readonly ledger: Ledger;
  private readonly updates: UpdateCheck;
  private readonly snapshots: SnapshotCheck;
  /** As the rules make them, from what was recorded of the tasks. */
  private buffers: Buffers;
  /** Those that the buffers know, with their latest solve rates. */
  private readonly known = new Map<number, Task>();
  private followed: Snapshot | null = null;

  constructor(run: RunInfo, config: Config, ledger: Ledger) {
    this.run = run;
    this.config = config;
    this.ledger = ledger;
    this.updates = new UpdateCheck(ledger);
    this.snapshots = new SnapshotCheck(ledger);
    this.buffers = new Buffers(config);
  }

  /** After the step before, followed from the records; null before the first. */
  get before(): Snapshot | null {
    return this.followed;
  }

  /** A task that is in a buffer. */
  get(id: number): Task | undefined {
    return this.buffers.get(id);
  }

  check(recorded: RecordedStep, snapshot: Snapshot | null): void {
    const { record, inherits } = recorded;
    const { step, tasks, updates } = record;
    const after = follow(this.before ?? emptySnapshot({ ...this.run, step }), record);
    const kept = snapshot && stateOf(snapshot);
    for (const task of tasks) this.known.set(task.id, needsTexts(this.config) ? task : slim(task));
    if (snapshot) this.snapshots.check(recorded, after, snapshot);
    if (inherits) {
      // Another run answers for what it hands on.
      this.goOn(after, kept ?? this.buffers.state());
    } else {
      const derived = this.replayed(record);
      for (const repeat of derived.repeats) this.ledger.differ(...repeat);
      // What was recorded counts from now on, so that one disagreement is not told again at every later step.
      if (this.updates.check(step, updates, derived.updates)) {
        const { streaks, mastered } = this.buffers.state();
        const left = updates.flatMap((update) => (update.left === 'mastered' ? [update.task] : []));
        this.goOn(after, { streaks, mastered: [...new Set([...mastered, ...left])] });
      }
      if (kept) this.snapshots.checkState(step, kept, this.buffers.state());
    }
    for (const { task, solveRate, left } of updates) {
      const changed = this.known.get(task);
      if (left === 'full') this.known.delete(task);
      else if (changed && solveRate !== undefined) this.known.set(task, { ...changed, solveRate });
    }
    const { nextTask, nextEpisode } = inherits && snapshot ? snapshot : after;
    this.followed = { ...after, nextTask, nextEpisode };
  }

  /** From the buffers as they were recorded. */
  private goOn({ buffers }: Snapshot, { streaks, mastered }: BuffersKept): void {
    const there = new Set(modes.flatMap((mode) => buffers[mode]));
    const state: BuffersState = {
      buffers,
      streaks: streaks.filter(([id]) => there.has(id)),
      mastered: mastered.filter((id) => !there.has(id) && this.known.has(id)),
    };
    this.buffers = Buffers.restore(this.config, state, this.known.values());
  }

  /** What a step does to the buffers by the rules, and does to them here. */
  private replayed(record: StepRecord): Derived {
    const start = this.buffers.state();
    const derived = this.derive(record, 'tasks first');
    if (agrees(derived.updates, record.updates)) return derived;
    // Whether tasks enter before or after others are estimated again is the loop's choice.
    const usual = this.buffers;
    this.buffers = Buffers.restore(this.config, start, this.known.values());
    const other = this.derive(record, 'estimates first');
    if (agrees(other.updates, record.updates)) return other;
    this.buffers = usual;
    return derived;
  }

  /** Plays what entered, and what was estimated again, by the rules. */
  private derive(
    { step, tasks, episodes, updates }: StepRecord,
    order: 'tasks first' | 'estimates first',
  ): Derived {
    const repeats: Derived['repeats'] = [];
    const enter = () =>
      tasks.flatMap((task) => {
        const repeated = this.buffers.repeats(task);
        if (repeated) {
          repeats.push([{ step, task: task.id }, 'gate.novelty', 'what became of it', 'accepted', repeated]);
        }
        return this.buffers.add(this.known.get(task.id)!);
      });
    const tried = new Map<number, Episode[]>();
    for (const episode of episodes) {
      if (isProposal(episode) || episode.proposal !== null || episode.task === null) continue;
      const others = tried.get(episode.task);
      if (others) others.push(episode);
      else tried.set(episode.task, [episode]);
    }
    // The last task of a mode stays, so the order matters; it is in the record.
    const ordered = new Set([...updates.map(({ task }) => task), ...tried.keys()]);
    const estimate = () =>
      [...ordered].flatMap((id) => {
        const attempts = tried.get(id) ?? [];
        return attempts.length >= 2 ? this.buffers.estimate(id, rateOf(this.config, attempts)) : [];
      });
    const derived = order === 'tasks first' ? [...enter(), ...estimate()] : [...estimate(), ...enter()];
    return { updates: derived, repeats };
  }
}

const needsTexts = (config: Config) =>
  config['hindsight.tasks'] > 0 || config['hindsight.proposals'] > 0 || config['gate.alike'] > 0;

/** A task as buffers need it: many are kept. Only what is taught, and told apart by its form, needs its texts. */
const slim = (task: Task): Task => ({ ...task, program: '', message: '', thought: '', parents: [] });
