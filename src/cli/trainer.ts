/** @file What plays a run for the command `train`, whether in this process or in the page. */

import type { HeldOutTask } from '../evals/tasks';
import type { Config } from '../selfplay/config';
import type { Seed } from '../selfplay/seeds';
import type { SessionEvent } from '../selfplay/session';
import type { Model } from './models';
import type { Nodes } from './node-addresses';
import type { RunFiles } from './run-files';

export interface TrainOrder {
  /** Of the backend node; by default as many as there are. */
  threads?: number;
  backend: 'auto' | 'webgpu' | 'wasm' | 'node' | 'remote';
  /** Of the backend remote. */
  nodes?: Nodes;
  config: Config;
  /** Null for a run that goes on. */
  start: { model: Model; seeds: readonly Seed[]; rewards?: string } | null;
  heldOut: readonly HeldOutTask[];
}

/** `phase`: what is waited for before there is a run to tell of. `notice`: a sentence about what happened around the run. */
export type TrainEvent = SessionEvent | { kind: 'phase'; phase: string } | { kind: 'notice'; line: string };

/**
 * Plays the run until it is finished or the signal aborts, which costs the step under way. Every step is in the run's files when
 * this ends, however it ends.
 */
export type Trainer = (
  order: TrainOrder,
  run: RunFiles,
  listen: (event: TrainEvent) => void,
  signal: AbortSignal,
) => Promise<void>;
