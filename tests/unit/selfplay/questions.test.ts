/** What a solver is shown of a task, and what decides about its answer. */
import { describe, expect, it } from 'vitest';
import type { Executor, Judgement, Question } from '../../../src/sandbox/executor';
import { judgeAnswer, questionOf, type Solvable } from '../../../src/selfplay/questions';
import type { Mode, Pair } from '../../../src/store/records';

const program = 'def f(a):\n    return a + 1';
const pairsOf = (count: number): Pair[] => Array.from({ length: count }, (_, i) => [`${i}`, `${i + 1}`]);
const task = (mode: Mode, pairs: Pair[] = [['1', '2']]): Solvable => ({
  mode,
  program,
  pairs,
  message: 'One more.',
});

describe('a question', () => {
  it.each([
    ['deduction', task('deduction'), { mode: 'deduction', program, input: '1' }],
    ['error', task('error', [['1', 'ValueError']]), { mode: 'error', program, input: '1' }],
    ['abduction', task('abduction'), { mode: 'abduction', program, output: '2' }],
  ] as const)('of %s has the program and never the gold answer', (_name, of, expected) => {
    expect(questionOf(of)).toEqual(expected);
  });

  it.each([
    [10, 5],
    [5, 2],
    [2, 1],
    [1, 0],
  ])('of induction with %i pairs shows the first %i, and no program', (count, shown) => {
    expect(questionOf(task('induction', pairsOf(count)))).toEqual({
      mode: 'induction',
      shown: pairsOf(count).slice(0, shown),
      message: 'One more.',
    });
  });
});

/** Says what it was told to, and remembers what it was asked. */
function scripted(judgement: Partial<Judgement> = {}) {
  const asked: Question[] = [];
  const judge: Executor['judge'] = async (question, control) => {
    control?.signal?.throwIfAborted();
    asked.push(question);
    return { verdict: 'ok', output: '', ms: 1, steps: 1, correct: true, ...judgement } as Judgement;
  };
  return { asked, executor: { judge } as Executor };
}

describe('an answer', () => {
  it.each([
    [task('deduction'), { mode: 'deduction', gold: '2', answer: 'x' }],
    [task('abduction'), { mode: 'abduction', program, gold: '2', answer: 'x' }],
    [task('induction', pairsOf(5)), { mode: 'induction', pairs: pairsOf(5).slice(2), answer: 'x' }],
    [task('induction', pairsOf(1)), { mode: 'induction', pairs: pairsOf(1), answer: 'x' }],
  ] as [Solvable, Question][])('to $mode is judged by what it was not shown', async (of, question) => {
    const { asked, executor } = scripted();
    await judgeAnswer(executor, of, 'x');
    expect(asked).toEqual([question]);
  });

  it.each([
    ['right', { correct: true }, { kind: 'answer', verdict: 'ok', reason: null, correct: true, right: null }],
    [
      'that fails',
      { verdict: 'timeout', reason: 'too slow', correct: false },
      { kind: 'answer', verdict: 'timeout', reason: 'too slow', correct: false, right: null },
    ],
    [
      'right in part',
      { correct: false, right: [true, false] },
      { kind: 'answer', verdict: 'ok', reason: null, correct: false, right: [true, false] },
    ],
  ] as [string, Partial<Judgement>, object][])(
    '%s is recorded as such',
    async (_name, judgement, expected) => {
      const { executor } = scripted(judgement);
      expect(await judgeAnswer(executor, task('induction', pairsOf(4)), 'x')).toEqual(expected);
    },
  );

  it.each([
    ['ValueError', true],
    [' ValueError\n', true],
    ["'ValueError'", true],
    ['"ValueError"', true],
    ['" ValueError "', true],
    ['\'ValueError"', false],
    ['"ValueError', false],
    ["''ValueError''", false],
    ['valueerror', false],
    ['ValueError()', false],
    ['KeyError', false],
    ['', false],
    ["'", false],
  ])('%j to error is right: %s, without running anything', async (answer, correct) => {
    const { asked, executor } = scripted();
    const judged = await judgeAnswer(executor, task('error', [['1', 'ValueError']]), answer);
    expect(judged).toEqual({ kind: 'answer', verdict: 'ok', reason: null, correct, right: null });
    expect(asked).toEqual([]);
  });

  it('can be given up', async () => {
    const { executor } = scripted();
    const signal = AbortSignal.abort(new Error('stopped'));
    await expect(judgeAnswer(executor, task('deduction'), 'x', { signal })).rejects.toThrow('stopped');
  });
});
