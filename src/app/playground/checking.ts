/**
 * @file Is what a person wrote a question that has an answer? Python says so before any model is asked; and it says what is true, which
 * is never asked of the person.
 */

import type { Control, Executor, Outcome } from '../../sandbox/executor';
import type { Solvable } from '../../selfplay/questions';
import type { Pair } from '../../store/records';
import type { Question } from './question';

export type Checked =
  /** `truth` is known of a deduction alone. Texts are as Python writes them, which is how models learn to read them. */
  | { ok: true; task: Solvable; truth: string | null }
  | { ok: false; about: 'program' | 'input' | 'output' | 'pairs'; reason: string };

export async function checkQuestion(
  executor: Executor,
  { mode, program, input, output, pairs, hint }: Question,
  control?: Control,
): Promise<Checked> {
  switch (mode) {
    case 'deduction': {
      const [outcome] = await executor.validate(program, [input], control);
      if (outcome.verdict !== 'ok') return refusalOf(outcome);
      const call = await asPythonWrites(executor, input);
      const truth = outcome.output;
      return { ok: true, task: { mode, program, pairs: [[call, truth]], message: '' }, truth };
    }
    case 'abduction': {
      // Of a program without an input, only what does not depend on one can be said.
      const [outcome] = await executor.validate(program, [''], control);
      if (outcome.verdict === 'syntax' || outcome.verdict === 'banned' || isWithoutF(outcome))
        return refusalOf(outcome);
      const value = await readValue(executor, output);
      if ('reason' in value)
        return { ok: false, about: 'output', reason: `The output is no value. ${value.reason}` };
      return { ok: true, task: { mode, program, pairs: [['', value.text]], message: '' }, truth: null };
    }
    case 'induction': {
      const given = pairs.filter(([from, to]) => from.trim() !== '' || to.trim() !== '');
      if (given.length < 2)
        return {
          ok: false,
          about: 'pairs',
          reason: 'Write at least two examples: one to show, and one to judge by.',
        };
      const read: Pair[] = [];
      const taking = await executor.validate(
        'def f(*values, **named):\n    return 0',
        given.map(([from]) => from),
        control,
      );
      for (const [index, [from, to]] of given.entries()) {
        const [taken, value] = [taking[index], await readValue(executor, to)];
        if (taken.verdict !== 'ok')
          return {
            ok: false,
            about: 'pairs',
            reason: `The input of example ${index + 1} cannot be read. ${taken.reason}`,
          };
        if ('reason' in value)
          return {
            ok: false,
            about: 'pairs',
            reason: `The output of example ${index + 1} is no value. ${value.reason}`,
          };
        read.push([await asPythonWrites(executor, from), value.text]);
      }
      return { ok: true, task: { mode, program: '', pairs: read, message: hint }, truth: null };
    }
    default:
      return mode satisfies never;
  }
}

type Failed = Exclude<Outcome, { verdict: 'ok' }>;

const isWithoutF = (outcome: Outcome) =>
  outcome.verdict === 'error' && outcome.reason.includes('defines no function f');

function refusalOf(outcome: Outcome): Checked {
  const failed = outcome as Failed;
  const isInput = failed.verdict === 'syntax' && failed.reason.startsWith('It is no list of arguments');
  return { ok: false, about: isInput ? 'input' : 'program', reason: faultOf(failed, isInput) };
}

function faultOf(outcome: Failed, isInput: boolean): string {
  const { verdict, reason } = outcome;
  switch (verdict) {
    case 'syntax':
      return isInput
        ? `The input is what stands between the parentheses of a call, such as 3, [1, 2]. ${reason}`
        : `Python cannot read the program: ${reason}.`;
    case 'error':
      return isWithoutF(outcome)
        ? 'The program defines no function f: call it f.'
        : `The program raises ${reason}.`;
    case 'banned':
      return `The program may not do that here. ${reason}`;
    case 'timeout':
      return `The program does not come to an end. ${reason}`;
    case 'memory':
      return `The program takes too much memory. ${reason}`;
    case 'nondeterministic':
      return `The program does not give the same each time. ${reason}`;
    case 'unsupported-value':
      return `The program gives nothing that can be asked for. ${reason}`;
    case 'too-long':
      return `The program gives more than a question may ask for. ${reason}`;
    case 'crash':
      return `Python did not survive the program. ${reason}`;
    default:
      return verdict satisfies never;
  }
}

/** The text of a value in Python's own writing. */
async function readValue(executor: Executor, text: string): Promise<{ text: string } | { reason: string }> {
  const judged = await executor.judge({ mode: 'deduction', gold: 'None', answer: text });
  return judged.verdict === 'ok' ? { text: judged.output } : { reason: judged.reason };
}

/** An argument list in Python's own writing; as it is where it has names or stars. */
async function asPythonWrites(executor: Executor, input: string): Promise<string> {
  const list = await readValue(executor, `[${input}]`);
  return 'text' in list && list.text.startsWith('[') ? list.text.slice(1, -1) : input;
}
