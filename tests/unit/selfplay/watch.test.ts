/** The watch: when it speaks, what it says, when it ends a run, and what counts as a sign of reward hacking. */
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/selfplay/config';
import { presetConfig } from '../../../src/selfplay/presets';
import {
  type HackingSigns,
  type Observed,
  signsOf,
  Watch,
  type WatchSettings,
} from '../../../src/selfplay/watch';
import type { Episode, Mode, Task } from '../../../src/store/records';

const noSigns: HackingSigns = { sameAnswer: null, leaked: null, anyInput: null, programLines: null };
const settings = (changes: Partial<WatchSettings> = {}) => readConfig(changes);
const quiet: Omit<Observed, 'step'> = {
  entropy: 1,
  distinct: 0.9,
  valid: 0.5,
  solveRates: [0, 0.5, 1],
  heldOut: null,
  loss: 0.1,
  gradNorm: 1,
  applied: true,
  rewardSpread: [],
  signs: noSigns,
};

/** One observation a step, from step 1 on: what is given, and quiet for the rest. */
function watching(
  steps: Partial<Observed>[],
  changes: Partial<WatchSettings> = {},
  watch = new Watch(settings(changes)),
) {
  return steps.map((each, i) => watch.observe({ ...quiet, step: i + 1, ...each }));
}
const kinds = (steps: Partial<Observed>[], changes?: Partial<WatchSettings>) =>
  watching(steps, changes).map(({ alerts }) => alerts.map(({ kind }) => kind).join());
const times = <T>(count: number, each: T) => Array.from({ length: count }, () => each);

describe('what is watched', () => {
  const bad: [string, Partial<Observed>, Partial<Observed>, string][] = [
    [
      'entropy',
      { entropy: 0.0312 },
      { entropy: 0.05 },
      'Mean entropy is 0.031 nats, below 0.05 for 3 steps in a row: the model hardly varies what it writes.',
    ],
    [
      'distinct',
      { distinct: 0.412 },
      { distinct: 0.5 },
      'Only 41% of the proposed programs are distinct, less than 50% for 3 steps in a row: the proposer repeats itself.',
    ],
    [
      'valid',
      { valid: 0.02 },
      { valid: 0.05 },
      'Only 2% of the proposals pass the gate, less than 5% for 3 steps in a row: there is little new to learn from.',
    ],
    [
      'spread',
      { solveRates: [1, 1, 1, 1] },
      { solveRates: [0.9, 1] },
      'Solve rates deviate by 0, below 0.05 for 3 steps in a row: tasks are all as hard as each other, and teach little.',
    ],
  ];

  it.each(bad)('%s: after so many times, once, and again after it was over', (kind, low, enough, message) => {
    const steps = [...times(2, low), enough, ...times(5, low), {}, ...times(3, low)];
    const [no, yes] = ['', kind];
    expect(kinds(steps)).toEqual([no, no, no, no, no, yes, no, no, no, no, no, yes]);
    expect(watching(times(3, low))[2].alerts).toEqual([{ kind, message }]);
    expect(watching([low], { 'watch.patience': 1 })[0].alerts[0].message).toContain(' in this step');
  });

  it.each(bad)('%s: not if it is switched off', (kind, low) => {
    expect(kinds(times(4, low), { [`watch.${kind}`]: 0 })).toEqual(times(4, ''));
  });

  it.each<[string, Partial<Observed>, Partial<Observed>]>([
    ['entropy', { entropy: 0 }, { entropy: null }],
    ['distinct', { distinct: 0 }, { distinct: null }],
    ['valid', { valid: 0 }, { valid: null }],
    ['spread', { solveRates: [0, 0] }, { solveRates: [1] }],
    ['spread', { solveRates: [0, 0] }, { solveRates: [] }],
  ])('%s: what is not known changes nothing', (kind, low, unknown) => {
    expect(kinds([low, unknown, low, unknown, low])).toEqual(['', '', '', '', kind]);
  });
});

