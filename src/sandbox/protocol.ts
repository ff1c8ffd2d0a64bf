/**
 * @file What crosses the borders of the sandbox. Three realms talk, each over a private port:
 *
 *     client (page or trainer)  <->  warden (a worker in the iframe)  <->  interpreters (workers of the warden)
 *
 * The client parses and compares, the warden hands out work and holds the clock, an interpreter runs Python. Nothing but texts,
 * numbers and the bytes of memory images passes, and what comes from an interpreter is never believed to be well-formed.
 */

import type { Limits, Rewriting } from './executor';

export type Seed = 0 | 1;
export const seeds: readonly Seed[] = [0, 1];

// ---- Work ------------------------------------------------------------------------------------------------------------

/** `raises` asks for the exception of each call and not for its value. `calls` are argument lists as repr.ts writes them, in JSON or as source; `call` is one as source: `((3, [1]), {'key': 'x'})`. */
export type Work =
  | { kind: 'run'; source: string; calls: string[]; passes: number; raises: boolean }
  | { kind: 'trace'; source: string; call: string; steps: number; characters: number }
  | { kind: 'measure'; source: string }
  | { kind: 'rewrite'; source: string; rewriting: Rewriting };

/** `twoSeeds`: run by interpreters of both hash seeds, the second with its calls in reverse. */
export interface Job {
  id: number;
  work: Work;
  twoSeeds: boolean;
}

/**
 * What became of one piece of work in one interpreter: the JSON that its Python answered, or how it was stopped. `settled`: no
 * call went well, so there is nothing for a second interpreter to confirm.
 */
export type Report =
  | { text: string; settled: boolean; ms: number }
  | { stopped: 'timeout' | 'crash'; reason: string; ms: number };

/** Interpreters print values up to here; what a task may show is less (Limits.output), but a gold answer may be longer. */
export const longestOutput = 20_000;

export interface JobResult {
  id: number;
  first: Report & { seed: Seed };
  second?: Report & { seed: Seed };
}

// ---- Client <-> warden -------------------------------------------------------------------------------------------------

/** Python's files. */
export interface Assets {
  /** Pyodide's WebAssembly, with its memory limit set, and Python's standard library. */
  wasm: ArrayBuffer;
  library: ArrayBuffer;
}

export interface Settings {
  interpreters: number;
  limits: Limits;
  /** Programs after which an interpreter is replaced. */
  lifetime: number;
  /** For tests of the outer walls alone: no gate, real builtins, and a way to JavaScript. */
  unguarded: boolean;
}

export type ToWarden =
  /** Python's files come one after another, so that workers start while the larger ones are still on their way. */
  | { type: 'open'; pythonScript: string; settings: Settings }
  /** A packed memory image of an interpreter that has started. */
  | { type: 'image'; seed: Seed; image: ArrayBuffer }
  | { type: 'assets'; assets: Assets }
  | { type: 'work'; jobs: Job[] }
  | { type: 'cancel'; ids: number[] };

export type FromWarden =
  | { type: 'opened'; python: string; modules: string[]; interrupts: boolean }
  | { type: 'results'; results: JobResult[] }
  | { type: 'failed'; reason: string };

// ---- Warden <-> interpreter --------------------------------------------------------------------------------------------

export interface BootInterpreter {
  module: WebAssembly.Module;
  library: ArrayBuffer;
  seed: Seed;
  limits: Limits;
  unguarded: boolean;
  /** See `interruptSlots`. Absent where the browser shares no memory. */
  interrupt?: Int32Array;
}

/** Numbers that a warden and an interpreter share: an interpreter at work answers no message. */
export const interruptSlots = {
  /** What Python polls: 2 interrupts it. */
  signal: 0,
  /** How often the warden has interrupted. */
  raised: 1,
  /** How many pieces of work the interpreter has begun. */
  begun: 2,
} as const;

export type ToInterpreter =
  | { type: 'image'; image: ArrayBuffer }
  /** Once the image has been sent. */
  | { type: 'boot'; boot: BootInterpreter }
  | { type: 'work'; batch: Work[] };

export type FromInterpreter =
  | { type: 'ready'; python: string; modules: string[] }
  /** One for each piece of work, in order, a few at a time. */
  | { type: 'reports'; reports: (Report | Disturbed)[] }
  /** It should not be given more work, and has not done the rest of its batch. */
  | { type: 'worn'; reason: string };

/** An interrupt came in that may have been meant for the piece before. */
export type Disturbed = { disturbed: true };
