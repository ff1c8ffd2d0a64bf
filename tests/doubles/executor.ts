/**
 * @file An Executor without Python: it knows the little language of toy-python.ts, tells its truth, and judges with the real judge. It
 * answers after a few random turns of the event queue, so that whoever counts on an order is found out.
 */

import {
  type About,
  type Check,
  type Checked,
  type Control,
  defaultLimits,
  type Executor,
  type Judgement,
  type Measurement,
  type Outcome,
  type Question,
  type Rewriting,
  type Rewritten,
  type Trace,
  type TraceStep,
} from '../../src/sandbox/executor';
import { GoldError, judgeDeduction, matches, readGold } from '../../src/sandbox/judge';
import { parseArguments } from '../../src/sandbox/literal';
import { repr } from '../../src/sandbox/repr';
import { Chance, turns } from './chance';
import { type Program, parseProgram } from './toy-parser';
import { bannedIn, callProgram } from './toy-python';
import { measuresOf, rewriteProgram } from './toy-text';

export interface ExecutorOptions {
  /** Of the delays alone: verdicts do not depend on it. */
  seed?: number;
  /** Called before each call is answered, with how many there were before it; what it throws the executor throws. */
  before?: (call: number) => void;
}

export class ScriptedExecutor implements Executor {
  calls = 0;
  readonly counts: Partial<Record<keyof Executor, number>> = {};
  private readonly delays: Chance;
  private readonly before: (call: number) => void;

  constructor({ seed = 0, before = () => {} }: ExecutorOptions = {}) {
    this.delays = new Chance('executor', seed);
    this.before = before;
  }

  async about(): Promise<About> {
    return aboutToys;
  }

  async run(program: string, inputs: string[], control?: Control): Promise<Outcome[]> {
    await this.called('run', control);
    return inputs.map((input) => outcomeOf(program, input, 'once'));
  }

  async validate(program: string, inputs: string[], control?: Control): Promise<Outcome[]> {
    await this.called('validate', control);
    return inputs.map((input) => shown(outcomeOf(program, input, 'twice')));
  }

  async raises(program: string, inputs: string[], control?: Control): Promise<Outcome[]> {
    await this.called('raises', control);
    return inputs.map((input) => exceptionOf(program, input));
  }

  async judge(question: Question, control?: Control): Promise<Judgement> {
    await this.called('judge', control);
    try {
      return judged(question);
    } catch (error) {
      if (!(error instanceof GoldError)) throw error;
      return { ...failed('unsupported-value', error.message), correct: false };
    }
  }

  async trace(program: string, input: string, _bounds?: unknown, control?: Control): Promise<Trace> {
    await this.called('trace', control);
    const outcome = outcomeOf(program, input, 'once');
    if (outcome.verdict !== 'ok') {
      return { verdict: outcome.verdict, reason: outcome.reason, steps: [], complete: false };
    }
    const { output } = outcome;
    // Toys have one thing to tell; what is long is cut.
    const steps: TraceStep[] = [{ line: 1, depth: 0, kind: 'return', value: output }];
    return { verdict: 'ok', output, steps, complete: output.length <= 80 };
  }

  async measure(source: string, control?: Control): Promise<Measurement> {
    await this.called('measure', control);
    const program = parseProgram(source);
    return program
      ? { verdict: 'ok', measures: measuresOf(program) }
      : { verdict: 'syntax', reason: 'It is no Python.' };
  }

  async rewrite(program: string, rewriting: Rewriting, control?: Control): Promise<Rewritten> {
    await this.called('rewrite', control);
    return rewriteProgram(program, rewriting);
  }

  async check(checks: Check[], control?: Control): Promise<Checked[]> {
    return Promise.all(
      checks.map(async (check): Promise<Checked> => {
        switch (check.kind) {
          case 'judge':
            return { kind: 'judge', judgement: await this.judge(check.question, control) };
          case 'measure':
            return { kind: 'measure', measurement: await this.measure(check.program, control) };
          case 'rewrite':
            return {
              kind: 'rewrite',
              rewritten: await this.rewrite(check.program, check.rewriting, control),
            };
          default:
            return {
              kind: check.kind,
              outcomes: await this[check.kind](check.program, check.inputs, control),
            };
        }
      }),
    );
  }

