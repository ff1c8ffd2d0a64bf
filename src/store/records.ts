/**
 * @file What a run leaves behind. These records are the log: they are stored, exported and replayed as they are, and everything
 * that the page shows of a run comes from them. Rewards and advantages can be derived again from what is recorded here.
 *
 * Changing a record means a new `logVersion`, and a migration with a test. A field that may be left out, as it was before there was
 * one, changes nothing.
 */

export const logVersion = 1;

export const modes = ['deduction', 'abduction', 'induction', 'error'] as const;
/** Predict the output, find an input, write the program; `error`: predict which exception is raised (off by default). */
export type Mode = (typeof modes)[number];

export const roles = ['propose', 'solve'] as const;
export type Role = (typeof roles)[number];

/** One call of f: its argument list and its value, both as text. */
export type Pair = [input: string, output: string];

export interface Task {
  /** Counts from 1 within a run, in the order in which tasks were accepted. */
  id: number;
  mode: Mode;
  program: string;
  /** One, or N for induction: the first half is shown to the solver, the rest is hidden. Of `error`, the output names an exception. */
  pairs: Pair[];
  /** Calls and loop passes of f on the input of each pair, as the sandbox counts them. Logs from before have none. */
  effort?: number[];
  /** Induction: what the proposer tells the solver. */
  message: string;
  thought: string;
  /** 0 for seeds. */
  step: number;
  origin: 'identity' | 'file' | 'seeding' | 'proposed';
  /** Ids of the tasks that were shown to the proposer as references, or whose program an induction task is about. */
  parents: number[];
  astHash: string;
  /** What it does on probe inputs; equal for programs that behave alike there. */
  behaviour: string;
  /** The latest estimate, null for seeds that nobody tried. */
  solveRate: number | null;
  /** Names of the composite functions g_0, g_1 ... that stand before f, if any. */
  composite: string[];
}

/** One completion: a proposal or an attempt at a task. */
export interface Episode {
  /** Counts from 1 within a run. */
  id: number;
  step: number;
  mode: Mode;
  role: Role;
  /** Completions with the same group share a prompt: the n attempts at one proposal, for instance. */
  group: number;
  /** A solver's: the task it was given. A proposer's: the task that came of it, if one did. Null for none, or one not accepted. */
  task: number | null;
  /** A solver's attempt at a proposal: that proposal's episode. */
  proposal: number | null;
  prompt: string;
  completion: string;
  /** Token ids of the completion, and the policy's log-probability of each. */
  tokens: Int32Array;
  logProbs: Float32Array;
  promptTokens: number;
  stopReason: 'stop' | 'length';
  /** Version of the weights that wrote it. */
  policy: number;
  /** What the dialect made of the text: whether the format was kept, and the parts it found. */
  format: boolean;
  parsed: Parsed | null;
  judged: Judged;
  reward: number;
  /** The terms that make up the reward, by name, before they were combined. */
  terms: Record<string, number>;
  /** Null for what was not trained on. */
  advantage: number | null;
  /** Names of the safety rules that its text matched. */
  flags: string[];
}

export type Parsed =
  | { kind: 'proposal'; program: string; inputs: string[]; message: string; thought: string }
  | { kind: 'answer'; answer: string; thought: string };

/** What the sandbox and the gate said. */
export type Judged =
  /** It could not be read, so nothing ran. */
  | { kind: 'unread'; reason: string }
  | {
      kind: 'proposal';
      /** Of the sandbox: 'ok' or why not. */
      verdict: string;
      reason: string | null;
      outputs: string[];
      /** Of the gate: what kept it out of the buffer, null if nothing did. */
      refused: Refusal | null;
      /** Mean success of the attempts at it; null if none were made. */
      solveRate: number | null;
    }
  | {
      kind: 'answer';
      verdict: string;
      reason: string | null;
      correct: boolean;
      right: boolean[] | null;
      /**
       * Of a right answer, where rewards depend on it: the share of its thought that is the true trace before the first mistake, 1
       * only for the very trace; null where there is no whole trace.
       */
      trace?: number | null;
    };

export const refusals = [
  'invalid', //       it does not run, or not within the limits
  'duplicate', //     its syntax tree is that of a task that is there
  'same-behaviour', // it does what a task that is there does
  'too-easy', //      every attempt solved it
  'too-hard', //      no attempt did
  'held-out', //      the run is tested with this program, or one that does the same
  'leak', //          its message tells the program, or its inputs repeat
  'constant', //      its output does not depend on its input
  'dead', //          without one of its statements it does the same
  'too-large', //     a value in it is larger than those the model knows
  'alike', //         there are enough tasks that differ from it in constants only
  'not-composite', // it does not use the functions it was given
  'too-long', //      its prompt would not fit
  'malformed', //     valid, but not in the format that was asked for
] as const;
export type Refusal = (typeof refusals)[number];

/** A text that a step was taught in supervised form: an answer to a task with the true thought, or a proposal that became one. */
export interface Lesson {
  task: number;
  mode: Mode;
  kind: 'answer' | 'proposal';
  prompt: string;
  completion: string;
  /** Where the task's program was run on the input of another task: that call. */
  borrowed?: Pair;
}

/** Everything a step adds, written at once or not at all. */
export interface StepRecord {
  step: number;
  /** Milliseconds since 1970, for people only: nothing depends on it. */
  at: number;
  episodes: Episode[];
  /** Accepted in this step. */
  tasks: Task[];
  /** Solve rates that changed, and tasks that left a buffer because it was full or because they are mastered. */
  updates: TaskUpdate[];
  metrics: Record<string, number>;
  alerts: Alert[];
  /** Left out where there were none. */
  lessons?: Lesson[];
}

export interface TaskUpdate {
  task: number;
  solveRate?: number;
  left?: 'full' | 'mastered';
}

export interface Alert {
  kind: string;
  message: string;
}

/** What is needed to go on after a step, besides the records of all steps up to it. */
export interface Snapshot {
  step: number;
  nextTask: number;
  nextEpisode: number;
  /** Ids of the tasks in each buffer, oldest first. */
  buffers: Record<Mode, number[]>;
  /** State of parts that keep some: collapse watch, schedulers, answer counts. Plain data, each under its own name. */
  state: Record<string, unknown>;
}

export interface RunInfo {
  id: string;
  name: string;
  createdAt: number;
  logVersion: number;
  /** Of the program that made it. */
  appVersion: string;
  seed: number;
  /** The complete configuration, as src/selfplay/config.ts reads it. */
  config: unknown;
  backend: string;
  device: string;
  /** Where the model came from, in words. */
  model: string;
  status: 'running' | 'paused' | 'finished' | 'failed';
  /** The last step that is stored. */
  step: number;
  parent: { run: string; step: number } | null;
  /** Where its steps were computed, oldest first; left out where that was always the same place. */
  places?: Place[];
  /** Words of the user's own. */
  note?: string;
  /** Which of the page's colours stands for it in charts, counted from 0. */
  colour?: number;
}

/** A backend that had a run from a step on, until the next one did. */
export interface Place {
  from: number;
  backend: string;
  device: string;
}

/** Weights after a step, in the files of a Hugging Face folder with the trainer's state beside them. */
export interface Checkpoint {
  run: string;
  step: number;
  at: number;
  bytes: number;
  files: Record<string, Uint8Array>;
}
