/** Buffers: order, capacity, retirement, what is counted over them, and that a restored one goes on as the other would. */
import { describe, expect, it } from 'vitest';
import { type BufferSettings, Buffers, type BuffersState } from '../../../src/selfplay/buffers';
import { readConfig } from '../../../src/selfplay/config';
import { TypeCounts } from '../../../src/selfplay/intrinsic';
import { Draws } from '../../../src/selfplay/random';
import { type Mode, modes, type Task } from '../../../src/store/records';

const task = (id: number, rest: Partial<Task> = {}): Task => ({
  id,
  mode: 'deduction',
  program: '',
  pairs: [[`${id}`, `'${id}'`]],
  message: '',
  thought: '',
  step: id,
  origin: 'proposed',
  parents: [],
  astHash: `ast ${id}`,
  behaviour: `behaviour ${id}`,
  solveRate: null,
  composite: [],
  ...rest,
});
const settings = (changes: Partial<BufferSettings> = {}) => readConfig({ 'buffers.capacity': 3, ...changes });
const ids = (buffers: Buffers, mode: Mode = 'deduction') => buffers.of(mode).map(({ id }) => id);
const filled = (changes: Partial<BufferSettings>, count: number) => {
  const buffers = new Buffers(settings(changes));
  const left = Array.from({ length: count }, (_, i) => buffers.add(task(i + 1)));
  return { buffers, left: left.flat() };
};

describe('a full buffer', () => {
  it('loses its oldest task', () => {
    const { buffers, left } = filled({}, 5);
    expect(ids(buffers)).toEqual([3, 4, 5]);
    expect(left).toEqual([
      { task: 1, left: 'full' },
      { task: 2, left: 'full' },
    ]);
    expect([buffers.get(2), buffers.get(3)?.id]).toEqual([undefined, 3]);
  });

  it('or does not take the newest, as in the original', () => {
    const { buffers, left } = filled({ 'buffers.overflow': 'newest' }, 5);
    expect(ids(buffers)).toEqual([1, 2, 3]);
    expect(left).toEqual([
      { task: 4, left: 'full' },
      { task: 5, left: 'full' },
    ]);
  });

  it('is no business of another mode', () => {
    const { buffers } = filled({}, 3);
    expect(buffers.add(task(4, { mode: 'abduction' }))).toEqual([]);
    expect([ids(buffers).length, ids(buffers, 'abduction').length]).toEqual([3, 1]);
  });

  it('has counts of what is in it', () => {
    const { buffers } = filled({}, 5);
    expect(buffers.values('deduction').inputs.summary()).toEqual({
      total: 3,
      values: 3,
      types: { int: { total: 3, values: 3 } },
    });
    expect(buffers.values('deduction').outputs.summary().types).toEqual({ str: { total: 3, values: 3 } });
    expect(buffers.values('abduction').inputs.summary().total).toBe(0);
  });
});

describe('a mastered task', () => {
  const retire = { 'buffers.retire': 0.75, 'buffers.retire.estimates': 2 };

  it('leaves after enough estimates in a row', () => {
    const { buffers } = filled(retire, 2);
    expect(buffers.estimate(1, 0.75)).toEqual([{ task: 1, solveRate: 0.75 }]);
    expect(buffers.get(1)?.solveRate).toBe(0.75);
    expect(buffers.of('deduction')[0].solveRate).toBe(0.75);
    expect(buffers.estimate(1, 0.5)).toEqual([{ task: 1, solveRate: 0.5 }]);
    expect(buffers.estimate(1, 1)).toEqual([{ task: 1, solveRate: 1 }]);
    expect(buffers.estimate(1, 0.9)).toEqual([{ task: 1, solveRate: 0.9, left: 'mastered' }]);
    expect(ids(buffers)).toEqual([2]);
    expect(buffers.values('deduction').inputs.summary().total).toBe(1);
    expect(buffers.estimate(1, 0.9)).toEqual([]);
  });

  it('has its first estimate when it comes', () => {
    const buffers = new Buffers(settings(retire));
    buffers.add(task(1));
    buffers.add(task(2, { solveRate: 0.8 }));
    expect(buffers.estimate(2, 0.8)).toEqual([{ task: 2, solveRate: 0.8, left: 'mastered' }]);
  });

  it('stays if it is the last of its mode', () => {
    const { buffers } = filled(retire, 1);
    for (let i = 0; i < 4; i++) expect(buffers.estimate(1, 1)).toEqual([{ task: 1, solveRate: 1 }]);
    buffers.add(task(2));
    expect(buffers.estimate(1, 1)).toEqual([{ task: 1, solveRate: 1, left: 'mastered' }]);
  });

  it('stays where none retires, or the bar is higher', () => {
    for (const rate of [0, 1]) {
      const { buffers } = filled({ 'buffers.retire': rate }, 2);
      for (let i = 0; i < 5; i++) buffers.estimate(1, 0.99);
      if (rate === 0) for (let i = 0; i < 5; i++) buffers.estimate(1, 1);
      expect(ids(buffers)).toEqual([1, 2]);
    }
  });
});

