/**
 * @file The Store in memory: for loops in Node, and for tests. It keeps the same promises as the one in the browser's database, and
 * one suite holds both to them (tests/browser/store/contract.ts); everything that goes in or out is a copy.
 */

import { answers } from './chunks';
import {
  NewerVersionError,
  RunExistsError,
  RunLockedError,
  RunReleasedError,
  StoreError,
  UnknownRecordError,
  UnknownRunError,
} from './errors';
import { changedInfo, checkIds, checkStep, emptySnapshot } from './order';
import {
  type Checkpoint,
  type Episode,
  logVersion,
  type RunInfo,
  type Snapshot,
  type StepRecord,
  type Task,
} from './records';
import { runInfo } from './shapes';
import type { CheckpointRule, EpisodeQuery, RunChange, RunReader, RunWriter, Store, Usage } from './store';
import { defaultRule, thinned } from './thinning';

interface Run {
  info: RunInfo;
  steps: StepRecord[];
  snapshots: Map<number, Snapshot>;
  checkpoints: Map<number, Checkpoint>;
  locked: boolean;
}

type Runs = Map<string, Run>;

function find(runs: Runs, id: string): Run {
  const run = runs.get(id);
  if (!run) throw new UnknownRunError(id);
  return run;
}

export class MemoryStore implements Store {
  readonly #runs: Runs = new Map();

  async runs(): Promise<RunInfo[]> {
    const infos = [...this.#runs.values()].map(({ info }) => structuredClone(info));
    return infos.sort((a, b) => b.createdAt - a.createdAt);
  }

  async createRun(info: RunInfo): Promise<void> {
    const fault = runInfo(info);
    if (fault !== null) throw new StoreError(`A run cannot be created: its "${fault}" is missing or wrong.`);
    if (info.logVersion > logVersion) throw new NewerVersionError('The run', info.logVersion, logVersion);
    if (this.#runs.has(info.id)) throw new RunExistsError(info.id);
    this.#runs.set(info.id, {
      info: structuredClone(info),
      steps: [],
      snapshots: new Map(),
      checkpoints: new Map(),
      locked: false,
    });
  }

