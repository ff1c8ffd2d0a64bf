import { describe, expect, it } from 'vitest';
import type { Checked } from '../../../src/sandbox/executor';
import { readRecord, verdictLine } from '../../../src/sandbox/records';

const read = (record: unknown) => readRecord(JSON.stringify(record));
const checkOf = (record: unknown) => {
  const result = read(record);
  if (!result.ok) throw new Error(result.reason);
  return result.check;
};

describe('a record', () => {
  it('without a mode validates a program and runs it', () => {
    expect(checkOf({ id: 1, program: 'def f(a): return a', input: '3' })).toEqual({
      kind: 'validate',
      program: 'def f(a): return a',
      inputs: ['3'],
    });
  });

  it('of deduction compares two values; its program needs no run', () => {
    const record = {
      id: 1,
      mode: 'deduction',
      program: 'def f(a): return a',
      input: '3',
      gold: '3',
      answer: '4',
    };
    expect(checkOf(record)).toEqual({
      kind: 'judge',
      question: { mode: 'deduction', gold: '3', answer: '4' },
    });
  });

  it('of abduction runs the program on the answer', () => {
    const record = { id: 1, mode: 'abduction', program: 'def f(a): return a', gold: '3', answer: '3' };
    const { id: _id, ...question } = record;
    expect(checkOf(record)).toEqual({ kind: 'judge', question });
  });

  it('of induction is decided by the hidden pairs, or by the shown ones if none is hidden', () => {
    const record = {
      mode: 'induction',
      shown: [['1', '2']],
      hidden: [['3', '4']],
      answer: 'def f(a): return a + 1',
    };
    const pairsOf = (from: unknown) => {
      const check = checkOf(from);
      return check.kind === 'judge' && check.question.mode === 'induction' && check.question.pairs;
    };
    expect(pairsOf(record)).toEqual([['3', '4']]);
    expect(pairsOf({ ...record, hidden: [] })).toEqual([['1', '2']]);
  });

  it.each([
    ['[]', 'A record is a JSON object.'],
    ['{', 'This is no JSON'],
    ['{"input": "3"}', 'It has no "program".'],
    ['{"program": 3, "input": "3"}', 'Its "program" must be text'],
    ['{"mode": "guessing"}', 'none of deduction, abduction, induction'],
    ['{"mode": "induction", "answer": ""}', 'at least one pair'],
    ['{"mode": "induction", "hidden": [["1"]], "answer": ""}', 'a list of pairs'],
  ])('%s is refused with a sentence', (line, reason) => {
    expect(readRecord(line)).toMatchObject({ ok: false, reason: expect.stringContaining(reason) });
  });
});

describe('a verdict line', () => {
  it('gives the value of what ran', () => {
    const checked: Checked = {
      kind: 'validate',
      outcomes: [{ verdict: 'ok', output: '[1]', ms: 0.123456, steps: 1 }],
    };
    expect(verdictLine('a', checked)).toEqual({
      id: 'a',
      verdict: 'ok',
      output: '[1]',
      reason: null,
      ms: 0.12,
    });
  });

  it('gives the reason of what did not, and whether an answer was right', () => {
    const checked: Checked = {
      kind: 'judge',
      judgement: { verdict: 'syntax', reason: 'It is empty.', ms: 0, steps: 0, correct: false },
    };
    expect(verdictLine(7, checked)).toEqual({
      id: 7,
      verdict: 'syntax',
      output: null,
      correct: false,
      reason: 'It is empty.',
      ms: 0,
    });
  });
});
