/**
 * @file The Executor: hostile Python in, verdicts out. The loop knows this interface and nothing of Pyodide, workers or pages.
 *
 * Programs define a function `f`. An input is the text of an argument list ("3, [1, 2], key='x'"), an output the text of a
 * value (Python's repr). Both are literals, parsed here and never evaluated (literal.ts), and gold answers are compared on
 * this side of the border (judge.ts): no interpreter that runs a model's code ever sees one.
 *
 * Whatever a program does is a verdict. An Executor throws only for its own failures (errors.ts) and when it is aborted.
 */

export interface Executor {
  about(): Promise<About>;
  /** Runs f once on each input, in one interpreter. */
  run(program: string, inputs: string[], control?: Control): Promise<Outcome[]>;
  /**
   * Is this a program that always answers the same? Runs f on each input twice in one interpreter, where state kept between
   * calls shows, and once more in another with a different hash seed and the inputs in reverse, where hashes, addresses and
   * the order of calls show.
   */
  validate(program: string, inputs: string[], control?: Control): Promise<Outcome[]>;
  /**
   * As `validate`, for tasks that ask which exception is raised: of a call that returns or raises, the outcome is 'ok' and its
   * output the bare name of the exception's class (ValueError), or NoError where f returned. What is no exception of the program
   * (time, memory, a crash, a banned name, wrong syntax) stays a failure; so does a program that raises now this, now that
   * (nondeterministic).
   */
  raises(program: string, inputs: string[], control?: Control): Promise<Outcome[]>;
  /** Is the answer right? A program that an answer makes run is validated on the way. */
  judge(question: Question, control?: Control): Promise<Judgement>;
  /** What f does on one input, step by step, as far as the bounds allow. */
  trace(program: string, input: string, bounds?: Partial<TraceBounds>, control?: Control): Promise<Trace>;
  measure(program: string, control?: Control): Promise<Measurement>;
  /** The same program, changed. Nothing of it is run. */
  rewrite(program: string, rewriting: Rewriting, control?: Control): Promise<Rewritten>;
  /** A batch at once; answers come in the order of the checks. */
  check(checks: Check[], control?: Control): Promise<Checked[]>;
  /** Stops every interpreter. Calls under way and later ones fail. */
  dispose(): Promise<void>;
}

// ---- Verdicts ------------------------------------------------------------------------------------------------------

export const failures = [
  'syntax', //            the program, the input or the answer is not Python of the kind that is asked for
  'banned', //            it names something that programs may not use
  'error', //             it raised an exception
  'timeout', //           it used up its steps, or its time
  'memory', //            it used up its memory
  'nondeterministic', //  the same call gave different values
  'unsupported-value', // it returned what is not plain data: an object, a generator, NaN
  'too-long', //          it returned more than a task may show
  'crash', //             the interpreter did not survive it
] as const;
export type Failure = (typeof failures)[number];
export type Verdict = 'ok' | Failure;

/** `ms` is the time in interpreters; `steps` the calls and loop passes of one run, the same on every machine. */
export type Outcome =
  | { verdict: 'ok'; output: string; ms: number; steps: number }
  | { verdict: Failure; reason: string; ms: number; steps: number };

// ---- Judging -------------------------------------------------------------------------------------------------------

/** One call of f: the text of its argument list and the text of its value. */
export type Pair = [input: string, output: string];

export type Question =
  | { mode: 'deduction'; gold: string; answer: string }
  | { mode: 'abduction'; program: string; gold: string; answer: string }
  | { mode: 'induction'; pairs: Pair[]; answer: string };

/** `verdict` tells what became of the answer; only an answer that is 'ok' can be correct. */
export type Judgement = Outcome & {
  correct: boolean;
  /** Induction only: which of the pairs the answer's program gets right. */
  right?: boolean[];
};

// ---- Traces --------------------------------------------------------------------------------------------------------

export interface TraceBounds {
  /** Steps kept; a longer run is cut there and marked. */
  steps: number;
  /** Characters of one value; a longer one is cut there and ends with "…". */
  characters: number;
}

export type Trace =
  | { verdict: 'ok'; steps: TraceStep[]; complete: boolean; output: string }
  | { verdict: Failure; reason: string; steps: TraceStep[]; complete: boolean };