  async openRun(id: string, rule: CheckpointRule = defaultRule): Promise<RunWriter> {
    const run = find(this.#runs, id);
    if (run.locked) throw new RunLockedError(id);
    run.locked = true;
    return new MemoryWriter(this.#runs, id, rule);
  }

  async readRun(id: string): Promise<RunReader> {
    find(this.#runs, id);
    return new MemoryReader(this.#runs, id);
  }

  async deleteRun(id: string): Promise<void> {
    if (find(this.#runs, id).locked) throw new RunLockedError(id);
    this.#runs.delete(id);
  }

  async usage(): Promise<Usage> {
    return { bytes: 0, quota: 0, persistent: false };
  }

  close(): void {}
}

class MemoryReader implements RunReader {
  readonly #runs: Runs;
  protected readonly id: string;

  constructor(runs: Runs, id: string) {
    this.#runs = runs;
    this.id = id;
  }

  protected get run(): Run {
    return find(this.#runs, this.id);
  }

  async info(): Promise<RunInfo> {
    return structuredClone(this.run.info);
  }

  async snapshot(step?: number): Promise<Snapshot> {
    const { info, snapshots, steps } = this.run;
    if (steps.length === 0 && (step ?? info.step) === info.step) return emptySnapshot(info);
    const found = snapshots.get(step ?? info.step);
    if (!found) throw this.#unknown(`the snapshot of step ${step}`, snapshots);
    return structuredClone(found);
  }

  async tasks(ids?: number[]): Promise<Task[]> {
    const tasks = new Map<number, Task>();
    for (const step of this.run.steps) {
      for (const task of step.tasks) tasks.set(task.id, { ...task });
      for (const { task, solveRate } of step.updates) {
        const changed = tasks.get(task);
        if (changed && solveRate !== undefined) changed.solveRate = solveRate;
      }
    }
    const asked = ids?.map((id) => {
      const task = tasks.get(id);
      if (!task) throw this.#unknown(`task ${id}`);
      return task;
    });
    return structuredClone(asked ?? [...tasks.values()]);
  }

  async episodes(query: EpisodeQuery = {}): Promise<Episode[]> {
    const { limit = 50 } = query;
    const found: Episode[] = [];
    for (const { episodes } of this.run.steps.toReversed()) {
      for (const episode of episodes.toReversed()) {
        if (found.length >= limit) return structuredClone(found);
        if (answers(episode, query)) found.push(episode);
      }
    }
    return structuredClone(found);
  }

  async *steps(
    first = Number.NEGATIVE_INFINITY,
    last = Number.POSITIVE_INFINITY,
  ): AsyncGenerator<StepRecord> {
    let next = first;
    for (;;) {
      const record = this.run.steps.find(({ step }) => step >= next && step <= last);
      if (!record) return;
      yield structuredClone(record);
      next = record.step + 1;
    }
  }

  async metrics(
    first = Number.NEGATIVE_INFINITY,
  ): Promise<{ step: number; metrics: Record<string, number> }[]> {
    const steps = this.run.steps.filter(({ step }) => step >= first);
    return steps.map(({ step, metrics }) => ({ step, metrics: { ...metrics } }));
  }

  async checkpoints(): Promise<Omit<Checkpoint, 'files'>[]> {
    return [...this.run.checkpoints.values()].map(({ files: _, ...row }) => row);
  }

  async checkpoint(step: number): Promise<Checkpoint> {
    const found = this.run.checkpoints.get(step);
    if (!found) throw this.#unknown(`the checkpoint of step ${step}`, this.run.checkpoints);
    return structuredClone(found);
  }

  #unknown(record: string, there?: Map<number, unknown>): UnknownRecordError {
    const steps = [...(there?.keys() ?? [])];
    const instead = !there ? '' : steps.length > 0 ? `: choose step ${steps.join(', ')}` : ': there is none';
    return new UnknownRecordError(`Run "${this.id}" does not have ${record}${instead}.`);
  }
}

class MemoryWriter extends MemoryReader implements RunWriter {
  readonly #rule: CheckpointRule;
  #released = false;

  constructor(runs: Runs, id: string, rule: CheckpointRule) {
    super(runs, id);
    this.#rule = rule;
  }

  async append(record: StepRecord, snapshot: Snapshot, checkpoint?: Omit<Checkpoint, 'run'>): Promise<void> {
    const { run } = this;
    const { info, steps, snapshots, checkpoints } = run;
    const { step } = record;
    checkStep(info, steps.length === 0, record, snapshot);
    if (steps.length > 0) checkIds(this.id, snapshots.get(info.step)!, record);
    // Copies first: what cannot be copied must leave nothing behind.
    const copy = structuredClone({ record, snapshot, checkpoint });
    steps.push(copy.record);
    snapshots.set(step, copy.snapshot);
    if (copy.checkpoint) checkpoints.set(step, { ...copy.checkpoint, run: this.id, step });
    info.step = step;
    for (const at of thinned([...checkpoints.keys()], this.#rule)) checkpoints.delete(at);
    for (const at of snapshots.keys()) {
      if (at !== steps[0].step && at !== step && !checkpoints.has(at)) snapshots.delete(at);
    }
  }

  async update(change: RunChange): Promise<void> {
    const { run } = this;
    run.info = changedInfo(run.info, change);
  }

  async rewind(step: number): Promise<void> {
    await this.snapshot(step);
    const { run } = this;
    run.info.step = step;
    run.steps = run.steps.filter((record) => record.step <= step);
    for (const records of [run.snapshots, run.checkpoints]) {
      for (const at of records.keys()) if (at > step) records.delete(at);
    }
  }

  async release(): Promise<void> {
    if (!this.#released) super.run.locked = false;
    this.#released = true;
  }

  protected override get run(): Run {
    if (this.#released) throw new RunReleasedError(this.id);
    return super.run;
  }
}