  async dispose(): Promise<void> {}

  private async called(name: keyof Executor, control?: Control): Promise<void> {
    control?.signal?.throwIfAborted();
    this.counts[name] = (this.counts[name] ?? 0) + 1;
    this.before(this.calls++);
    await turns(this.delays.below(6));
    control?.signal?.throwIfAborted();
  }
}

export const aboutToys: About = {
  python: 'toy',
  interpreters: 1,
  stopping: 'interrupt',
  startedIn: 0,
  limits: defaultLimits,
  modules: ['math'],
};

// ---- Verdicts --------------------------------------------------------------------------------------------------------

type Failed = Exclude<Outcome, { verdict: 'ok' }>;

const failed = (verdict: Failed['verdict'], reason: string, steps = 0): Failed => ({
  verdict,
  reason,
  ms: 0,
  steps,
});

/** Null if it may run. */
function refused(source: string): { program: Program } | { fault: Failed } {
  if (source.length > defaultLimits.source) return { fault: failed('too-long', 'The program is too long.') };
  const program = parseProgram(source);
  if (!program) return { fault: failed('syntax', 'It is no Python.') };
  const banned = bannedIn(program);
  return banned ? { fault: failed('banned', `${banned} may not be used.`) } : { program };
}

/** `twice`: also at another time, and it must not show. */
export function outcomeOf(source: string, input: string, times: 'once' | 'twice'): Outcome {
  const given = parseArguments(input);
  if (!given.ok) return failed('syntax', `It is no list of arguments. ${given.reason}`);
  const checked = refused(source);
  if ('fault' in checked) return checked.fault;
  const first = callProgram(checked.program, given, 1);
  const { steps } = first;
  if (first.kind === 'stopped') return failed(first.verdict, 'It used up what it had.', steps);
  if (times === 'twice') {
    const second = callProgram(checked.program, given, 2);
    const same =
      first.kind === 'value'
        ? second.kind === 'value' && repr(first.value) === repr(second.value)
        : second.kind === 'raised' && first.name === second.name;
    if (!same) return failed('nondeterministic', 'The same call gave different values.', steps);
  }
  if (first.kind === 'raised') return failed('error', first.name, steps);
  return { verdict: 'ok', output: repr(first.value), ms: 0, steps };
}

export function exceptionOf(program: string, input: string): Outcome {
  const outcome = outcomeOf(program, input, 'twice');
  if (outcome.verdict === 'ok') return { ...outcome, output: 'NoError' };
  if (outcome.verdict !== 'error') return outcome;
  return { verdict: 'ok', output: outcome.reason, ms: 0, steps: outcome.steps };
}

function shown(outcome: Outcome): Outcome {
  const long = outcome.verdict === 'ok' && outcome.output.length > defaultLimits.output;
  return long ? failed('too-long', 'Its output is too long.', outcome.steps) : outcome;
}

function judged(question: Question): Judgement {
  switch (question.mode) {
    case 'deduction':
      return { ...judgeDeduction(question.gold, question.answer), ms: 0, steps: 0 };
    case 'abduction': {
      readGold(question.gold);
      const outcome = outcomeOf(question.program, question.answer, 'twice');
      return { ...outcome, correct: matches(question.gold, outcome) };
    }
    case 'induction': {
      const outcomes = question.pairs.map(([input]) => outcomeOf(question.answer, input, 'twice'));
      const right = question.pairs.map(([, output], index) => matches(output, outcomes[index]));
      const worst = outcomes.find(({ verdict }) => verdict !== 'ok') ?? outcomes[0];
      return { ...worst, right, correct: right.every(Boolean) };
    }
    default:
      return question satisfies never;
  }
}
