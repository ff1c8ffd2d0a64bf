/**
 * @file The trusted side of the sandbox: parses inputs and answers, sends programs to the warden, and makes verdicts of what comes
 * back, which may be a lie in every byte. Works in the page or in a worker, over the port that connectSandbox() gives.
 */

import { SandboxClosedError } from './errors';
import {
  type About,
  type Check,
  type Checked,
  type Control,
  type Executor,
  failures,
  type Judgement,
  type Measurement,
  type Outcome,
  type Question,
  type Rewriting,
  type Rewritten,
  type Trace,
  type TraceBounds,
} from './executor';
import { GoldError, judgeDeduction, matches, readGold } from './judge';
import { type LiteralLimits, parseArguments, parseValue } from './literal';
import {
  type FromWarden,
  type Job,
  type JobResult,
  longestOutput,
  type Report,
  type Seed,
  type ToWarden,
  type Work,
} from './protocol';
import { argumentsSource, callText } from './repr';
import { identical } from './value';

/** Calls of one program, and whether their values are asked for or the names of the exceptions they raise. */
interface Calling {
  program: string;
  inputs: string[];
  asks: 'value' | 'exception';
  twoSeeds: boolean;
}

interface Waiting {
  resolve(result: JobResult): void;
  reject(error: Error): void;
}

export class SandboxExecutor implements Executor {
  readonly #port: MessagePort;
  readonly #about: About;
  readonly #close: () => void;
  readonly #waiting = new Map<number, Waiting>();
  #outbox: Job[] = [];
  #nextId = 1;
  #closed?: SandboxClosedError;

