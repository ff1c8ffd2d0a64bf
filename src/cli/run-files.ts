/**
 * @file A run in two files that grow with it: a log to which every step is added as a line, and the folder of its newest checkpoint.
 * Nothing of a step stays in memory but its metrics, so a run may be as long as the disk is large; whoever is killed goes on from
 * these two and has lost the step in flight.
 */

import { appendFile, rename, rm } from 'node:fs/promises';
import { besideBase, isAdapterAlone } from '../model/adapter-base';
import { RunError } from '../selfplay/errors';
import { answers } from '../store/chunks';
import { UnknownRecordError } from '../store/errors';
import { type LogStep, openLog, runLine, stepLine } from '../store/log';
import { changedInfo, checkIds, checkStep, emptySnapshot, follow } from '../store/order';
import type { Checkpoint, Episode, RunInfo, Snapshot, StepRecord, Task } from '../store/records';
import type { EpisodeQuery, RunChange, RunWriter } from '../store/store';
import { type Note, readFolder, readNote, recoverFolder, writeFolder } from './checkpoint-folder';
import { readStream } from './file-stream';

export interface RunPaths {
  log: string;
  checkpoint: string;
}

/** What belongs to a run besides its log. */
export type RunLabel = Pick<Note, 'preset' | 'heldOut'>;

type StepMetrics = { step: number; metrics: Record<string, number> };

export class RunFiles implements RunWriter {
  /** Is told of every step that is added. */
  onStep: (record: StepRecord) => void = () => {};
  readonly paths: RunPaths;
  #info: RunInfo;
  /** Null before the first step. */
  #latest: Snapshot | null = null;
  #checkpoint: Omit<Checkpoint, 'files'> | null = null;
  readonly #label: RunLabel;
  readonly #metrics: StepMetrics[] = [];

  private constructor(paths: RunPaths, info: RunInfo, label: RunLabel) {
    this.paths = paths;
    this.#info = info;
    this.#label = label;
  }

  /** A run that has no files yet. */
  static create(paths: RunPaths, info: RunInfo, label: RunLabel): RunFiles {
    return new RunFiles(paths, info, label);
  }

