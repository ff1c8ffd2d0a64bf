/**
 * @file The Store: where runs live. The loop knows this interface and nothing of IndexedDB.
 *
 * A step is written whole or not at all, so that a closed tab costs at most the step in flight. Failures are named classes
 * (errors.ts) that say what to do; after one nothing that was stored is lost.
 */

import type { Checkpoint, Episode, Mode, Role, RunInfo, Snapshot, StepRecord, Task } from './records';

export interface Store {
  runs(): Promise<RunInfo[]>;
  createRun(info: RunInfo): Promise<void>;
  /** For writing: a second tab that opens the same run is refused until the first lets go of it. */
  openRun(id: string, rule?: CheckpointRule): Promise<RunWriter>;
  /** For looking: any number may. */
  readRun(id: string): Promise<RunReader>;
  deleteRun(id: string): Promise<void>;
  usage(): Promise<Usage>;
  close(): void;
}

/** Reads what is there at each call; a run that grows meanwhile is seen to grow. */
export interface RunReader {
  info(): Promise<RunInfo>;
  /** After the last step, or after one that has a checkpoint, or after the first. */
  snapshot(step?: number): Promise<Snapshot>;
  /** With their latest solve rates; all of them by id, or these in this order. */
  tasks(ids?: number[]): Promise<Task[]>;
  /** Newest first, a page at a time: 50 unless `limit` says otherwise. `before` is the id of the last one seen. */
  episodes(query?: EpisodeQuery): Promise<Episode[]>;
  /** As they were appended, from the first to the last of these, both included. */
  steps(from?: number, to?: number): AsyncIterable<StepRecord>;
  metrics(from?: number): Promise<{ step: number; metrics: Record<string, number> }[]>;
  checkpoints(): Promise<Omit<Checkpoint, 'files'>[]>;
  checkpoint(step: number): Promise<Checkpoint>;
}

export interface EpisodeQuery {
  mode?: Mode;
  role?: Role;
  step?: number;
  task?: number;
  before?: number;
  limit?: number;
}

export interface RunWriter extends RunReader {
  /** One transaction: the step, the snapshot after it, and the checkpoint if there is one. */
  append(record: StepRecord, snapshot: Snapshot, checkpoint?: Omit<Checkpoint, 'run'>): Promise<void>;
  update(change: RunChange): Promise<void>;
  /** Forgets all steps after `step`, which must have a snapshot: a run goes on from a checkpoint, or from its first step. */
  rewind(step: number): Promise<void>;
  /** Lets go of the run. */
  release(): Promise<void>;
}

/** What may change of a run besides its steps. It may go on elsewhere than where it began. */
export type RunChange = Partial<
  Pick<RunInfo, 'name' | 'status' | 'backend' | 'device' | 'places' | 'note' | 'colour'>
>;

export interface Usage {
  bytes: number;
  quota: number;
  /** The browser has promised not to clear it under pressure. */
  persistent: boolean;
}

/** Which checkpoints stay: the newest few, and every so many steps one. The page shows the rule. */
export interface CheckpointRule {
  newest: number;
  every: number;
}
