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
  openRun(id: string): Promise<RunWriter>;
  /** For looking: any number may. */
  readRun(id: string): Promise<RunReader>;
  deleteRun(id: string): Promise<void>;
  usage(): Promise<Usage>;
  close(): void;
}

export interface RunReader {
  info(): Promise<RunInfo>;
  snapshot(): Promise<Snapshot>;
  tasks(ids?: number[]): Promise<Task[]>;
  /** Newest first, a page at a time. `before` is the id of the last one seen. */
  episodes(query?: EpisodeQuery): Promise<Episode[]>;
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
  update(change: Partial<Pick<RunInfo, 'name' | 'status'>>): Promise<void>;
  /** Forgets all steps after `step`: a run goes on from a checkpoint. */
  rewind(step: number): Promise<void>;
  /** Lets go of the run. */
  release(): Promise<void>;
}

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