describe('novelty', () => {
  const same = (rest: Partial<Task>) => task(9, { astHash: 'ast 1', behaviour: 'behaviour 1', ...rest });

  it.each([
    ['none', null, null],
    ['ast', 'duplicate', null],
    ['behaviour', 'duplicate', 'same-behaviour'],
  ] as const)('of %s', (novelty, program, behaviour) => {
    const { buffers } = filled({ 'gate.novelty': novelty }, 2);
    expect(buffers.repeats(same({}))).toBe(program);
    expect(buffers.repeats(same({ astHash: 'new' }))).toBe(behaviour);
    expect(buffers.repeats(task(9))).toBe(null);
  });

  it('is over where enough tasks differ in constants only', () => {
    const { buffers } = filled({ 'gate.novelty': 'none', 'gate.alike': 2 }, 0);
    const adds = (id: number, program: string, mode: Task['mode'] = 'deduction') =>
      task(id, { program, mode, astHash: `ast ${id}` });
    const [one, two] = ["return x1 + 1 + 'a'", 'return x1 + 25 + "b"'];
    buffers.add(adds(1, one));
    expect(buffers.repeats(adds(2, two))).toBe(null);
    expect(buffers.repeats(adds(3, two), [adds(2, two)])).toBe('alike');
    buffers.add(adds(2, two));
    expect(buffers.repeats(adds(3, one))).toBe('alike');
    expect(buffers.repeats(adds(3, "return x2 + 1 + 'a'"))).toBe(null);
    expect(buffers.repeats(adds(3, one, 'abduction'))).toBe(null);
    expect(buffers.repeats(adds(3, one, 'induction'))).toBe(null);
  });

  it('is by mode, and of induction by its inputs too', () => {
    const { buffers } = filled({}, 1);
    expect(buffers.repeats(same({ mode: 'abduction' }))).toBe(null);
    buffers.add(
      same({
        mode: 'induction',
        pairs: [
          ['1', '2'],
          ['3', '4'],
        ],
      }),
    );
    expect(
      buffers.repeats(
        same({
          mode: 'induction',
          pairs: [
            ['3', '4'],
            ['1', '2'],
          ],
        }),
      ),
    ).toBe('duplicate');
    expect(
      buffers.repeats(
        same({
          mode: 'induction',
          pairs: [
            ['3', '4'],
            ['5', '6'],
          ],
        }),
      ),
    ).toBe(null);
  });

  it('does not take unknown behaviour for the same', () => {
    const buffers = new Buffers(settings());
    buffers.add(task(1, { behaviour: '' }));
    expect(buffers.repeats(task(2, { behaviour: '' }))).toBe(null);
  });

  it('forgets what left because the buffer was full, but not what was mastered', () => {
    const { buffers } = filled({ 'buffers.retire.estimates': 1 }, 4);
    expect(buffers.repeats(same({}))).toBe(null);
    buffers.estimate(2, 1);
    expect(ids(buffers)).toEqual([3, 4]);
    expect(buffers.repeats(task(2))).toBe('duplicate');
  });

  it('forgets a program only with the last task that has it', () => {
    const { buffers } = filled({}, 2);
    buffers.add(task(3, { astHash: 'ast 1', behaviour: 'behaviour 1' }));
    buffers.add(task(4));
    expect(ids(buffers)).toEqual([2, 3, 4]);
    expect(buffers.repeats(same({}))).toBe('duplicate');
  });
});

describe('a restored run', () => {
  it('goes on as if it had not stopped, counts included', () => {
    for (const overflow of ['oldest', 'newest'] as const) {
      const chosen = settings({
        'buffers.capacity': 12,
        'buffers.overflow': overflow,
        'buffers.retire': 0.6,
        'buffers.retire.estimates': 2,
      });
      const draws = new Draws(2, 0, overflow);
      const log = new Map<number, Task>();
      const whole = new Buffers(chosen);
      let resumed = new Buffers(chosen);
      for (let id = 1; id <= 400; id++) {
        const made = task(id, {
          mode: modes[draws.below(4)],
          astHash: `ast ${draws.below(60)}`,
          behaviour: draws.chance(0.2) ? '' : `behaviour ${draws.below(40)}`,
          pairs: Array.from({ length: 1 + draws.below(3) }, () => [
            `${draws.below(9)}`,
            `'${draws.below(9)}'`,
          ]),
          solveRate: draws.chance(0.3) ? null : draws.below(9) / 8,
        });
        expect(resumed.repeats(made)).toBe(whole.repeats(made));
        log.set(id, made);
        expect(resumed.add(made)).toEqual(whole.add(made));
        for (let k = 0; k < 3; k++) {
          const [about, rate] = [1 + draws.below(id), draws.below(9) / 8];
          const updates = whole.estimate(about, rate);
          expect(resumed.estimate(about, rate)).toEqual(updates);
          for (const { task: changed, solveRate } of updates) {
            if (solveRate !== undefined) log.set(changed, { ...log.get(changed)!, solveRate });
          }
        }
        if (id % 50 === 0) {
          const state: BuffersState = JSON.parse(JSON.stringify(whole.state()));
          const tasks = Buffers.tasksOf(state).map((each) => log.get(each)!);
          resumed = Buffers.restore(chosen, state, tasks);
        }
        expect(resumed.state()).toEqual(whole.state());
        expect(whole.state().streaks.every(([about]) => whole.get(about))).toBe(true);
        for (const mode of modes) {
          expect(resumed.of(mode)).toEqual(whole.of(mode));
          const counted = { inputs: new TypeCounts(), outputs: new TypeCounts() };
          for (const [input, output] of whole.of(mode).flatMap(({ pairs }) => pairs)) {
            counted.inputs.add(input);
            counted.outputs.add(output);
          }
          for (const kind of ['inputs', 'outputs'] as const) {
            expect(whole.values(mode)[kind].summary()).toEqual(counted[kind].summary());
            expect(resumed.values(mode)[kind].summary()).toEqual(counted[kind].summary());
          }
        }
      }
      expect(whole.state().mastered.length).toBeGreaterThan(3);
    }
  });

  it('says what is missing', () => {
    const { buffers } = filled({}, 2);
    expect(() => Buffers.restore(settings(), buffers.state(), [task(1)])).toThrow(
      'Task 2 is in a buffer but not in the log: the run cannot go on.',
    );
  });
});
