/**
 * @file Does the log of a run add up? Without model, GPU or Python, everything that follows from what was recorded is derived again:
 * solve rates from attempts, refusals from solve rates, rewards from verdicts, advantages from rewards, buffers from tasks. What
 * disagrees is named, with both figures. The checks are in replay/; here the log is read, step by step.
 */

import type { RunInfo, Snapshot, StepRecord } from '../store/records';
import { type Config, readConfig } from './config';
import { BufferCheck } from './replay/buffers';
import { EpisodeCheck } from './replay/episodes';
import { IdCheck } from './replay/ids';
import { type Disagreement, Ledger } from './replay/ledger';
import { LessonCheck } from './replay/lessons';
import type { RecordedStep } from './replay/recorded';
import { RewardCheck } from './replay/rewards';
import { type Summary, Tallies } from './replay/summary';
import { TaskCheck } from './replay/tasks';
import { TrainingCheck } from './replay/training';

export type { Disagreement, Figure } from './replay/ledger';
export type { Summary } from './replay/summary';

/** What is replayed of a log: store/log.ts opens one. */
export interface ReplayedLog {
  run: RunInfo;
  steps: AsyncIterable<{ record: StepRecord; snapshot: Snapshot | null }>;
  readonly ending: Ending | null;
}

export interface Ending {
  steps: number;
  episodes: number;
  tasks: number;
  complete: boolean;
  message: string | null;
}

export interface Replayed {
  steps: number;
  episodes: number;
  tasks: number;
  /** The first hundred. */
  disagreements: Disagreement[];
  /** All of them. */
  counted: number;
  /** For each mode and role that occurs. */
  summary: Summary[];
  ending: Ending;
}

export interface ReplayOptions {
  signal?: AbortSignal;
  onStep?: (step: number) => void;
}

/** Reads the log to its end. Throws a ConfigError if its configuration cannot be read: nothing follows without one. */
export async function replay(log: ReplayedLog, { signal, onStep }: ReplayOptions = {}): Promise<Replayed> {
  const run = new Replay(log.run, readConfig(log.run.config));
  for await (const { record, snapshot } of log.steps) {
    signal?.throwIfAborted();
    run.step(record, snapshot);
    onStep?.(record.step);
  }
  return { ...run.result(), ending: log.ending! };
}

class Replay {
  private readonly run: RunInfo;
  private readonly ledger = new Ledger();
  private readonly tallies = new Tallies();
  private readonly counts = { steps: 0, episodes: 0, tasks: 0 };
  private readonly ids: IdCheck;
  private readonly episodes: EpisodeCheck;
  private readonly rewards: RewardCheck;
  private readonly training: TrainingCheck;
  private readonly tasks: TaskCheck;
  private readonly buffers: BufferCheck;
  private readonly lessons: LessonCheck;

  constructor(run: RunInfo, config: Config) {
    const { ledger } = this;
    this.run = run;
    this.ids = new IdCheck(ledger);
    this.episodes = new EpisodeCheck(config, ledger);
    this.rewards = new RewardCheck(config, ledger);
    this.training = new TrainingCheck(config, ledger);
    this.tasks = new TaskCheck(config, ledger);
    this.buffers = new BufferCheck(run, config, ledger);
    this.lessons = new LessonCheck(config, ledger);
  }

  /** Each check goes by what the one before derived: a wrong figure does not vouch for those that follow from it. */
  step(record: StepRecord, snapshot: Snapshot | null): void {
    const { buffers } = this;
    const recorded = this.recorded(record);
    this.ids.check(recorded, buffers.before);
    const rates = this.episodes.check(recorded, (id) => buffers.get(id));
    const rewards = this.rewards.check(recorded, rates);
    this.training.check(recorded, rewards);
    this.tasks.check(recorded);
    buffers.check(recorded, snapshot);
    this.lessons.check(recorded, (id) => buffers.get(id));
    for (const episode of record.episodes) this.tallies.add(episode);
    this.counts.steps++;
    this.counts.episodes += record.episodes.length;
    this.counts.tasks += record.tasks.length;
  }

  result(): Omit<Replayed, 'ending'> {
    const { disagreements, counted } = this.ledger;
    return { ...this.counts, disagreements, counted, summary: this.tallies.summary() };
  }

  private recorded(record: StepRecord): RecordedStep {
    const { parent } = this.run;
    const first = this.buffers.before === null;
    return {
      record,
      seeding: first && record.step === (parent?.step ?? 0),
      inherits: first && parent !== null,
    };
  }
}
