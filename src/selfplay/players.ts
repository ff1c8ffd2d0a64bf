/**
 * @file Who takes part in a step: what the loop is handed from outside, and the scene that a step is played on.
 */

import type { Control, Engine, ModelId } from '../engine/engine';
import type { Executor } from '../sandbox/executor';
import type { Buffers } from './buffers';
import type { Config } from './config';
import type { WritingDialect } from './dialect';
import type { HeldOutMarks } from './held-out';
import type { OwnTerm } from './rewards';
import type { SafetyRule } from './safety';
import type { Stopwatch } from './stopwatch';
import type { Truths } from './truths';

export interface Players {
  engine: Engine;
  executor: Executor;
  dialect: WritingDialect;
  /** Milliseconds; for timing and for people, nothing else depends on it. */
  clock: { now(): number; date(): number };
  /** Reward terms of the user's own. */
  own?: Readonly<Record<string, OwnTerm>>;
  /** Metrics of whatever computes, from the last time that they were taken until now. */
  measures?: () => Readonly<Record<string, number>>;
  /** Rules for flags; those of safety.ts if left out. */
  rules?: readonly SafetyRule[];
  /** Held-out accuracy as metrics, "heldout/deduction" for instance. */
  evaluate?: (model: ModelId, step: number, control: Control) => Promise<Record<string, number>>;
  /** Marks of the programs that it is tested with, which the gate keeps out; none if left out. */
  heldOut?: HeldOutMarks;
  /** Files that belong into a checkpoint besides the weights: tokenizer.json for instance. */
  files?: Readonly<Record<string, Uint8Array>>;
}

export interface Scene {
  config: Config;
  step: number;
  players: Players;
  /** With its time taken. */
  executor: Executor;
  truths: Truths;
  model: ModelId;
  /** Which step made the weights that an engine's version stands for. */
  policyOf: (version: number) => number;
  buffers: Buffers;
  stopwatch: Stopwatch;
  control: Control;
}
