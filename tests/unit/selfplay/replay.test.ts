/** A log that adds up, and every way in which one may not: each is falsified in one place, and named with both figures. */
import { describe, expect, it } from 'vitest';
import { type Config, ConfigError, readConfig } from '../../../src/selfplay/config';
import { type Disagreement, type Figure, type Replayed, replay } from '../../../src/selfplay/replay';
import { NewerVersionError } from '../../../src/store/errors';
import { parse, stringify } from '../../../src/store/json';
import { type LogStep, openLog } from '../../../src/store/log';
import type { Episode, Judged, RunInfo, Task } from '../../../src/store/records';
import { type PlayedOptions, playedConfig, playedLog } from './played';

const textOf = (stream: ReadableStream<Uint8Array>) => new Response(stream as never).text();
const streamOf = (text: string) => new Response(text).body as ReadableStream<Uint8Array>;

interface Lines {
  run: RunInfo;
  steps: LogStep[];
}

/** Replays a log of which something was changed; the counts at its end are made to fit. */
async function replayed(falsify: (lines: Lines) => void, options?: PlayedOptions): Promise<Replayed> {
  const lines = (await textOf(await playedLog(options))).trimEnd().split('\n').map(parse) as [
    { run: RunInfo },
    ...LogStep[],
    Record<string, number>,
  ];
  const steps = lines.slice(1, -1) as LogStep[];
  falsify({ run: lines[0].run, steps });
  const end: Record<string, unknown> = { ...lines.at(-1), steps: steps.length };
  end.episodes = steps.reduce((sum, { record }) => sum + record.episodes.length, 0);
  end.tasks = steps.reduce((sum, { record }) => sum + record.tasks.length, 0);
  const all = [lines[0], ...steps, end];
  return replay(await openLog(streamOf(`${all.map(stringify).join('\n')}\n`)));
}

const but = (changes: Partial<Config>) => readConfig({ ...playedConfig, ...changes });
const clean = (result: Replayed) => {
  expect(result.disagreements.map(({ message }) => message)).toEqual([]);
  expect(result).toMatchObject({ counted: 0, ending: { message: null, complete: true } });
};