describe('held-out accuracy', () => {
  const evaluations = (...accuracies: number[]) => accuracies.flatMap((heldOut) => [{}, { heldOut }]);

  it('is held against its best, by evaluations', () => {
    const steps = evaluations(0.2, 0.43, 0.33, 0.33, 0.31);
    const observed = watching(steps);
    expect(observed.slice(0, -1).flatMap(({ alerts }) => alerts)).toEqual([]);
    const message =
      'Held-out accuracy is 0.31, 0.12 below its best (step 4): the model forgets what it could do';
    expect(observed[9]).toEqual({
      alerts: [{ kind: 'held-out', message: `${message}.` }],
      stop: `${message}; the run ends here, since watch.stop names held-out.`,
    });
  });

  it('has no best that is not a number', () => {
    expect(kinds(evaluations(Number.NaN, 0.5, Number.NaN, 0.1, 0.1, 0.1)).join('')).toBe('held-out');
  });

  it('may recover', () => {
    expect(kinds(evaluations(0.5, 0.3, 0.3, 0.45, 0.3, 0.3)).join('')).toBe('');
    expect(kinds(evaluations(0.5, 0.3, 0.3, 0.3, 0.3, 0.45, 0.4, 0.4, 0.4)).filter(Boolean)).toEqual([
      'held-out',
      'held-out',
    ]);
  });

  it('ends no run that goes on after it', () => {
    const stops = watching(evaluations(0.5, 0.1, 0.1, 0.1, 0.1, 0.1)).map(({ stop }) => stop !== null);
    expect(stops.filter(Boolean).length).toBe(1);
  });
});

describe('the end of a run', () => {
  const low = { entropy: 0, distinct: 0 };

  it('comes only of what is named', () => {
    expect(watching(times(3, low)).map(({ stop }) => stop)).toEqual([null, null, null]);
    expect(watching(times(3, low), { 'watch.stop': [] })[2].stop).toBeNull();
    const named = watching(times(4, low), { 'watch.stop': ['distinct'] }).map(({ stop }) => stop);
    expect(named).toEqual([
      null,
      null,
      expect.stringMatching(/^Only 0% .* since watch\.stop names distinct\.$/),
      null,
    ]);
    const dropped = watching([{ heldOut: 1 }, ...times(3, { heldOut: 0 })], { 'watch.stop': ['entropy'] });
    expect(dropped[3]).toMatchObject({ alerts: [{ kind: 'held-out' }], stop: null });
  });

  it('does not come of what never ends one', () => {
    const broken = {
      loss: Number.NaN,
      rewardSpread: [{ mode: 'deduction', role: 'solve', deviation: 0, count: 9 }],
    } as const;
    const everything = ['entropy', 'distinct', 'valid', 'spread', 'held-out'] as const;
    const [{ alerts, stop }] = watching([{ ...broken, rewardSpread: [...broken.rewardSpread] }], {
      'watch.stop': everything,
    });
    expect([alerts.length, stop]).toEqual([2, null]);
  });
});

describe('numbers that are none', () => {
  it.each<[Partial<Observed>, string]>([
    [{ loss: Number.NaN }, 'The loss of step 1 is not finite: '],
    [
      { gradNorm: Number.POSITIVE_INFINITY, applied: false },
      'The gradient norm of step 1 is not finite, so an update was left out: ',
    ],
    [{ loss: Number.NaN, entropy: Number.NaN }, 'The loss and the entropy of step 1 are not finite: '],
    [{ applied: false }, 'Gradients of step 1 are not finite, so an update was left out: '],
  ])('%o', (broken, message) => {
    const [{ alerts }] = watching([broken]);
    expect(alerts).toEqual([
      { kind: 'not-a-number', message: `${message}lower optimizer.rate, or go back to a checkpoint.` },
    ]);
  });

  it('are told of every time, whatever is switched off', () => {
    const off = presetConfig('paper');
    const seen = watching(times(3, { applied: false }), {}, new Watch(off));
    expect(seen.map(({ alerts }) => alerts.length)).toEqual([1, 1, 1]);
  });

  it('are not those that nobody knows', () => {
    expect(kinds([{ loss: null, gradNorm: null, entropy: null }])).toEqual(['']);
  });

  it('count as no entropy', () => {
    const none = { entropy: Number.NaN };
    const low = { entropy: 0 };
    expect(kinds([low, none, low, none, low])).toEqual(['', 'not-a-number', '', 'not-a-number', 'entropy']);
  });
});

describe('rewards that are all alike', () => {
  const spread = (deviation: number, count = 4, mode: Mode = 'abduction') => ({
    rewardSpread: [{ mode, role: 'solve' as const, deviation, count }],
  });

  it('are told of at once, and again after they differed', () => {
    const alike = spread(0);
    expect(kinds([alike, alike, {}, alike, spread(0.1), spread(1e-17)])).toEqual([
      'zero-variance',
      '',
      '',
      '',
      '',
      'zero-variance',
    ]);
    expect(watching([alike])[0].alerts[0].message).toBe(
      'All 4 rewards of abduction, solve, are alike: there is nothing to learn from them.',
    );
  });

  it('are those of two at least, by mode and role', () => {
    expect(kinds([spread(0, 1)])).toEqual(['']);
    expect(kinds([spread(0), spread(0, 4, 'deduction')])).toEqual(['zero-variance', 'zero-variance']);
  });
});

