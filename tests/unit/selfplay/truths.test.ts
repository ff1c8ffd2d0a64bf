/** How true a solver's thought is, by what the real Python traces. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Executor } from '../../../src/sandbox/executor';
import { type Config, readConfig } from '../../../src/selfplay/config';
import type { Answer, Reading } from '../../../src/selfplay/dialect';
import type { Solvable } from '../../../src/selfplay/questions';
import { Truths, withTrace } from '../../../src/selfplay/truths';
import type { Judged, Mode } from '../../../src/store/records';
import { openNodePython } from '../../doubles/node-python';

let python: Executor;
/** Programs and inputs that were traced. */
let asked: [program: string, input: string][] = [];
beforeAll(async () => {
  python = await openNodePython();
}, 60_000);
afterAll(() => python.dispose());

const truths = (): Truths => {
  asked = [];
  return new Truths({
    trace: (program, input, ...rest) => {
      asked.push([program, input]);
      return python.trace(program, input, ...rest);
    },
  });
};

const program = 'def f(x):\n    a = x * x\n    return a + 1';
const task = (mode: Mode): Solvable => ({ mode, program, pairs: [['3', '10']], message: '' });
const trueThought = (x: number) => `\n1: x=${x}\n2:${x}*${x} a=${x * x}\n3:${x * x}+1 =${x * x + 1}`;
const backwards = (x: number) => `\n3:${x * x}+1 =${x * x + 1}\n2:${x}*${x} a=${x * x}\n1: x=${x}`;
const reading = (thought: string, answer: string, format = true): Reading<Answer> => ({
  format,
  parsed: { kind: 'answer', answer, thought },
});
const judged = (correct = true): Judged => ({
  kind: 'answer',
  verdict: 'ok',
  reason: null,
  correct,
  right: null,
});
const config = readConfig({ dialect: 'compact', 'reward.trace': 'share' });

async function traceOf(
  mode: Mode,
  thought: string,
  answer: string,
  { changes = {}, correct = true, format = true, about = task(mode), known = truths() } = {} as {
    changes?: Partial<Config>;
    correct?: boolean;
    format?: boolean;
    about?: Solvable;
    known?: Truths;
  },
) {
  const all = readConfig({ ...config, ...changes });
  const made = await withTrace(all, known, about, reading(thought, answer, format), judged(correct));
  return made.kind === 'answer' ? made.trace : undefined;
}

describe('the thought of a right answer', () => {
  it.each<[string, Mode, string, string, number]>([
    ['deduction, to the letter', 'deduction', trueThought(3), '10', 1],
    ['deduction, wrong in its second step', 'deduction', trueThought(3).replace('a=9', 'a=8'), '10', 1 / 3],
    ['deduction, without one', 'deduction', '', '10', 0],
    ['abduction, about the input of the task', 'abduction', backwards(3), '3', 1],
    ['abduction, about another input that is right', 'abduction', backwards(-3), '-3', 1],
    ['abduction, about another input than it answers', 'abduction', backwards(3), '-3', 1 / 3],
    ['abduction, from the beginning', 'abduction', trueThought(3), '3', 0],
  ])('%s', async (_name, mode, thought, answer, share) => {
    expect(await traceOf(mode, thought, answer)).toBe(share);
  });

  it.each([
    ['wrong', { correct: false }],
    ['in another form', { format: false }],
    ['where nobody asks', { changes: { 'reward.trace': 'off' as const } }],
  ])('is not traced: %s', async (_name, how) => {
    expect(await traceOf('deduction', trueThought(3), '10', how)).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it.each(['induction', 'error'] as const)('is not traced: %s', async (mode) => {
    expect(await traceOf(mode, '', '10')).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it('is not known where there is no whole trace', async () => {
    const long: Solvable = {
      ...task('deduction'),
      program: 'def f(x):\n    for i in range(300):\n        x += 1\n    return x',
      pairs: [['3', '303']],
    };
    expect(await traceOf('deduction', '', '303', { about: long })).toBeNull();
  });

  it('is traced once for all attempts of a step', async () => {
    const known = truths();
    for (const thought of ['', trueThought(3)]) await traceOf('deduction', thought, '10', { known });
    await traceOf('abduction', trueThought(3), '3', { known });
    await traceOf('abduction', trueThought(3), '-3', { known });
    expect(asked).toEqual([
      [program, '3'],
      [program, '-3'],
    ]);
  });
});