describe('a log that adds up', () => {
  it('does, and is summarised', async () => {
    const steps: number[] = [];
    const result = await replay(await openLog(await playedLog()), { onStep: (step) => steps.push(step) });
    clean(result);
    expect(steps).toEqual([0, 1, 2, 3, 4, 5]);
    expect(result).toMatchObject({ steps: 6, episodes: 182, tasks: 24 });
    expect(result.summary.map(({ mode, role, completions }) => [mode, role, completions])).toEqual([
      ['deduction', 'propose', 21],
      ['deduction', 'solve', 70],
      ['induction', 'propose', 21],
      ['induction', 'solve', 70],
    ]);
    expect(result.summary[0].share).toBe(11 / 21); // the seed, and two of four in each step
    expect(result.summary[1].share).toBe(42 / 70); // 7 of 12 at proposals, and 1 or 2 of 2 at tasks
  });

  it.each([
    ['other baselines', { 'advantage.baseline': 'group', 'advantage.level': 'token' }],
    ['leave-one-out', { 'advantage.baseline': 'rloo' }],
    ['products of terms', { 'intrinsic.combine': 'multiply' }],
    ['no penalty', { 'reward.repetition': 0 }],
    ['everything let in', { 'gate.filter': 'all', 'gate.novelty': 'none', 'buffers.retire': 0 }],
    ['the newest lost', { 'buffers.overflow': 'newest' }],
    ['mastery that takes two estimates', { 'buffers.retire.estimates': 2 }],
  ] as [string, Partial<Config>][])('does so with %s', async (_name, changes) => {
    clean(await replayed(() => {}, { config: but(changes) }));
  });

  it("takes terms of the user's own as recorded", async () => {
    const own = {
      short: { value: () => 0.25, coefficient: 1, max: 1, roles: ['propose', 'solve'] },
    } as const;
    clean(await replayed(() => {}, { own }));
  });

  it('may estimate tasks again before new ones come in', async () => {
    const first = await playedLog({ estimatesFirst: true });
    expect(await textOf(first)).not.toBe(await textOf(await playedLog()));
    clean(await replayed(() => {}, { estimatesFirst: true }));
  });

  it('leaves a task as it is that was tried once', async () => {
    clean(
      await replayed(({ steps }) => {
        const { episodes, updates } = steps[5].record;
        episodes.at(-1)!.task = 19;
        expect(updates.pop()).toEqual({ task: 24, solveRate: 0.75 });
      }),
    );
  });

  it('may try what has left meanwhile where prompts are drawn in advance', async () => {
    const early = ({ steps }: Lines) => {
      const { episodes, updates } = steps[3].record;
      for (const episode of episodes.slice(-2)) episode.task = 2;
      expect(updates.pop()).toEqual({ task: 16, solveRate: 0.75 });
    };
    const inAdvance = { 'prompts.every': 2, 'solve.when': 'previous-step', 'estimate.reuse': false } as const;
    clean(await replayed(early, { config: but(inAdvance) }));
    expect((await replayed(early)).disagreements.map(({ what }) => what)).toEqual(['task', 'task']);
  });

  it('may have seeds of another mode than they were asked for', async () => {
    clean(
      await replayed(({ steps }) => {
        const [first, second] = steps[0].record.episodes;
        [first.task, second.task] = [second.task, first.task];
      }),
    );
  });

  it('may go on from another run, with the ids and streaks of that', async () => {
    const config = but({ 'buffers.retire': 0.5, 'buffers.retire.estimates': 2 });
    const cutOff = (lines: Lines) => {
      const { run, steps } = lines;
      const inherited = steps.splice(0, 3);
      const { snapshot } = inherited[2];
      const { mastered } = snapshot!.state.buffers as { mastered: number[] };
      const there = new Set([...Object.values(snapshot!.buffers).flat(), ...mastered]);
      const updates = mastered.map((task) => ({ task, left: 'mastered' as const }));
      const record = { ...inherited[2].record, episodes: [], updates };
      record.tasks = inherited.flatMap((each) => each.record.tasks).filter(({ id }) => there.has(id));
      expect(mastered).not.toEqual([]);
      expect(snapshot!.state.buffers).not.toMatchObject({ streaks: [] });
      steps.unshift({ ...inherited[2], record });
      run.parent = { run: 'another', step: 2 };
    };
    clean(await replayed(cutOff, { config }));
  });

  it('may be short of attempts or proposals where it says so', async () => {
    const drop = ({ steps }: Lines, kind: string) => {
      steps[5].record.episodes.at(-1)!.advantage = null;
      steps[5].record.episodes.at(-2)!.advantage = null;
      steps[5].record.alerts.push({ kind, message: 'Nothing to solve.' });
    };
    const counts = ({ disagreements }: Replayed) =>
      disagreements.filter(({ what }) => what.startsWith('count')).length;
    expect(counts(await replayed((lines) => drop(lines, 'short')))).toBe(0);
    expect(counts(await replayed((lines) => drop(lines, 'other')))).toBe(1);
    const tooMany = (lines: Lines) => {
      drop(lines, 'short');
      for (const id of [148, 149, 150, 151]) find(lines, id).advantage = 0;
    };
    expect(counts(await replayed(tooMany))).toBe(1);
  });
});

// ---- One place at a time ---------------------------------------------------------------------------------------------

const find = ({ steps }: Lines, id: number): Episode =>
  steps.flatMap(({ record }) => record.episodes).find((episode) => episode.id === id)!;
const task = ({ steps }: Lines, id: number): Task =>
  steps.flatMap(({ record }) => record.tasks).find((each) => each.id === id)!;
const verdict = (lines: Lines, id: number) => find(lines, id).judged as Extract<Judged, { kind: 'proposal' }>;
const answer = (lines: Lines, id: number) => find(lines, id).judged as Extract<Judged, { kind: 'answer' }>;

