/** What people write in the playground, checked and judged by the sandbox's own Python. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkQuestion } from '../../../src/app/playground/checking';
import { examples, firstQuestion } from '../../../src/app/playground/examples';
import { judgeSample } from '../../../src/app/playground/judging';
import { playModes, type Question } from '../../../src/app/playground/question';
import type { Executor } from '../../../src/sandbox/executor';
import { createDialect } from '../../../src/selfplay/dialects';
import type { Solvable } from '../../../src/selfplay/questions';
import { Truths, truthOf } from '../../../src/selfplay/truths';
import { openNodePython } from '../../doubles/node-python';

let python: Executor;
beforeAll(async () => {
  python = await openNodePython();
});
afterAll(() => python.dispose());

const double = 'def f(x):\n    return x * 2';
const check = (question: Partial<Question>) => checkQuestion(python, { ...firstQuestion, ...question });

describe('a question', () => {
  it('every example is one', async () => {
    for (const mode of playModes) {
      for (const { name, question } of examples[mode])
        expect(await check({ ...question, mode }), `${mode}: ${name}`).toMatchObject({ ok: true });
    }
  });

  it('every example of abduction has an answer: the input of the deduction of that name', async () => {
    const truths = examples.deduction.map(async ({ name, question }) => {
      const checked = await check({ ...question, mode: 'deduction' });
      return [name, checked.ok && checked.truth];
    });
    const outputs = examples.abduction.map(({ name, question }) => [name, question.output]);
    expect(await Promise.all(truths)).toEqual(outputs);
  });

  it('of deduction gets its answer from Python, and texts as Python writes them', async () => {
    expect(await check({ mode: 'deduction', program: double, input: ' [1,2 ,"a"]' })).toEqual({
      ok: true,
      task: {
        mode: 'deduction',
        program: double,
        pairs: [["[1, 2, 'a']", "[1, 2, 'a', 1, 2, 'a']"]],
        message: '',
      },
      truth: "[1, 2, 'a', 1, 2, 'a']",
    });
    const named = await check({
      mode: 'deduction',
      program: 'def f(x, y=1):\n    return x - y',
      input: '3,y = 2',
    });
    expect(named).toMatchObject({ task: { pairs: [['3,y = 2', '1']] } });
    const nothing = await check({ mode: 'deduction', program: 'def f():\n    return 1', input: '' });
    expect(nothing).toMatchObject({ task: { pairs: [['', '1']] }, truth: '1' });
  });

  it('of abduction and induction is put as Python writes it, too', async () => {
    expect(await check({ mode: 'abduction', program: double, output: '[1,1]' })).toMatchObject({
      task: { pairs: [['', '[1, 1]']] },
      truth: null,
    });
    const pairs: [string, string][] = [
      ['1,2', '"a"'],
      ['', ''],
      ['[ ]', '2'],
    ];
    expect(await check({ mode: 'induction', pairs, hint: 'h' })).toMatchObject({
      task: {
        program: '',
        message: 'h',
        pairs: [
          ['1, 2', "'a'"],
          ['[]', '2'],
        ],
      },
    });
  });

  it.each<[string, Partial<Question>, string, RegExp]>([
    [
      'wrong syntax',
      { program: 'def f(x):\n    return x +' },
      'program',
      /cannot read the program: SyntaxError/,
    ],
    [
      'an exception',
      { program: 'def f(x):\n    return 1 / 0' },
      'program',
      /^The program raises ZeroDivisionError: division by zero\.$/,
    ],
    ['another name', { program: 'def g(x):\n    return x' }, 'program', /defines no function f: call it f/],
    [
      'a forbidden module',
      { program: 'import os\ndef f(x):\n    return x' },
      'program',
      /may not do that here\. .*import os/,
    ],
    ['no end', { program: 'def f(x):\n    while True:\n        pass' }, 'program', /does not come to an end/],
    ['chance', { program: 'def f(x):\n    return id(object())' }, 'program', /not give the same each time/],
    ['a bad input', { input: '[1, 2' }, 'input', /between the parentheses of a call.*list of arguments/],
    ['too many arguments', { input: '1, 2' }, 'program', /raises TypeError: f\(\) takes 1/],
    ['a bad output', { mode: 'abduction', output: 'x + 1' }, 'output', /The output is no value/],
    [
      'an abduction of no program',
      { mode: 'abduction', program: 'def f(x' },
      'program',
      /cannot read the program/,
    ],
    ['an abduction without f', { mode: 'abduction', program: 'x = 1' }, 'program', /call it f/],
    [
      'one example',
      {
        mode: 'induction',
        pairs: [
          ['1', '2'],
          ['', ''],
        ],
      },
      'pairs',
      /at least two examples/,
    ],
    [
      'an example without input',
      {
        mode: 'induction',
        pairs: [
          ['1', '2'],
          ['(', '2'],
        ],
      },
      'pairs',
      /input of example 2 cannot be read/,
    ],
    [
      'an example without output',
      {
        mode: 'induction',
        pairs: [
          ['1', ''],
          ['2', '2'],
        ],
      },
      'pairs',
      /output of example 1 is no value/,
    ],
  ])('with %s is refused in words', async (_, question, about, reason) => {
    const checked = await check({ program: double, input: '3', mode: 'deduction', ...question });
    expect(checked).toMatchObject({ ok: false, about, reason: expect.stringMatching(reason) });
  });
});

describe('an answer', () => {
  const dialect = createDialect('compact');
  const judge = async (
    task: Solvable,
    answer: string,
    { thought = '', cut = false, completion = '' } = {},
  ) => {
    const judging = {
      executor: python,
      truths: new Truths(python),
      task,
      dialect,
      signal: new AbortController().signal,
    };
    return judgeSample(judging, completion || dialect.writeAnswer(task.mode, { answer, thought }), cut);
  };
  const deduction: Solvable = { mode: 'deduction', program: double, pairs: [['3', '6']], message: '' };
  const abduction: Solvable = { mode: 'abduction', program: double, pairs: [['', '6']], message: '' };
  const induction: Solvable = {
    mode: 'induction',
    program: '',
    pairs: [
      ['1', '2'],
      ['2', '4'],
      ['3', '6'],
      ['4', '8'],
    ],
    message: '',
  };

  it.each<[string, Solvable, string, boolean, RegExp]>([
    ['deduction', deduction, '6', true, /^That is what Python says\.$/],
    ['deduction', deduction, '7', false, /^Python says 6\.$/],
    ['deduction', deduction, '7 +', false, /^It is no value\. .*\.$/],
    ['abduction', abduction, '3', true, /^There f gives 6\.$/],
    ['abduction', abduction, '4', false, /^There f gives 8, and not 6\.$/],
    ['abduction', abduction, 'None', false, /^There f fails: TypeError.*\.$/],
    ['abduction', abduction, '(', false, /^It is no input\. .*\.$/],
    ['induction', induction, double, true, /^It is right for all 2 hidden examples\.$/],
    [
      'induction',
      induction,
      'def f(x):\n    return x + 3',
      false,
      /^It is right for 1 of 2 hidden examples; f\(4\) is 7 and should be 8\.$/,
    ],
    ['induction', induction, 'def f(x):\n    return y', false, /^Its program fails: NameError.*\.$/],
    ['induction', induction, 'def f(x)', false, /^It is no program\. SyntaxError.*\.$/],
  ])('to a question of %s is told in a sentence (%#)', async (_, task, answer, right, reason) => {
    expect(await judge(task, answer)).toMatchObject({ answer, right, reason: expect.stringMatching(reason) });
  });

  it('that cannot be read says why', async () => {
    expect(await judge(deduction, '', { completion: 'chatter' })).toMatchObject({
      answer: null,
      right: false,
      reason: 'It did not keep to the form. There is no ⟨ans⟩.',
    });
    expect(await judge(deduction, '', { completion: 'chatter', cut: true })).toMatchObject({
      reason: 'It was still writing when there was no room left.',
    });
  });

  it('comes with how far its thought was true', async () => {
    const truth = (await truthOf(new Truths(python), deduction, '6')) ?? '';
    expect(truth).not.toBe('');
    expect((await judge(deduction, '6', { thought: truth })).trace).toMatch(/what Python does, step by step/);
    const half = `${truth.split('\n').slice(0, 2).join('\n')}\nand so on`;
    expect((await judge(deduction, '7', { thought: half })).trace).toMatch(
      /^The first \d+ % of its thought are true\.$/,
    );
    expect((await judge(deduction, '7', { thought: '\nno idea' })).trace).toMatch(/wrong at the first step/);
    expect((await judge(deduction, '6')).trace).toBeNull();
    expect((await judge(abduction, '4', { thought: '\nno idea' })).trace).toBeNull();
  });
});
