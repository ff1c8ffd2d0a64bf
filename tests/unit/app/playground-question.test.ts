/** Questions in addresses and from tasks. */
import { describe, expect, it } from 'vitest';
import { examples, firstQuestion } from '../../../src/app/playground/examples';
import {
  fromParams,
  playModes,
  type Question,
  questionFrom,
  toParams,
} from '../../../src/app/playground/question';

const throughAddress = (question: Question, before = firstQuestion) => {
  const given = Object.entries(toParams(question)).flatMap(([name, value]) => (value ? [[name, value]] : []));
  return fromParams(new URLSearchParams(new URLSearchParams(given).toString()), before);
};

describe('an address', () => {
  const question: Question = {
    mode: 'deduction',
    program: 'def f(x, y):\n    return x % y + "é&=#"',
    input: '3, "a b"',
    output: '{1: "+"}',
    pairs: [
      ['1', '"a"'],
      ['[2, 3]', "'b'"],
    ],
    hint: 'Mind the ⟨sign⟩',
  };

  it.each(playModes)('holds what is asked (%s)', (mode) => {
    expect(throughAddress({ ...question, mode }, { ...question, mode: 'deduction' })).toEqual({
      ...question,
      mode,
    });
  });

  it('holds no more than the mode asks for', () => {
    const names = (mode: Question['mode']) =>
      Object.entries(toParams({ ...question, mode })).flatMap(([name, value]) =>
        value === null ? [] : [name],
      );
    expect(names('deduction')).toEqual(['mode', 'program', 'input']);
    expect(names('abduction')).toEqual(['mode', 'program', 'output']);
    expect(names('induction')).toEqual(['mode', 'pairs', 'hint']);
  });

  it('without a question changes nothing, and one with half of it changes that half', () => {
    expect(fromParams(new URLSearchParams('run=demo'), question)).toBeNull();
    expect(fromParams(new URLSearchParams('mode=chess'), question)).toBeNull();
    expect(fromParams(new URLSearchParams('program=def+f():+pass'), question)).toEqual({
      ...question,
      program: 'def f(): pass',
    });
  });

  it('with pairs that are none leaves the pairs', () => {
    for (const pairs of ['[', '[]', '[["1"]]', '[[1,2]]', '{"a":1}']) {
      const params = new URLSearchParams({ mode: 'induction', pairs });
      expect(fromParams(params, question)?.pairs, pairs).toEqual(question.pairs);
    }
  });
});

describe('a task', () => {
  const task = { program: 'def f(x):\n    return x', pairs: [['1', '2'] as [string, string]], message: 'm' };

  it('is asked as its mode asks', () => {
    expect(questionFrom({ ...task, mode: 'deduction' }, firstQuestion)).toMatchObject({
      program: task.program,
      input: '1',
    });
    expect(questionFrom({ ...task, mode: 'abduction' }, firstQuestion)).toMatchObject({
      program: task.program,
      output: '2',
    });
    expect(questionFrom({ ...task, mode: 'induction' }, firstQuestion)).toMatchObject({
      pairs: task.pairs,
      hint: 'm',
    });
  });

  it('that asks for an exception is not asked here', () => {
    expect(questionFrom({ ...task, mode: 'error' }, firstQuestion)).toBeNull();
  });
});

it('there is an example to begin with in every mode, with names that differ', () => {
  for (const mode of playModes) {
    const names = examples[mode].map(({ name }) => name);
    expect(names.length, mode).toBeGreaterThan(1);
    expect(new Set(names).size, mode).toBe(names.length);
  }
});