describe('hacking', () => {
  const signs = (changes: Partial<HackingSigns>) => ({ signs: { ...noSigns, ...changes } });

  it.each<[Partial<HackingSigns>, Partial<HackingSigns>, string]>([
    [
      { sameAnswer: 0.85 },
      { sameAnswer: 0.8 },
      'One and the same answer is right for 85% of the questions of a mode: ',
    ],
    [{ leaked: 0.6 }, { leaked: 0.5 }, 'The answer stands in the program of 60% of the new tasks: '],
    [{ anyInput: 1 }, { anyInput: 0.5 }, 'Nearly any input solves 100% of the abduction tasks: '],
  ])('%o is told of with patience', (high, enough, message) => {
    const [bad, good] = [signs(high), signs(enough)];
    expect(kinds([bad, bad, good, bad, signs({}), bad, bad, bad])).toEqual([
      '',
      '',
      '',
      '',
      '',
      '',
      'hacking',
      '',
    ]);
    expect(watching(times(3, bad))[2].alerts[0].message).toBe(
      `${message}look whether tasks still ask for anything.`,
    );
  });

  it('sees programs shrink from what they were in the first ten steps', () => {
    const lines = (programLines: number) => signs({ programLines });
    const first = [...times(5, lines(6)), signs({}), ...times(5, lines(10))];
    expect(kinds([...first, ...times(4, lines(4))]).join('')).toBe('');
    const seen = watching([...first, ...times(4, lines(3.9))]).flatMap(({ alerts }, i) =>
      alerts.map((alert) => [i, alert]),
    );
    const message =
      'Proposed programs have 3.9 lines on average, and had 8 at first: look whether they still do anything.';
    expect(seen).toEqual([[13, { kind: 'hacking', message }]]);
  });
});

describe('a resumed run', () => {
  const steps: Partial<Observed>[] = Array.from({ length: 60 }, (_, i) => ({
    entropy: i % 7 < 4 ? 0.01 : 1,
    distinct: i % 11 < 5 ? 0.1 : null,
    solveRates: i % 5 < 3 ? [0.5, 0.5] : [0, 1],
    heldOut: i % 2 ? null : i < 30 ? i / 30 : 0.2,
    rewardSpread: [{ mode: 'error', role: 'propose', deviation: i % 4 ? 0 : 1, count: 3 }],
    signs: { sameAnswer: i % 9 < 6 ? 0.9 : 0.1, leaked: null, anyInput: null, programLines: i < 30 ? 9 : 2 },
  }));

  it.each([0, 1, 9, 31, 32, 33, 40, 59])('is told the same after step %i', (cut) => {
    const whole = watching(steps);
    expect(whole.flatMap(({ alerts }) => alerts).length).toBeGreaterThan(15);
    let watch = new Watch(settings());
    const resumed = steps.map((each, i) => {
      if (i === cut) watch = Watch.restore(settings(), JSON.parse(JSON.stringify(watch.state())));
      return watch.observe({ ...quiet, step: i + 1, ...each });
    });
    expect(resumed).toEqual(whole);
  });

  it('keeps a state that later steps do not change', () => {
    const watch = new Watch(settings());
    watching(steps, {}, watch);
    const state = watch.state();
    const copy = structuredClone(state);
    const other = Watch.restore(settings(), state);
    watching(steps, {}, other);
    watching(steps, {}, watch);
    expect(state).toEqual(copy);
  });
});