/** `line` counts from 1 in the program's text, `depth` is 0 in f and one more in each call from there; values are reprs. */
export type TraceStep = { line: number; depth: number } & (
  | { kind: 'call'; name: string; arguments: [name: string, value: string][] }
  /** One operation: its operands first, as they were when it ran ("+", ["8", "7"] -> "15"; "max", ["3", "9"] -> "9"). */
  | { kind: 'operation'; operator: string; operands: string[]; value: string }
  | { kind: 'assign'; target: string; value: string }
  /** The test of an if, while, assert, conditional expression or comprehension. */
  | { kind: 'test'; value: boolean }
  /** A loop takes its next item; `remaining` holds this one and those still to come, or null where they cannot be known. */
  | { kind: 'iterate'; target: string; pass: number; value: string; remaining: string[] | null }
  | { kind: 'exhausted'; target: string; passes: number }
  | { kind: 'return'; value: string }
  | { kind: 'raise'; value: string }
);

// ---- Measures ------------------------------------------------------------------------------------------------------

export type Measurement = { verdict: 'ok'; measures: Measures } | { verdict: Failure; reason: string };

export interface Measures {
  /** Equal for programs that differ only in layout, comments, docstrings and the names they give their variables. */
  astHash: string;
  /** Of the whole program, as radon counts it. */
  cyclomatic: number;
  /** Of its most complex function. */
  maxCyclomatic: number;
  /** As complexipy counts it. */
  cognitive: number;
  halstead: {
    distinctOperators: number;
    distinctOperands: number;
    operators: number;
    operands: number;
    vocabulary: number;
    length: number;
    volume: number;
    difficulty: number;
    effort: number;
  };
  /** Lines with code on them: no blanks, comments or docstrings. */
  lines: number;
  /** Nodes of the syntax tree. */
  nodes: number;
}

// ---- Rewriting -----------------------------------------------------------------------------------------------------

export type Rewriting =
  /** Without comments and docstrings; without statements at top level that are neither imports nor definitions; without calls of print. */
  | { kind: 'strip'; comments: boolean; globals: boolean; prints: boolean }
  /** f gets this name, and what else the program defines at top level gets it as a prefix, so that it can stand before another program. */
  | { kind: 'rename'; to: string }
  /**
   * Puts these functions (as 'rename' made them) before the program, whose f must build on them: it defines none of them again,
   * calls each by its name with arguments made of names that are in scope there, and does not merely pass on what one of them
   * gives.
   */
  | { kind: 'compose'; functions: { name: string; program: string }[] };

/** 'not-composite' is said of programs that do not build on the functions they were given. */
export type Rewritten =
  | { verdict: 'ok'; program: string }
  | { verdict: Failure | 'not-composite'; reason: string };

// ---- Batches -------------------------------------------------------------------------------------------------------

export type Check =
  | { kind: 'run' | 'validate' | 'raises'; program: string; inputs: string[] }
  | { kind: 'judge'; question: Question }
  | { kind: 'measure'; program: string }
  | { kind: 'rewrite'; program: string; rewriting: Rewriting };

export type Checked =
  | { kind: 'run' | 'validate' | 'raises'; outcomes: Outcome[] }
  | { kind: 'judge'; judgement: Judgement }
  | { kind: 'measure'; measurement: Measurement }
  | { kind: 'rewrite'; rewritten: Rewritten };

export interface Control {
  signal?: AbortSignal;
  onProgress?: (progress: { done: number; total: number }) => void;
}

// ---- Limits --------------------------------------------------------------------------------------------------------

export interface Limits {
  /** Calls and loop passes of one run of f. Counted, not timed, so that a verdict does not depend on how busy a machine is. */
  steps: number;
  /** Milliseconds after which a run is interrupted: for what does not count as steps, such as one huge product. */
  softTime: number;
  /** Milliseconds after which its interpreter is thrown away: for what cannot be interrupted. */
  hardTime: number;
  /** Bytes of an interpreter, itself (30 MB) included. */
  memory: number;
  /** Characters of an output, so that a task can be shown to a model. */
  output: number;
  /** Lists within lists, in inputs and outputs. */
  depth: number;
  /** Characters of a program, an input or an answer. */
  source: number;
}

export const defaultLimits: Limits = {
  steps: 100_000,
  softTime: 500,
  hardTime: 2_000,
  memory: 128 * 2 ** 20,
  output: 400, // what the original cut off, and so made unsolvable, is refused here
  depth: 40,
  source: 20_000,
};

export interface About {
  python: string;
  /** Interpreters that answer calls at the same time; spares not counted. */
  interpreters: number;
  /** 'interrupt': a run can be stopped and its interpreter kept; 'terminate': the interpreter goes with it. */
  stopping: 'interrupt' | 'terminate';
  /** Milliseconds from nothing to the first interpreter that answers. */
  startedIn: number;
  limits: Limits;
  /** The modules a program may import, for the proposer's prompt. */
  modules: string[];
}