type Case = [
  name: string,
  falsify: (lines: Lines) => void,
  found: { what: string; recorded: Figure; derived: Figure } & Partial<Disagreement>,
  /** How many there are, where one change must not be told twice. */
  count?: number,
];

it('a thought that was true in part is worth its part, and the rate has none of it', async () => {
  const config = but({ 'reward.trace': 'share', dialect: 'compact' });
  const half = (lines: Lines) => {
    answer(lines, 4).trace = 0.5;
  };
  const { disagreements } = await replayed(half, { config });
  expect(disagreements[0]).toMatchObject({ episode: 4, what: 'terms.base', recorded: 1, derived: 0.25 });
  expect(disagreements.map(({ what }) => what)).not.toContain('judged.solveRate');
  const exactly = but({ 'reward.trace': 'exact', dialect: 'compact' });
  const rates = (await replayed(half, { config: exactly })).disagreements;
  expect(rates[0]).toMatchObject({ episode: 3, what: 'judged.solveRate', recorded: 0.5, derived: 0.25 });
});

describe('what disagrees is named', () => {
  // In step 1 episode 3 proposes task 5, which 4 to 7 attempt; 8 proposes task 6; 13 is too easy; 18 is no task.
  // 19 to 34 are the same for induction; 35 and 36 attempt task 6, which thereby goes from 0.25 to 0.5.
  it.each<Case>([
    [
      'a reward',
      (lines) => {
        find(lines, 4).reward = 0.9;
      },
      { episode: 4, what: 'reward', recorded: 0.9, derived: 1 },
      1,
    ],
    [
      'the smallest difference',
      (lines) => {
        find(lines, 4).reward += 1e-8;
      },
      { episode: 4, what: 'reward', recorded: 1.00000001, derived: 1 },
      1,
    ],
    [
      'a base',
      (lines) => {
        find(lines, 8).terms.base = 0.75;
      },
      { episode: 8, what: 'terms.base', recorded: 0.75, derived: 0.25 },
      1,
    ],
    [
      'a base that is missing',
      (lines) => {
        find(lines, 8).terms = {};
      },
      { episode: 8, what: 'terms.base', recorded: null, derived: 0.25 },
    ],
    [
      'a penalty',
      (lines) => {
        find(lines, 3).terms.repetition = -0.125;
      },
      { episode: 3, what: 'terms.repetition', recorded: -0.125, derived: -0.25 },
      1,
    ],
    [
      'a penalty that was spared',
      (lines) => {
        delete find(lines, 3).terms.repetition;
      },
      { episode: 3, what: 'terms.repetition', recorded: null, derived: -0.25 },
      1,
    ],
    [
      'a penalty of what is no task',
      (lines) => {
        find(lines, 18).terms.repetition = -0.125;
      },
      { episode: 18, what: 'terms.repetition', recorded: -0.125, derived: null },
      1,
    ],
    [
      'a program that resembles no other now',
      (lines) => {
        find(lines, 3).parsed = {
          ...find(lines, 3).parsed!,
          kind: 'proposal',
          program: 'import math',
          inputs: [],
        } as Episode['parsed'];
      },
      { episode: 8, what: 'terms.repetition', recorded: -0.25, derived: -0.125 },
    ],
    [
      'an intrinsic term above its cap',
      (lines) => {
        find(lines, 3).terms.complexity = 0.75;
      },
      { episode: 3, what: 'terms.complexity', recorded: 0.75, derived: 0.5 },
    ],
    [
      'a term where the base is not above 0',
      (lines) => {
        find(lines, 18).terms.complexity = 0.25;
      },
      { episode: 18, what: 'terms.complexity', recorded: 0.25, derived: null },
      1,
    ],
    [
      'a term that is off',
      (lines) => {
        find(lines, 3).terms.halstead = 0.25;
      },
      { episode: 3, what: 'terms.halstead', recorded: 0.25, derived: null },
      1,
    ],
    [
      'an intrinsic term of an attempt',
      (lines) => {
        find(lines, 4).terms.complexity = 0.25;
      },
      { episode: 4, what: 'terms.complexity', recorded: 0.25, derived: null },
      1,
    ],
    [
      'a term that nobody knows',
      (lines) => {
        find(lines, 3).terms.luck = 0.25;
      },
      { episode: 3, what: 'terms.luck', recorded: 0.25, derived: null },
      1,
    ],
    [
      'a format that was not kept',
      (lines) => {
        find(lines, 4).format = false;
      },
      { episode: 4, what: 'terms.base', recorded: 1, derived: -1 },
    ],
    [
      'an advantage',
      (lines) => {
        find(lines, 18).advantage = 2;
      },
      { episode: 18, what: 'advantage', recorded: 2, derived: -0.83125 / Math.sqrt(1.01421875 / 3 + 0.01) },
    ],
    [
      'a proposal that was not trained on',
      (lines) => {
        find(lines, 18).advantage = null;
      },
      { episode: 18, what: 'advantage', recorded: null, derived: 'a number' },
    ],
    [
      'an attempt that was not trained on',
      (lines) => {
        find(lines, 36).advantage = null;
      },
      { what: 'count.deduction.solve', recorded: 3, derived: 4 },
    ],
    [
      'an attempt that was trained on besides',
      (lines) => {
        find(lines, 4).advantage = 0;
      },
      { what: 'count.deduction.solve', recorded: 5, derived: 4 },
    ],
    [
      'a seed that was trained on',
      (lines) => {
        find(lines, 1).advantage = 1;
      },
      { step: 0, episode: 1, what: 'advantage', recorded: 1, derived: null },
      1,
    ],
    [
      'a solve rate',
      (lines) => {
        verdict(lines, 3).solveRate = 0.75;
      },
      { episode: 3, what: 'judged.solveRate', recorded: 0.75, derived: 0.5 },
      1,
    ],
    [
      'a solve rate without attempts',
      (lines) => {
        verdict(lines, 18).solveRate = 0.5;
      },
      { episode: 18, what: 'judged.solveRate', recorded: 0.5, derived: null },
      1,
    ],
    [
      "a task's solve rate",
      (lines) => {
        task(lines, 5).solveRate = 0.75;
      },
      { task: 5, what: 'solveRate', recorded: 0.75, derived: 0.5 },
      1,
    ],
    [
      'whether an attempt is right',
      (lines) => {
        answer(lines, 4).correct = false;
      },
      { episode: 3, what: 'judged.solveRate', recorded: 0.5, derived: 0.25 },
    ],
    [
      'which hidden pairs are right',
      (lines) => {
        answer(lines, 20).right = [false, false];
      },
      { episode: 20, what: 'reward', recorded: 1, derived: -0.5 },
    ],
    [
      'why a task was refused',
      (lines) => {
        verdict(lines, 13).refused = 'too-hard';
      },
      { episode: 13, what: 'judged.refused', recorded: 'too-hard', derived: 'too-easy' },
      1,
    ],
    [
      'that a task was refused',
      (lines) => {
        verdict(lines, 3).refused = 'too-easy';
      },
      { episode: 3, what: 'accepted', recorded: true, derived: false },
    ],
    [
      'a task that should have been refused',
      (lines) => {
        verdict(lines, 13).refused = null;
      },
      { episode: 13, what: 'judged.refused', recorded: null, derived: 'too-easy' },
    ],
    [
      'a task that was refused without a reason',
      (lines) => {
        verdict(lines, 3).refused = 'leak';
      },
      { episode: 3, what: 'terms.base', recorded: 0.5, derived: -0.5 },
    ],
    [
      'a task that nobody proposed',
      (lines) => {
        find(lines, 3).task = null;
        for (const id of [4, 5, 6, 7]) find(lines, id).task = null;
      },
      { task: 5, what: 'proposal', recorded: null, derived: 'one of this step' },
    ],
    [
      'a task that two proposed',
      (lines) => {
        find(lines, 8).task = 5;
      },
      { episode: 8, what: 'task', recorded: 5, derived: 'one of its own' },
    ],
    [
      'a task that is not there',
      (lines) => {
        find(lines, 3).task = 500;
      },
      { episode: 3, what: 'task', recorded: 500, derived: 'one that enters in this step' },
    ],
    [
      'a task twice',
      (lines) => {
        task(lines, 9).astHash = 'hash 5';
      },
      { step: 2, task: 9, what: 'gate.novelty', recorded: 'accepted', derived: 'duplicate' },
      1,
    ],
    [
      'a task that behaves like another',
      (lines) => {
        task(lines, 9).behaviour = 'behaviour 5';
      },
      { step: 2, task: 9, what: 'gate.novelty', recorded: 'accepted', derived: 'same-behaviour' },
      1,
    ],
    [
      'a task again that was mastered',
      (lines) => {
        task(lines, 13).astHash = 'hash 10';
      },
      { step: 3, task: 13, what: 'gate.novelty', recorded: 'accepted', derived: 'duplicate' },
      1,
    ],
    [
      'a task that the filter should have kept out',
      (lines) => {
        task(lines, 5).solveRate = 1;
      },
      { task: 5, what: 'gate.filter', recorded: 'accepted', derived: 'too-easy' },
    ],
    [
      'where a task came from',
      (lines) => {
        task(lines, 5).origin = 'file';
      },
      { task: 5, what: 'origin', recorded: 'file', derived: 'proposed' },
      1,
    ],
    [
      'a seed that was proposed',
      (lines) => {
        task(lines, 3).origin = 'proposed';
      },
      { task: 3, what: 'origin', recorded: 'proposed', derived: 'a seed' },
      1,
    ],
    [
      'the step of a task',
      (lines) => {
        task(lines, 5).step = 3;
      },
      { task: 5, what: 'step', recorded: 3, derived: 1 },
      1,
    ],
    [
      'a parent that came later',
      (lines) => {
        task(lines, 5).parents = [6];
      },
      { task: 5, what: 'parents', recorded: 6, derived: 'one before task 5' },
      1,
    ],
    [
      'a missing attempt',
      ({ steps }) => {
        steps[1].record.episodes = steps[1].record.episodes.filter(({ id }) => id !== 7);
      },
      { episode: 8, what: 'id', recorded: 8, derived: 7 },
    ],
    [
      'a missing attempt, from the rate',
      ({ steps }) => {
        steps[1].record.episodes = steps[1].record.episodes.filter(({ id }) => id !== 7);
      },
      { episode: 3, what: 'attempts', recorded: 3, derived: 4 },
    ],
    [
      'a missing proposal',
      ({ steps }) => {
        steps[1].record.episodes = steps[1].record.episodes.filter(({ id }) => id !== 18);
      },
      { what: 'count.deduction.propose', recorded: 3, derived: 4 },
    ],
    [
      'a missing task',
      ({ steps }) => {
        steps[1].record.tasks.splice(1, 1);
      },
      { task: 7, what: 'id', recorded: 7, derived: 6 },
    ],
    [
      'an attempt at a proposal of another step',
      (lines) => {
        find(lines, 43).proposal = 3;
      },
      { step: 2, episode: 43, what: 'proposal', recorded: 3, derived: 'one of this step' },
    ],
    [
      'an attempt at another task than its proposal',
      (lines) => {
        find(lines, 4).task = 6;
      },
      { episode: 4, what: 'task', recorded: 6, derived: 5 },
      1,
    ],
    [
      'an attempt at a task that has left',
      (lines) => {
        find(lines, 108).task = 1;
        find(lines, 107).task = 1;
      },
      { step: 3, episode: 108, what: 'task', recorded: 1, derived: 'one that is in a buffer' },
    ],
    [
      'an attempt at nothing',
      (lines) => {
        find(lines, 35).task = null;
      },
      { episode: 35, what: 'task', recorded: null, derived: 'one that is in a buffer' },
    ],
    [
      'an attempt of another mode',
      (lines) => {
        find(lines, 35).mode = 'induction';
      },
      { episode: 35, what: 'mode', recorded: 'induction', derived: 'deduction' },
    ],
    [
      'a mode that is not played',
      (lines) => {
        find(lines, 18).mode = 'error';
      },
      { what: 'count.error.propose', recorded: 1, derived: 0 },
    ],
    [
      'a seed that was attempted',
      (lines) => {
        find(lines, 1).role = 'solve';
      },
      { step: 0, episode: 1, what: 'role', recorded: 'solve', derived: 'propose' },
    ],
    [
      'a verdict of the wrong kind',
      (lines) => {
        find(lines, 4).judged = { ...verdict(lines, 18) };
      },
      { episode: 4, what: 'judged.kind', recorded: 'proposal', derived: 'answer' },
    ],
    [
      'a new estimate',
      ({ steps }) => {
        steps[1].record.updates[0].solveRate = 0.75;
      },
      { step: 1, task: 6, what: 'updates.solveRate', recorded: 0.75, derived: 0.5 },
      1,
    ],
    [
      'an estimate that was forgotten',
      ({ steps }) => {
        steps[1].record.updates.shift();
      },
      { step: 1, task: 6, what: 'updates.solveRate', recorded: null, derived: 0.5 },
      1,
    ],
    [
      'an estimate of what nobody tried',
      ({ steps }) => {
        steps[1].record.updates.push({ task: 5, solveRate: 0.5 });
      },
      { step: 1, task: 5, what: 'updates.solveRate', recorded: 0.5, derived: null },
      1,
    ],
    [
      'a task that left without reason',
      ({ steps }) => {
        steps[1].record.updates.push({ task: 3, left: 'full' });
        steps[2].record.updates.shift();
        steps[2].snapshot = null;
        steps[3].record.updates.shift();
        steps[3].record.updates.unshift({ task: 1, left: 'full' });
      },
      { step: 1, task: 3, what: 'updates.left', recorded: 'full', derived: null },
    ],
    [
      'a mastered task that stayed',
      ({ steps }) => {
        delete steps[4].record.updates.at(-1)!.left;
      },
      { step: 4, task: 20, what: 'updates.left', recorded: null, derived: 'mastered' },
    ],
    [
      'a full buffer that let nothing go',
      ({ steps }) => {
        steps[5].record.updates.shift();
        steps[5].snapshot!.buffers.deduction.unshift(9);
      },
      { step: 5, task: 9, what: 'updates.left', recorded: null, derived: 'full' },
      1,
    ],
    [
      'the order of a buffer',
      ({ steps }) => {
        steps[2].snapshot!.buffers.deduction.reverse();
      },
      { step: 2, what: 'snapshot.buffers.deduction', recorded: 9, derived: 3 },
      1,
    ],
    [
      'a buffer that lacks a task',
      ({ steps }) => {
        steps[2].snapshot!.buffers.deduction.pop();
      },
      { step: 2, what: 'snapshot.buffers.deduction', recorded: 3, derived: 4 },
      1,
    ],
    [
      'what was mastered',
      ({ steps }) => {
        (steps[5].snapshot!.state.buffers as { mastered: number[] }).mastered.pop();
      },
      { step: 5, what: 'snapshot.mastered', recorded: 3, derived: 4 },
      1,
    ],
    [
      'a streak',
      ({ steps }) => {
        (steps[5].snapshot!.state.buffers as { streaks: [number, number][] }).streaks.push([17, 1]);
      },
      { step: 5, task: 17, what: 'snapshot.streaks', recorded: 1, derived: 0 },
      1,
    ],
    [
      'a penalty of a seed',
      (lines) => {
        find(lines, 1).terms.repetition = -0.5;
      },
      { step: 0, episode: 1, what: 'terms.repetition', recorded: -0.5, derived: null },
      1,
    ],
    [
      'the next task',
      ({ steps }) => {
        steps[5].snapshot!.nextTask = 30;
      },
      { step: 5, what: 'snapshot.nextTask', recorded: 30, derived: 25 },
      1,
    ],
    [
      'the next episode',
      ({ steps }) => {
        steps[5].snapshot!.nextEpisode = 300;
      },
      { step: 5, what: 'snapshot.nextEpisode', recorded: 300, derived: 183 },
      1,
    ],
    [
      'log-probabilities of fewer tokens',
      (lines) => {
        find(lines, 4).logProbs = new Float32Array(1);
      },
      { episode: 4, what: 'logProbs', recorded: 1, derived: 7 },
      1,
    ],
    [
      'another configuration',
      ({ run }) => {
        run.config = but({ 'reward.solver.wrong': -0.25 });
      },
      { episode: 6, what: 'reward', recorded: -0.5, derived: -0.25 },
    ],
  ])('%s', async (_name, falsify, { derived, ...found }, count) => {
    const { disagreements, counted } = await replayed(falsify);
    const one = disagreements.find(
      ({ what, step, episode, task }) =>
        what === found.what &&
        (found.step ?? step) === step &&
        (found.episode === undefined || found.episode === episode) &&
        (found.task === undefined || found.task === task),
    );
    expect(one).toMatchObject(found);
    if (typeof derived === 'number') expect(one!.derived).toBeCloseTo(derived, 6);
    else expect(one!.derived).toBe(derived);
    const figures = [found.recorded ?? 'none', one!.derived ?? 'none'];
    const subject = one!.episode ? `episode ${one!.episode} ` : one!.task ? `task ${one!.task}: ` : '';
    for (const part of [`Step ${one!.step}`, subject, ...figures])
      expect(one!.message).toContain(String(part));
    expect(one!.message).toMatch(/^Step .*: .+ is recorded as .+, but should be .+\.$/s);
    if (count !== undefined) expect(counted).toBe(count);
  });

  it('all of them are counted, and the first hundred are kept', async () => {
    const result = await replayed(({ run }) => {
      run.config = but({ 'reward.solver.right': 0.5, 'reward.solver.wrong': -0.25 });
    });
    expect(result.disagreements).toHaveLength(100);
    expect(result.counted).toBeGreaterThan(200);
  });
});

