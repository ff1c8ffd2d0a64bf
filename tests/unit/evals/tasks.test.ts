/** Held-out tasks as people write them, and each mistake with its line. */
import { describe, expect, it } from 'vitest';
import { askedBy, atMost, HeldOutError, readHeldOut, type Selection, select } from '../../../src/evals/tasks';
import { readConfig } from '../../../src/selfplay/config';
import { presetConfig } from '../../../src/selfplay/presets';

const program = 'def f(a):\n    return a';
const line = (record: object) => JSON.stringify(record);
const deduction = { mode: 'deduction', program, input: '1', output: '1' };
const induction = {
  mode: 'induction',
  pairs: [
    ['1', '1'],
    ['2', '2'],
  ],
};

describe('held-out tasks', () => {
  it('are one object a line, with everything but the question left out at will', () => {
    const lines = [
      line({ ...deduction, id: 'first', level: 2 }),
      '',
      line({ ...deduction, mode: 'abduction' }),
      line({ ...deduction, mode: 'error', output: 'KeyError', id: 17, source: 'somewhere' }),
      line(induction),
      line({ ...induction, program, message: 'The same.', level: 0 }),
    ];
    const common = { program, pairs: [['1', '1']], message: '', level: null };
    expect(readHeldOut(`\uFEFF${lines.join('\r\n')}\n`)).toEqual([
      { ...common, id: 'first', mode: 'deduction', level: 2 },
      { ...common, id: '3', mode: 'abduction' },
      { ...common, id: '17', mode: 'error', pairs: [['1', 'KeyError']] },
      { ...common, ...induction, id: '5', program: '' },
      { ...common, ...induction, id: '6', message: 'The same.', level: 0 },
    ]);
  });

  it('are three where a line has all that they need, and no mode', () => {
    const { pairs } = induction;
    const common = { program, message: '', level: 3 };
    expect(readHeldOut(line({ id: 'own-7', level: 3, program, input: '1', output: '2', pairs }))).toEqual([
      { ...common, id: 'own-7-deduction', mode: 'deduction', pairs: [['1', '2']] },
      { ...common, id: 'own-7-abduction', mode: 'abduction', pairs: [['1', '2']] },
      { ...common, id: 'own-7-induction', mode: 'induction', pairs },
    ]);
  });

  it.each([
    [line({ program, input: '1', pairs: induction.pairs }), 'Line 2: it has no "output".'],
    [line({ program, input: '1', output: '1', pairs: [] }), /^Line 2: it needs at least 2 pairs/],
    ['{', /^Line 2: this is no JSON \(.+\)\.$/],
    ['[]', 'Line 2: a task is a JSON object, {"mode": ...}.'],
    ['null', 'Line 2: a task is a JSON object, {"mode": ...}.'],
    [line({ program }), 'Line 2: it has no "mode": there is deduction, abduction, induction, error.'],
    [
      line({ ...deduction, mode: 'seduction' }),
      'Line 2: its mode "seduction" is unknown: there is deduction, abduction, induction, error.',
    ],
    [line({ mode: 'deduction', input: '1', output: '1' }), 'Line 2: it has no "program".'],
    [line({ mode: 'deduction', program, output: '1' }), 'Line 2: it has no "input".'],
    [line({ mode: 'abduction', program, input: '1' }), 'Line 2: it has no "output".'],
    [line({ ...deduction, output: 1 }), 'Line 2: its "output" must be text, as a JSON string.'],
    [line({ ...deduction, level: 'hard' }), 'Line 2: its "level" must be a number.'],
    [line({ ...deduction, id: {} }), 'Line 2: its "id" must be text or a number.'],
    [line({ ...deduction, id: 'a' }), 'Line 2: its id "a" is that of line 1, too.'],
    [
      line({ mode: 'induction' }),
      'Line 2: its "pairs" must be a list of pairs [input, output], both as text.',
    ],
    [
      line({
        mode: 'induction',
        pairs: [
          ['1', 1],
          ['2', '2'],
        ],
      }),
      'Line 2: its "pairs" must be a list of pairs [input, output], both as text.',
    ],
    [
      line({ mode: 'induction', pairs: [['1', '1']] }),
      'Line 2: it needs at least 2 pairs, one to show and one to hide, and has 1.',
    ],
    [line({ ...induction, message: 5 }), 'Line 2: its "message" must be text, as a JSON string.'],
  ])('that are none are named: %s', (wrong, message) => {
    const read = () => readHeldOut(`${line({ ...deduction, id: 'a' })}\n${wrong}\n`);
    expect(read).toThrow(HeldOutError);
    expect(read).toThrow(message);
  });

  it.each(['', '\n \n'])('that are not there, too: %j', (text) => {
    expect(() => readHeldOut(text)).toThrow('There are no tasks in this file: write one a line, as JSON.');
  });
});

describe('of the tasks there are', () => {
  const tasks = readHeldOut(
    [1, 1, 2, 2, 3]
      .map((level, n) =>
        line({ id: `${level}-${n}`, level, program, input: '1', output: '1', pairs: induction.pairs }),
      )
      .concat(line({ ...deduction, id: 'none' }))
      .join('\n'),
  );
  const all = tasks.length;

  it.each<[Selection, number]>([
    [{}, all],
    [{ levels: [1, 3] }, 9],
    [{ modes: ['induction', 'deduction'] }, 11],
    [{ limit: 1 }, 10],
    [{ levels: [2], modes: ['abduction'], limit: 1 }, 1],
    [{ levels: [7] }, 0],
  ])('%j are taken in their order', (selection, count) => {
    const taken = select(tasks, selection);
    expect(taken).toHaveLength(count);
    expect(tasks.filter((task) => taken.includes(task))).toEqual(taken);
  });

  it('the first of each mode and level', () => {
    expect(select(tasks, { limit: 1, modes: ['deduction'] }).map(({ id }) => id)).toEqual([
      '1-0-deduction',
      '2-2-deduction',
      '3-4-deduction',
      'none',
    ]);
  });
});

describe('a run asks', () => {
  const tasks = readHeldOut(
    Array.from({ length: 400 }, (_, i) =>
      ['deduction', 'abduction'].map((mode) =>
        line({ ...deduction, mode, id: `${mode} ${i}`, level: 1 + (i % 6) }),
      ),
    )
      .flat()
      .join('\n'),
  );
  const kinds = (asked: typeof tasks) => [...new Set(asked.map(({ mode, level }) => `${mode} ${level}`))];

  it('as many of each mode and level as fit', () => {
    const asked = atMost(180, askedBy(readConfig({}), tasks));
    expect(asked).toHaveLength(180);
    expect(kinds(asked)).toHaveLength(12);
    expect(asked.filter(({ mode, level }) => mode === 'abduction' && level === 6)).toHaveLength(15);
    expect(atMost(2000, tasks)).toEqual(tasks);
  });

  it('what its settings name, and of that as many', () => {
    const asked = atMost(60, askedBy(presetConfig('taste'), tasks));
    expect(kinds(asked)).toEqual(['deduction 4']);
    expect(asked).toHaveLength(60);
  });

  it('modes that it plays, and tasks without a level whatever levels it is to ask', () => {
    const plain = readHeldOut(line(deduction));
    expect(askedBy(presetConfig('taste'), plain)).toEqual(plain);
    expect(askedBy(readConfig({ modes: ['abduction'] }), plain)).toEqual([]);
    expect(askedBy(readConfig({ 'evaluate.modes': ['abduction'] }), plain)).toEqual([]);
  });
});