  constructor(port: MessagePort, about: About, close: () => void = () => port.close()) {
    this.#port = port;
    this.#about = about;
    this.#close = close;
    port.addEventListener('message', ({ data }: MessageEvent<FromWarden>) => this.#hear(data));
    port.start();
  }

  async about(): Promise<About> {
    return this.#about;
  }

  async run(program: string, inputs: string[], control?: Control): Promise<Outcome[]> {
    return this.#shown(await this.#call({ program, inputs, asks: 'value', twoSeeds: false }, control));
  }

  async validate(program: string, inputs: string[], control?: Control): Promise<Outcome[]> {
    return this.#shown(await this.#callForValues(program, inputs, control));
  }

  async raises(program: string, inputs: string[], control?: Control): Promise<Outcome[]> {
    return this.#call({ program, inputs, asks: 'exception', twoSeeds: true }, control);
  }

  async judge(question: Question, control?: Control): Promise<Judgement> {
    try {
      return await this.#judge(question, control);
    } catch (error) {
      // A task that nobody can solve costs its own answers and not the batch.
      if (!(error instanceof GoldError)) throw error;
      return { ...failure('unsupported-value', error.message), correct: false };
    }
  }

  async #judge(question: Question, control?: Control): Promise<Judgement> {
    const nothingRan = { ms: 0, steps: 0 };
    switch (question.mode) {
      case 'deduction':
        return { ...judgeDeduction(question.gold, question.answer, this.#texts), ...nothingRan };
      case 'abduction': {
        const { program, gold, answer } = question;
        readGold(gold, this.#values); // before anything runs
        const [outcome] = await this.#callForValues(program, [answer], control);
        return { ...outcome, correct: matches(gold, outcome, this.#values) };
      }
      case 'induction': {
        const { pairs, answer } = question;
        if (pairs.length === 0) throw new GoldError('An induction task without pairs has no right answer.');
        for (const [input, output] of pairs) {
          readGold(output, this.#values);
          this.#requireInput(input);
        }
        const inputs = pairs.map(([input]) => input);
        const outcomes = await this.#callForValues(answer, inputs, control);
        const right = pairs.map(([, output], index) => matches(output, outcomes[index], this.#values));
        return { ...together(outcomes), right, correct: right.every(Boolean) };
      }
      default:
        return question satisfies never;
    }
  }

  async trace(
    program: string,
    input: string,
    bounds: Partial<TraceBounds> = {},
    control?: Control,
  ): Promise<Trace> {
    const { steps = 200, characters = 80 } = bounds;
    const failed = (verdict: (typeof failures)[number], reason: string): Trace => ({
      verdict,
      reason,
      steps: [],
      complete: false,
    });
    const parsed = this.#parseArguments(input);
    if (!parsed.ok) return failed('syntax', `The input is no list of arguments. ${parsed.reason}`);
    const tooLong = this.#tooLong(program);
    if (tooLong) return failed('too-long', tooLong);
    const call = argumentsSource(parsed);
    const { first } = await this.#send(
      { kind: 'trace', source: program, call, steps, characters },
      false,
      control,
    );
    if ('stopped' in first) return failed(first.stopped, first.reason);
    return readTrace(first.text) ?? failed('crash', unreadable);
  }

  async measure(program: string, control?: Control): Promise<Measurement> {
    const tooLong = this.#tooLong(program);
    if (tooLong) return { verdict: 'too-long', reason: tooLong };
    const { first } = await this.#send({ kind: 'measure', source: program }, false, control);
    if ('stopped' in first) return { verdict: first.stopped, reason: first.reason };
    return readMeasurement(first.text) ?? { verdict: 'crash', reason: unreadable };
  }

  async rewrite(program: string, rewriting: Rewriting, control?: Control): Promise<Rewritten> {
    const programs = rewriting.kind === 'compose' ? rewriting.functions.map((each) => each.program) : [];
    const tooLong = [program, ...programs].map((each) => this.#tooLong(each)).find(Boolean);
    if (tooLong) return { verdict: 'too-long', reason: tooLong };
    const { first } = await this.#send({ kind: 'rewrite', source: program, rewriting }, false, control);
    if ('stopped' in first) return { verdict: first.stopped, reason: first.reason };
    const rewritten = readRewritten(first.text) ?? { verdict: 'crash', reason: unreadable };
    const grown = rewritten.verdict === 'ok' && this.#tooLong(rewritten.program);
    return grown ? { verdict: 'too-long', reason: grown } : rewritten;
  }

  async check(checks: Check[], { signal, onProgress }: Control = {}): Promise<Checked[]> {
    let done = 0;
    const control = { signal };
    return Promise.all(
      checks.map(async (check) => {
        const checked = await this.#checkOne(check, control);
        onProgress?.({ done: ++done, total: checks.length });
        return checked;
      }),
    );
  }

  async dispose(): Promise<void> {
    this.#fail(new SandboxClosedError('The sandbox was closed.'));
    this.#close();
  }

  async #checkOne(check: Check, control: Control): Promise<Checked> {
    switch (check.kind) {
      case 'run':
      case 'validate':
      case 'raises':
        return { kind: check.kind, outcomes: await this[check.kind](check.program, check.inputs, control) };
      case 'judge':
        return { kind: 'judge', judgement: await this.judge(check.question, control) };
      case 'measure':
        return { kind: 'measure', measurement: await this.measure(check.program, control) };
      case 'rewrite': {
        const rewritten = await this.rewrite(check.program, check.rewriting, control);
        return { kind: 'rewrite', rewritten };
      }
      default:
        return check satisfies never;
    }
  }

  // ---- Calls -----------------------------------------------------------------------------------------------------------

  /** One outcome for each input: of those that are no argument lists at once, of the others from interpreters. */
  async #call(calling: Calling, control?: Control): Promise<Outcome[]> {
    const { program, inputs } = calling;
    const parsed = inputs.map((input) => this.#parseArguments(input));
    const calls = parsed.flatMap((input) => (input.ok ? [callText(input)] : []));
    const tooLong = this.#tooLong(program);
    const answered = tooLong
      ? calls.map(() => failure('too-long', tooLong))
      : await this.#interpret(calling, calls, control);
    const next = answered.values();
    return parsed.map((input) =>
      input.ok
        ? (next.next().value as Outcome)
        : failure('syntax', `It is no list of arguments. ${input.reason}`),
    );
  }

  #callForValues(program: string, inputs: string[], control?: Control): Promise<Outcome[]> {
    return this.#call({ program, inputs, asks: 'value', twoSeeds: true }, control);
  }

  async #interpret(
    { program, asks, twoSeeds }: Calling,
    calls: string[],
    control?: Control,
  ): Promise<Outcome[]> {
    if (calls.length === 0) return [];
    const passes = twoSeeds ? 2 : 1;
    const work: Work = { kind: 'run', source: program, calls, passes, raises: asks === 'exception' };
    const { first, second } = await this.#send(work, twoSeeds, control);
    const kindOfOutput = asks === 'exception' ? names : values(this.#values);
    const firsts = readOutcomes(first, calls.length, kindOfOutput);
    if (!twoSeeds) return firsts;
    if (!second)
      return firsts.map((outcome) =>
        outcome.verdict === 'ok' ? failureOf(outcome, 'crash', unreadable) : outcome,
      );
    const seconds = readOutcomes(second, calls.length, kindOfOutput).reverse(); // it ran them in reverse
    return firsts.map((outcome, index) => agreed(outcome, first.seed, seconds[index], kindOfOutput));
  }

  /** Tasks show outputs to a model; longer ones are refused. (Judging compares, and need not show.) */
  #shown(outcomes: Outcome[]): Outcome[] {
    const { output } = this.#about.limits;
    return outcomes.map((outcome) =>
      outcome.verdict === 'ok' && outcome.output.length > output
        ? {
            ...failureOf(
              outcome,
              'too-long',
              `Its output has ${outcome.output.length} characters; ${output} are allowed.`,
            ),
          }
        : outcome,
    );
  }

  /** How texts of a task or an answer are read, and values that come back. */
  get #texts(): LiteralLimits {
    const { depth, source } = this.#about.limits;
    return { depth, length: source };
  }

  get #values(): LiteralLimits {
    return { ...this.#texts, length: longestOutput };
  }

  #parseArguments(text: string) {
    return parseArguments(text, this.#texts);
  }

  #requireInput(text: string): void {
    const parsed = this.#parseArguments(text);
    if (!parsed.ok) throw new GoldError(`An input of the task is no list of arguments: ${parsed.reason}`);
  }

  #tooLong(program: string): string | undefined {
    const { source } = this.#about.limits;
    return program.length > source
      ? `The program has ${program.length} characters; ${source} are allowed.`
      : undefined;
  }

  // ---- The port --------------------------------------------------------------------------------------------------------

  /** Jobs of the same moment travel together. */
  #send(work: Work, twoSeeds: boolean, { signal }: Control = {}): Promise<JobResult> {
    if (this.#closed) return Promise.reject(this.#closed);
    signal?.throwIfAborted();
    const id = this.#nextId++;
    if (this.#outbox.length === 0) {
      queueMicrotask(() => {
        this.#post({ type: 'work', jobs: this.#outbox });
        this.#outbox = [];
      });
    }
    this.#outbox.push({ id, work, twoSeeds });
    return new Promise<JobResult>((resolve, reject) => {
      const abort = () => {
        this.#waiting.delete(id);
        this.#post({ type: 'cancel', ids: [id] });
        reject(signal?.reason);
      };
      const settle = () => signal?.removeEventListener('abort', abort);
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiting.set(id, {
        resolve: (result) => {
          settle();
          resolve(result);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      });
    });
  }

  #post(message: ToWarden): void {
    this.#port.postMessage(message);
  }

  #hear(message: FromWarden): void {
    if (message.type === 'results') {
      for (const result of message.results) {
        this.#waiting.get(result.id)?.resolve(result);
        this.#waiting.delete(result.id);
      }
    } else if (message.type === 'failed') {
      this.#fail(
        new SandboxClosedError(`Python cannot be started again; reload the page. (${message.reason})`),
      );
    }
  }