// ---- Logs that are not whole -------------------------------------------------------------------------------------------

describe('a log that cannot be replayed to its end', () => {
  it('is replayed as far as it goes, and says how it ends', async () => {
    const text = await textOf(await playedLog());
    const lines = text.split('\n');
    const result = await replay(await openLog(streamOf(`${lines.slice(0, 4).join('\n')}\n{"kind"`)));
    expect(result).toMatchObject({ steps: 3, counted: 0, ending: { complete: false } });
    expect(result.ending.message).toContain('everything up to step 2 is there');
  });

  it.each([
    ['episode', ({ steps }: Lines) => void steps[1].record.episodes.push(steps[1].record.episodes[0])],
    ['task', ({ steps }: Lines) => void steps[2].record.tasks.unshift(steps[1].record.tasks[0])],
  ])('an %s that comes twice ends it', async (_name, falsify) => {
    const { ending } = await replayed(falsify);
    expect(ending).toMatchObject({ complete: false });
    expect(ending.message).toContain('out of order');
  });

  it('a newer one is refused', async () => {
    const text = (await textOf(await playedLog())).replace('"version":1', '"version":2');
    await expect(openLog(streamOf(text))).rejects.toBeInstanceOf(NewerVersionError);
  });

  it('one whose configuration is none is refused', async () => {
    await expect(
      replayed(({ run }) => {
        run.config = { batch: 'many' };
      }),
    ).rejects.toBeInstanceOf(ConfigError);
  });

  it('is given up when asked to', async () => {
    const log = await openLog(await playedLog());
    await expect(replay(log, { signal: AbortSignal.abort(new Error('stopped')) })).rejects.toThrow('stopped');
  });
});