  /** A run that has some, up to the last line that is whole. Null if it came to no checkpoint: then it has to begin again. */
  static async open(paths: RunPaths): Promise<{ run: RunFiles; note: Note } | null> {
    await recoverFolder(paths.checkpoint);
    const note = await readNote(paths.checkpoint);
    if (!note) return null;
    const log = await openLog(readStream(paths.log));
    if (note.run !== log.run.id) {
      throw new RunError(
        `${paths.log} is of run ${log.run.id} and ${paths.checkpoint} of run ${note.run}: name the two that belong together.`,
      );
    }
    const run = new RunFiles(paths, { ...log.run, status: 'paused' }, note);
    const whole = await run.#rewrite(log.steps, log.run, Number.POSITIVE_INFINITY);
    if (note.step > run.#info.step) {
      throw new RunError(
        `${paths.log} ends with step ${run.#info.step}, before the checkpoint of step ${note.step}: this run cannot go on, but a new one can begin with --model ${paths.checkpoint}.`,
      );
    }
    run.#checkpoint = { run: note.run, step: note.step, at: note.at, bytes: note.bytes };
    // Of a step that was copied without its snapshot nobody knows how the parts of the loop stood after it.
    if (!whole && note.step < run.#info.step) await run.rewind(note.step);
    return { run, note };
  }

  /** The last step, or null before the first. */
  get step(): number | null {
    return this.#latest?.step ?? null;
  }

  /** On which it is played, in words. */
  get device(): string {
    return this.#info.device;
  }

  get allMetrics(): readonly StepMetrics[] {
    return this.#metrics;
  }

  /** The last step of which there are weights. */
  get checkpointStep(): number | null {
    return this.#checkpoint?.step ?? null;
  }

  // ---- Reading -------------------------------------------------------------------------------------------------------

  async info(): Promise<RunInfo> {
    return { ...this.#info };
  }

  async snapshot(step?: number): Promise<Snapshot> {
    const latest = this.#latest ?? emptySnapshot(this.#info);
    if (step === undefined || step === latest.step) return structuredClone(latest);
    for await (const { record, snapshot } of this.#scan()) {
      if (record.step === step && snapshot) return snapshot;
      if (record.step >= step) break;
    }
    throw this.#unknown(`the snapshot of step ${step}`);
  }

  async tasks(ids?: number[]): Promise<Task[]> {
    const wanted = ids && new Set(ids);
    const tasks = new Map<number, Task>();
    for await (const { record } of this.#scan()) {
      for (const task of record.tasks) if (!wanted || wanted.has(task.id)) tasks.set(task.id, task);
      for (const { task, solveRate } of record.updates) {
        const changed = tasks.get(task);
        if (changed && solveRate !== undefined) changed.solveRate = solveRate;
      }
    }
    if (!ids) return [...tasks.values()];
    return ids.map((id) => {
      const task = tasks.get(id);
      if (!task) throw this.#unknown(`task ${id}`);
      return task;
    });
  }

  async episodes(query: EpisodeQuery = {}): Promise<Episode[]> {
    const { limit = 50 } = query;
    let found: Episode[] = [];
    for await (const { record } of this.#scan()) {
      found = [...found, ...record.episodes.filter((episode) => answers(episode, query))].slice(-limit);
    }
    return found.reverse();
  }

  async *steps(
    first = Number.NEGATIVE_INFINITY,
    last = Number.POSITIVE_INFINITY,
  ): AsyncGenerator<StepRecord> {
    for await (const { record } of this.#scan()) {
      if (record.step > last) return;
      if (record.step >= first) yield record;
    }
  }

  async metrics(first = Number.NEGATIVE_INFINITY): Promise<StepMetrics[]> {
    return structuredClone(this.#metrics.filter(({ step }) => step >= first));
  }

  async checkpoints(): Promise<Omit<Checkpoint, 'files'>[]> {
    return this.#checkpoint ? [{ ...this.#checkpoint }] : [];
  }

  async checkpoint(step: number): Promise<Checkpoint> {
    if (this.#checkpoint?.step !== step) throw this.#unknown(`the checkpoint of step ${step}`);
    return { ...this.#checkpoint, files: await readFolder(this.paths.checkpoint) };
  }

  async *#scan(): AsyncGenerator<LogStep> {
    if (this.#latest === null) return;
    yield* (await openLog(readStream(this.paths.log))).steps;
  }

  // ---- Writing -------------------------------------------------------------------------------------------------------

  /** The line first: weights without their step could not be gone on from. */
  async append(record: StepRecord, snapshot: Snapshot, checkpoint?: Omit<Checkpoint, 'run'>): Promise<void> {
    const kept = checkpoint ? { at: checkpoint.at, bytes: checkpoint.bytes } : null;
    await this.add({ record, snapshot, checkpoint: kept });
    if (checkpoint) await this.keep(checkpoint);
  }

  /** Of a run that is played elsewhere, which has its snapshots at some steps only. */
  async add(step: LogStep): Promise<void> {
    const { record, snapshot } = step;
    const before = this.#latest;
    const after = snapshot ?? follow(before ?? emptySnapshot(this.#info), record);
    checkStep(this.#info, before === null, record, after);
    if (before) checkIds(this.#info.id, before, record);
    const { log } = this.paths;
    const line = stepLine(step);
    // Not before there is a step: until then nobody knows on what the run is played.
    await appendFile(log, before ? line : runLine(this.#info) + line, before ? {} : { flag: 'wx' });
    this.#follow(record, after);
    this.onStep(record);
  }

  async keep({ step, at, bytes, files }: Omit<Checkpoint, 'run'>): Promise<void> {
    const { id, config } = this.#info;
    const { preset, heldOut } = this.#label;
    const note: Note = { run: id, step, at, bytes, preset, heldOut, config };
    // Only this one folder is kept, so it holds the model below an adapter, too.
    const earlier = isAdapterAlone(files) ? await readFolder(this.paths.checkpoint) : {};
    await writeFolder(this.paths.checkpoint, besideBase(files, earlier), note);
    this.#checkpoint = { run: id, step, at, bytes };
  }

  async update(change: RunChange): Promise<void> {
    this.#info = changedInfo(this.#info, change);
  }

  async rewind(step: number): Promise<void> {
    await this.snapshot(step); // or it says that there is none
    const log = await openLog(readStream(this.paths.log));
    await this.#rewrite(log.steps, log.run, step);
    if (this.#checkpoint && this.#checkpoint.step > step) this.#checkpoint = null;
  }

  async release(): Promise<void> {}

  /** Without a line that was cut off, and without the steps after `last`. Tells whether there is a snapshot after the last one. */
  async #rewrite(steps: AsyncIterable<LogStep>, header: RunInfo, last: number): Promise<boolean> {
    const next = `${this.paths.log}.new`;
    await rm(next, { force: true });
    await appendFile(next, runLine(header));
    this.#latest = null;
    this.#metrics.length = 0;
    let whole = false;
    for await (const step of steps) {
      const { record, snapshot } = step;
      if (record.step > last) break;
      const before = this.#latest ?? emptySnapshot({ ...header, step: record.step });
      await appendFile(next, stepLine(step));
      this.#follow(record, snapshot ?? follow(before, record));
      whole = snapshot !== null;
    }
    await rename(next, this.paths.log);
    return whole;
  }

  #follow({ step, metrics }: StepRecord, after: Snapshot): void {
    this.#latest = structuredClone(after);
    this.#info = { ...this.#info, step };
    this.#metrics.push({ step, metrics });
  }

  #unknown(what: string): UnknownRecordError {
    return new UnknownRecordError(`Run "${this.#info.id}" does not have ${what}.`);
  }
}