  #fail(error: SandboxClosedError): void {
    this.#closed ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

// ---- What comes back ---------------------------------------------------------------------------------------------------

const unreadable = 'Its interpreter answered with something that is no verdict.';

type Failed = Exclude<Outcome, { verdict: 'ok' }>;

const failure = (verdict: Failed['verdict'], reason: string): Failed => ({
  verdict,
  reason,
  ms: 0,
  steps: 0,
});

const failureOf = ({ ms, steps }: Outcome, verdict: Failed['verdict'], reason: string): Failed => ({
  verdict,
  reason,
  ms,
  steps,
});

/** What may come back as an output, and when two of them say the same. */
interface OutputKind {
  readable(output: string): boolean;
  same(a: string, b: string): boolean;
}

const names: OutputKind = {
  readable: (output) => /^[A-Za-z_][A-Za-z0-9_]{0,99}$/.test(output),
  same: (a, b) => a === b,
};

const values = (limits: LiteralLimits): OutputKind => ({
  readable: (output) => parseValue(output, limits).ok,
  same: (a, b) => sameText(a, b, limits),
});

/** One outcome for each call, whatever the interpreter sent. */
function readOutcomes(report: Report, calls: number, kind: OutputKind): Outcome[] {
  const all = (outcome: Outcome) => Array.from({ length: calls }, () => outcome);
  if ('stopped' in report)
    return all({ verdict: report.stopped, reason: report.reason, ms: report.ms, steps: 0 });
  const { ms } = report;
  try {
    const answer = JSON.parse(report.text);
    if ('verdict' in answer) return all(readOutcome(answer, ms, kind));
    if (answer.outcomes.length !== calls) return all({ ...failure('crash', unreadable), ms });
    return (answer.outcomes as unknown[]).map((outcome) => readOutcome(outcome as Claim, ms / calls, kind));
  } catch {
    return all({ ...failure('crash', unreadable), ms });
  }
}

/** What an interpreter says became of a call. */
interface Claim {
  verdict: unknown;
  output?: unknown;
  reason?: unknown;
  steps?: unknown;
}

function readOutcome(
  { verdict, output, reason, steps: claimed }: Claim,
  ms: number,
  kind: OutputKind,
): Outcome {
  const steps = typeof claimed === 'number' ? claimed : 0;
  const failed = failures.find((name) => name === verdict);
  if (failed) return { verdict: failed, reason: String(reason), ms, steps };
  const readable = verdict === 'ok' && typeof output === 'string' && kind.readable(output);
  return readable ? { verdict: 'ok', output, ms, steps } : { ...failure('crash', unreadable), ms };
}

/** What two interpreters with different hash seeds say together. The text shown is the one of seed 0. */
function agreed(first: Outcome, firstSeed: Seed, second: Outcome, kind: OutputKind): Outcome {
  if (first.verdict !== 'ok') return first;
  const ms = first.ms + second.ms;
  if (second.verdict === 'crash' || second.verdict === 'timeout') return { ...second, ms };
  if (second.verdict !== 'ok') {
    const reason = `It gave ${cut(first.output)} once, and then failed: ${second.reason}`;
    return { verdict: 'nondeterministic', reason, ms, steps: first.steps };
  }
  if (!kind.same(first.output, second.output)) {
    const reason = `It gave ${cut(first.output)} in one interpreter and ${cut(second.output)} in another.`;
    return { verdict: 'nondeterministic', reason, ms, steps: first.steps };
  }
  return { ...first, output: firstSeed === 0 ? first.output : second.output, ms };
}

function sameText(a: string, b: string, limits: LiteralLimits): boolean {
  if (a === b) return true;
  const [first, second] = [a, b].map((text) => parseValue(text, limits));
  return first.ok && second.ok && identical(first.value, second.value);
}

const cut = (text: string) => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

/** Several calls as one: what went wrong first, or all outputs as Python would print the list of them. */
function together(outcomes: Outcome[]): Outcome {
  const sum = (of: (outcome: Outcome) => number) =>
    outcomes.reduce((total, outcome) => total + of(outcome), 0);
  const totals = { ms: sum(({ ms }) => ms), steps: sum(({ steps }) => steps) };
  const failed = outcomes.find(({ verdict }) => verdict !== 'ok');
  if (failed) return { ...failed, ...totals };
  const outputs = outcomes.map((outcome) => (outcome.verdict === 'ok' ? outcome.output : ''));
  return { verdict: 'ok', output: `[${outputs.join(', ')}]`, ...totals };
}

function readTrace(text: string): Trace | undefined {
  try {
    const trace = JSON.parse(text);
    const known = trace.verdict === 'ok' || failures.includes(trace.verdict);
    return known && Array.isArray(trace.steps) ? trace : undefined;
  } catch {
    return undefined;
  }
}

function readMeasurement(text: string): Measurement | undefined {
  try {
    const { verdict, measures, reason } = JSON.parse(text);
    if (verdict === 'ok' && typeof measures.astHash === 'string') return { verdict, measures };
    return failures.includes(verdict) ? { verdict, reason: String(reason) } : undefined;
  } catch {
    return undefined;
  }
}

function readRewritten(text: string): Rewritten | undefined {
  try {
    const { verdict, program, reason } = JSON.parse(text);
    if (verdict === 'ok') return typeof program === 'string' ? { verdict, program } : undefined;
    const known = verdict === 'not-composite' || failures.includes(verdict);
    return known ? { verdict, reason: String(reason) } : undefined;
  } catch {
    return undefined;
  }
}