describe('signs', () => {
  const attempt = (task: number, answer: string, correct: boolean, rest: Partial<Episode> = {}): Episode =>
    ({
      mode: 'abduction',
      role: 'solve',
      group: task,
      task,
      proposal: null,
      parsed: { kind: 'answer', answer, thought: '' },
      judged: { kind: 'answer', verdict: 'ok', reason: null, correct, right: null },
      ...rest,
    }) as Episode;
  const proposal = (task: number | null, program: string, verdict = 'ok'): Episode =>
    ({
      mode: 'deduction',
      role: 'propose',
      task,
      parsed: { kind: 'proposal', program, inputs: [], message: '', thought: '' },
      judged: { kind: 'proposal', verdict, reason: null, outputs: [], refused: null, solveRate: null },
    }) as unknown as Episode;
  const from = (count: number, make: (i: number) => Episode | Episode[]) =>
    Array.from({ length: count }, (_, i) => make(i)).flat();
  const signs = (episodes: Episode[], tasks: Partial<Task>[] = []) =>
    signsOf(episodes, new Map(tasks.map((task) => [task.id as number, task as Task])));

  it('are unknown where little happened', () => {
    expect(signs([])).toEqual(noSigns);
    expect(
      signs(
        from(7, (i) => [
          attempt(i, '0', true),
          attempt(i, '1', true),
          attempt(i, '2', true),
          proposal(null, 'x'),
        ]),
      ),
    ).toEqual(noSigns);
  });

  it('one answer for many questions', () => {
    const same = (episodes: Episode[]) => signs(episodes).sameAnswer;
    expect(same(from(10, (i) => attempt(i, i < 9 ? ' 0' : '1', true)))).toBe(0.9);
    expect(same(from(10, (i) => attempt(i, `${i}`, true)))).toBe(0.1);
    expect(same(from(10, (i) => [attempt(i, `${i}`, true), attempt(i, '0', i === 0)]))).toBe(0.1);
    expect(same(from(20, (i) => attempt(3, '0', true, { group: i })))).toBeNull();
    expect(same(from(10, (i) => attempt(0, '0', true, { task: null, proposal: i })))).toBe(1);
    expect(same(from(10, (i) => attempt(i, 'ValueError', true, { mode: 'error' })))).toBeNull();
    const twoModes = (i: number) => [attempt(i, `${i}`, true), attempt(i, '0', true, { mode: 'deduction' })];
    expect(same(from(10, twoModes))).toBe(1);
    const halves = (i: number) => attempt(i, '0', true, { mode: i % 2 ? 'deduction' : 'abduction' });
    expect(same(from(14, halves))).toBeNull();
  });

  it('answers that stand in the program', () => {
    const leaked = (tasks: Partial<Task>[]) =>
      signs(
        tasks.map(({ id, program }) => proposal(id as number, program as string)),
        tasks,
      ).leaked;
    const made = (count: number, make: (i: number) => Partial<Task>) =>
      Array.from({ length: count }, (_, i) => ({ id: i + 1, ...make(i) }));
    const deduction = (program: string, output = "'secret'"): Partial<Task> => ({
      mode: 'deduction',
      program,
      pairs: [['[7, 8, 9]', output]],
    });
    expect(leaked(made(8, (i) => deduction(i < 2 ? "# it is 'secret'" : '# [7, 8, 9]')))).toBe(0.25);
    expect(leaked(made(8, () => ({ ...deduction('f([7,8,9])'), mode: 'abduction' })))).toBe(1);
    expect(leaked(made(8, () => deduction('return True', 'True')))).toBeNull();
    expect(leaked(made(8, () => ({ ...deduction("'secret'[7, 8, 9]"), mode: 'induction' })))).toBeNull();
    const refused = from(8, () => proposal(null, "'secret'"));
    expect(
      signs(
        refused,
        made(8, () => deduction("'secret'")),
      ).leaked,
    ).toBeNull();
  });

  it('abduction that takes any input', () => {
    const anyInput = (episodes: Episode[]) => signs(episodes).anyInput;
    const answers = (right: number, of: number) => (task: number) =>
      Array.from({ length: of }, (_, i) => attempt(task, `${i}`, i < right));
    expect(anyInput(from(8, answers(4, 4)))).toBe(1);
    expect(anyInput(from(8, answers(3, 4)))).toBe(0);
    expect(anyInput(from(8, answers(2, 2)))).toBeNull();
    expect(anyInput(from(8, (i) => (i < 4 ? answers(8, 8) : answers(1, 8))(i)))).toBe(0.5);
    expect(anyInput(from(8, (i) => times(8, attempt(i, '1', true))))).toBeNull();
    expect(
      anyInput(from(8, answers(4, 4)).map((each) => ({ ...each, mode: 'deduction' as const }))),
    ).toBeNull();
  });

  it('lines of the programs that run', () => {
    const made = [
      ...from(4, () => proposal(null, 'a\n\nb')),
      ...from(4, () => proposal(null, 'a\nb\nc\n  \nd')),
    ];
    expect(signs(made).programLines).toBe(3);
    expect(signs([...made, proposal(null, 'a', 'error'), proposal(null, '')]).programLines).toBe(3);
  });
});
