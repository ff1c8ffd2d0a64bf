/** What one step of self-play does, in small numbers: who is asked what, how often, what is trained on, and what is written down. */
import { describe, expect, it } from 'vitest';
import type { Datum } from '../../../../src/engine/engine';
import type { Config } from '../../../../src/selfplay/config';
import { readSeeds, seedOf, writeSeeds } from '../../../../src/selfplay/seeds';
import type { Episode, Mode, Task } from '../../../../src/store/records';
import type { Heard } from '../../../doubles/engine';
import { world } from '../../../doubles/families';
import {
  attemptsOf,
  comparable,
  type GameOptions,
  type Played,
  playGame,
  proposalsOf,
  trainedOf,
} from '../../../doubles/game';
import { type HonestOptions, honest, solution } from '../../../doubles/scripts';
import { pieces } from '../../../doubles/tokenizer';

const script =
  (options: HonestOptions = {}): GameOptions['script'] =>
  (dialect) =>
    honest(dialect, options);
/** Solves half of all questions, so that every new task is worth something. */
const half = script({ skill: () => 0.5 });
const plainFamilies = world.filter(({ nature, kind }) => nature === 'sound' && kind === 'int').slice(0, 12);

const play = (changes: Partial<Config>, options: Partial<GameOptions> = {}): Promise<Played> =>
  playGame(changes, { script: half, ...options });

const three: Mode[] = ['deduction', 'abduction', 'induction'];
const taskById = ({ records }: Played) =>
  new Map(records.flatMap(({ tasks }) => tasks).map((task) => [task.id, task]));

describe('what a step trains on', () => {
  it.each([
    ['one mode', ['deduction']],
    ['three modes', three],
    ['all modes', [...three, 'error']],
  ] as [string, Mode[]][])('is exactly 2 x modes x batch: %s', async (_name, modes) => {
    const { records } = await play({ modes, batch: 3, 'estimate.samples': 3, steps: 4 });
    for (const record of records.slice(1)) {
      for (const mode of modes) {
        expect(trainedOf(proposalsOf(record, mode))).toHaveLength(3);
        expect(trainedOf(attemptsOf(record, mode))).toHaveLength(3);
      }
      expect(trainedOf(record.episodes)).toHaveLength(2 * modes.length * 3);
    }
  });

  it('goes into one update of one set of weights, both roles together', async () => {
    const heard: Heard[] = [];
    const options = { engine: { listen: (each: Heard) => heard.push(each) } };
    const { records } = await play({ modes: three, batch: 2, steps: 2 }, options);
    const updates = heard.flatMap((each) => (each.verb === 'forwardBackward' ? [each] : []));
    expect(updates).toHaveLength(2);
    expect(heard.filter(({ verb }) => verb === 'optimStep')).toHaveLength(2);
    const learned = (batch: Datum[]) => batch.map(({ advantages }) => Math.max(...advantages!.map(Math.abs)));
    updates.forEach(({ batch }, index) => {
      const due = trainedOf(records[index + 1].episodes).map(({ advantage }) =>
        Math.fround(Math.abs(advantage!)),
      );
      expect(learned(batch)).toEqual(due);
    });
  });

  it('is the attempts that tell how hard an accepted proposal is, all of a group or none', async () => {
    const { records } = await play({ modes: ['deduction'], batch: 4, 'estimate.samples': 2, steps: 6 });
    const reused = records
      .slice(1)
      .flatMap((record) => trainedOf(attemptsOf(record)).filter((each) => each.proposal));
    expect(reused.length).toBeGreaterThan(8);
    for (const record of records.slice(1)) {
      const proposals = new Map(proposalsOf(record).map((each) => [each.id, each]));
      const groups = new Map<number, Episode[]>();
      for (const each of attemptsOf(record))
        groups.set(each.group, [...(groups.get(each.group) ?? []), each]);
      for (const attempts of groups.values()) {
        expect(attempts).toHaveLength(2);
        const proposal = attempts[0].proposal === null ? null : proposals.get(attempts[0].proposal)!;
        // All of a group are trained on, or none; and only those at tasks that were accepted.
        expect(new Set(attempts.map(({ advantage }) => advantage === null)).size).toBe(1);
        if (proposal?.task === null) expect(attempts[0].advantage).toBeNull();
      }
    }
  });

  it('is filled up with other tasks than those that were just attempted', async () => {
    const few = { script: script({ skill: () => 0.2 }) };
    const { records } = await play({ modes: ['deduction'], batch: 6, 'seeding.factor': 2, steps: 5 }, few);
    let filled = 0;
    for (const record of records.slice(1)) {
      const attempts = attemptsOf(record);
      const proposed = new Set(attempts.flatMap(({ proposal, task }) => (proposal === null ? [] : [task])));
      for (const { proposal, task } of attempts) {
        if (proposal !== null) continue;
        filled++;
        expect(proposed).not.toContain(task);
      }
    }
    expect(filled).toBeGreaterThan(4);
  });

  it('is tasks of the step before where the paper is followed, each attempted once', async () => {
    const { records } = await play({
      modes: ['deduction'],
      batch: 3,
      'solve.when': 'previous-step',
      'estimate.reuse': false,
      steps: 5,
    });
    let fresh = 0;
    for (const record of records.slice(1)) {
      const trained = trainedOf(attemptsOf(record));
      const before = records[record.step - 1].tasks.map(({ id }) => id);
      expect(trained.every(({ proposal }) => proposal === null)).toBe(true);
      expect(record.tasks.some(({ id }) => trained.some(({ task }) => task === id))).toBe(false);
      const asked = trained.filter(({ task }) => before.includes(task!)).length;
      // All that are new, as far as there is room for them.
      expect(asked).toBeGreaterThanOrEqual(Math.min(3, before.length));
      fresh += asked;
      expect(
        attemptsOf(record)
          .filter(({ proposal }) => proposal !== null)
          .every(({ advantage }) => advantage === null),
      ).toBe(true);
    }
    expect(fresh).toBeGreaterThan(3);
  });
});

describe('proposers', () => {
  it('are asked about programs of the two other modes, for induction', async () => {
    const played = await play({ modes: three, batch: 3, steps: 4 });
    const tasks = taskById(played);
    const induction = [...tasks.values()].filter(
      ({ mode, origin }) => mode === 'induction' && origin === 'proposed',
    );
    expect(induction.length).toBeGreaterThan(2);
    for (const { parents, program } of induction) {
      expect(parents).toHaveLength(1);
      expect(['abduction', 'deduction']).toContain(tasks.get(parents[0])?.mode);
      expect(tasks.get(parents[0])?.program).toBe(program);
    }
  });

  it('are shown nothing where there are to be no references', async () => {
    const played = await play({ modes: ['deduction'], references: 0, batch: 4, steps: 3 });
    const prompts = played.records.flatMap((record) => proposalsOf(record).map(({ prompt }) => prompt));
    expect(new Set(prompts).size).toBe(1);
    for (const { parents } of taskById(played).values()) expect(parents).toEqual([]);
  });

  it('are shown as many different tasks as asked for, or all that there are', async () => {
    const played = await play({ modes: ['deduction'], references: 3, batch: 3, steps: 6 });
    const tasks = taskById(played);
    for (const record of played.records.slice(1)) {
      for (const { task } of proposalsOf(record)) {
        const shown = task === null ? [] : tasks.get(task)!.parents;
        expect(new Set(shown).size).toBe(shown.length);
        expect(shown.length).toBeLessThanOrEqual(3);
        if (task !== null)
          expect(shown.length).toBe(
            Math.min(3, [...tasks.values()].filter(({ step }) => step < record.step).length),
          );
      }
    }
  });

  it('are asked but do not learn while they are frozen', async () => {
    const { records } = await play({
      modes: ['deduction', 'abduction'],
      proposer: 'frozen',
      batch: 3,
      steps: 3,
    });
    for (const record of records.slice(1)) {
      expect(proposalsOf(record)).toHaveLength(6);
      expect(trainedOf(proposalsOf(record))).toEqual([]);
      expect(trainedOf(record.episodes)).toHaveLength(6);
      const { metrics } = record;
      // Seen, but not learned from.
      expect(metrics['gen_code_o/format_score']).toBe(1);
      expect(metrics).not.toHaveProperty('gen_code_o/critic/advantages/mean');
      expect(metrics['completions/mean_length']).toBeCloseTo(
        trainedOf(attemptsOf(record)).reduce((sum, { tokens }) => sum + tokens.length, 0) / 6,
      );
      expect(metrics['pred_code_o/accuracy']).toBe(
        trainedOf(attemptsOf(record, 'deduction')).filter(
          ({ judged }) => judged.kind === 'answer' && judged.correct,
        ).length / 3,
      );
    }
  });

  it('are not asked in the first steps, if those are for the solver', async () => {
    const { records } = await play({ modes: ['deduction'], 'solve.warmup': 2, batch: 3, steps: 4 });
    expect(records.slice(1).map((record) => proposalsOf(record).length)).toEqual([0, 0, 3, 3]);
    expect(records.slice(1).map((record) => trainedOf(attemptsOf(record)).length)).toEqual([3, 3, 3, 3]);
    expect(records[1].metrics).not.toHaveProperty('gen_code_o/format_score');
    expect(records[1].metrics['pred_code_o/format_score']).toBe(1);
  });

  it('are never asked where there are none', async () => {
    const { records } = await play({ modes: ['deduction'], proposer: 'off', batch: 3, steps: 3 });
    expect(records.slice(1).flatMap((record) => proposalsOf(record))).toEqual([]);
    expect(records.slice(1).flatMap(({ tasks }) => tasks)).toEqual([]);
  });
});

describe('seeds', () => {
  const seeding: Partial<Config> = { modes: three, batch: 2, 'seeding.factor': 2, steps: 0 };

  it('grow from the identity alone', async () => {
    const { records } = await play(seeding);
    expect(records).toHaveLength(1);
    const [{ tasks, episodes }] = records;
    const identity = tasks.filter(({ origin }) => origin === 'identity');
    expect(identity.map(({ mode, program }) => [mode, program])).toEqual(
      three.map((mode) => [mode, 'def f(a):\n    return a']),
    );
    for (const mode of three) expect(tasks.filter((task) => task.mode === mode)).toHaveLength(4);
    const programs = (mode: Mode) => tasks.filter((task) => task.mode === mode).map(({ program }) => program);
    // A program serves both.
    expect(programs('abduction')).toEqual(programs('deduction'));
    expect(
      episodes.every(({ role, advantage, step }) => role === 'propose' && advantage === null && step === 0),
    ).toBe(true);
    // What they were made from is there.
    for (const { origin, parents } of tasks)
      if (origin === 'seeding') expect(parents.length).toBeGreaterThan(0);
  });

  it('are the same for the same seed, and others for another', async () => {
    const texts = async (seed: number) => {
      const { records } = await play({ ...seeding, seed });
      return writeSeeds(records[0].tasks.map(seedOf));
    };
    expect(await texts(5)).toBe(await texts(5));
    expect(await texts(5)).not.toBe(await texts(6));
  });

  it('come from a file as they were written there, and nothing is asked for', async () => {
    const { records } = await play(seeding);
    const seeds = readSeeds(writeSeeds(records[0].tasks.map(seedOf)));
    const again = await play(seeding, { seeds });
    expect(again.records[0].episodes).toEqual([]);
    const bare = ({ mode, program, pairs, message }: Task) =>
      JSON.stringify({ mode, program, pairs, message });
    expect(new Set(again.records[0].tasks.map(bare))).toEqual(new Set(records[0].tasks.map(bare)));
    expect(again.records[0].tasks.every(({ origin, step }) => origin === 'file' && step === 0)).toBe(true);
  });

  it('from a file keep their comments, which the model’s own may lose', async () => {
    const program = 'def f(a):\n    # one more\n    return a + 1';
    const seeds = readSeeds(JSON.stringify({ kind: 'program', program, input: '1' }));
    const { records } = await play({ modes: ['deduction'], steps: 0, 'seeding.clean': true }, { seeds });
    expect(records[0].tasks.map((task) => task.program)).toEqual([program]);
  });

  it('are never the same program with the same input, whatever the gate thinks of novelty', async () => {
    const few = script({ numbers: 1, layouts: false, families: plainFamilies.slice(0, 2) });
    const modes: Mode[] = ['deduction'];
    const changes = { ...seeding, modes, batch: 4, 'seeding.factor': 20, 'gate.novelty': 'none' } as const;
    const { records } = await play(changes, { script: few });
    const texts = records[0].tasks.map(({ program, pairs }) => JSON.stringify([program, pairs[0][0]]));
    const proposed = records[0].episodes.map(({ completion }) => completion);
    expect(new Set(proposed).size).toBeLessThan(proposed.length);
    expect(new Set(texts).size).toBe(texts.length);
  });

  it('in a file that do not run are left out, with a word about it', async () => {
    const seeds = readSeeds(
      [
        { program: 'def f(a):\n    return a + 3', input: '4' },
        { program: 'def f(a):\n    return a + 4', input: '4', output: '9' },
        { program: 'def f(a):\n    return clock()', input: '4' },
      ]
        .map((seed) => JSON.stringify({ kind: 'program', ...seed }))
        .join('\n'),
    );
    const { records } = await play({ modes: ['deduction'], steps: 0 }, { seeds });
    expect(records[0].tasks.map(({ origin, pairs }) => [origin, pairs])).toEqual([['file', [['4', '7']]]]);
    expect(records[0].alerts).toMatchObject([
      { kind: 'seeding', message: expect.stringContaining('2 seeds of the file') },
    ]);
  });
});

describe('prompts that are too long', () => {
  it('cost no run: what cannot be asked is told', async () => {
    const { records } = await play({
      modes: ['deduction'],
      'tokens.content': 1,
      batch: 3,
      'seeding.factor': 0,
      steps: 2,
    });
    for (const record of records.slice(1)) {
      expect(proposalsOf(record)).toEqual([]);
      expect(trainedOf(attemptsOf(record))).toHaveLength(3);
      expect(record.alerts).toContainEqual({
        kind: 'short',
        message: expect.stringContaining('3 of 3 proposals of deduction'),
      });
    }
  });

  it('of tasks: neither new ones nor seeds can be solved, and the run goes on', async () => {
    const { records } = await play({
      modes: ['deduction', 'abduction'],
      'tokens.prompt': 1,
      'tokens.content': 1,
      batch: 2,
      steps: 2,
      'seeding.factor': 0,
    });
    for (const record of records.slice(1)) {
      expect(record.episodes).toEqual([]);
      expect(record.alerts.filter(({ kind }) => kind === 'short')).toHaveLength(4);
      expect(record.metrics['actor/updates']).toBe(0);
    }
  });

  it('lose references until they fit', async () => {
    const lengths = async (content: number) => {
      const { records } = await play({
        modes: ['deduction'],
        references: 3,
        'tokens.content': content,
        batch: 3,
        steps: 4,
      });
      return records
        .slice(1)
        .flatMap((record) => proposalsOf(record).map(({ promptTokens }) => promptTokens));
    };
    expect(Math.max(...(await lengths(1_000)))).toBeGreaterThan(14);
    const short = await lengths(14);
    expect(short).toHaveLength(12);
    expect(Math.max(...short)).toBeLessThanOrEqual(14);
  });
});

describe('composite functions', () => {
  const composed: Partial<Config> = {
    modes: ['deduction'],
    'composite.chance': 1,
    'composite.max': 1,
    references: 3,
    batch: 4,
    'seeding.factor': 1,
    steps: 15,
  };

  it('stand before the program that has to build on them', async () => {
    const played = await play(composed);
    const tasks = taskById(played);
    const made = [...tasks.values()].filter(({ composite }) => composite.length > 0);
    expect(made.length).toBeGreaterThan(2);
    for (const { composite, program, parents } of made) {
      expect(composite).toEqual(['g_0']);
      expect(program).toMatch(/^(import math\n)?def g_0\(/);
      const source = parents
        .map((id) => tasks.get(id)!)
        .find((task) => program.startsWith(task.program.replaceAll('f(', 'g_0(')));
      expect(source).toBeDefined();
      expect(source?.composite).toEqual([]);
    }
  });

  it('are refused if f only passes on what they give, or does without them', async () => {
    const { records } = await play(composed);
    const refused = records
      .slice(1)
      .flatMap((record) =>
        proposalsOf(record).flatMap(({ judged, reward }) =>
          judged.kind === 'proposal' && judged.refused === 'not-composite' ? [[judged.reason, reward]] : [],
        ),
      );
    expect(refused).toContainEqual(['f only passes on what g_0 gives.', -1]);
    expect(refused).toContainEqual(['f does not call g_0.', -1]);
  });
});

describe('error mode', () => {
  it('asks which exception is raised, from proposal to reward', async () => {
    const played = await play({ modes: ['error'], batch: 4, 'estimate.samples': 2, steps: 6 });
    const tasks = [...taskById(played).values()].filter(({ origin }) => origin === 'proposed');
    expect(new Set(tasks.map(({ pairs }) => pairs[0][1])).size).toBeGreaterThan(1);
    expect(tasks.map(({ pairs }) => pairs[0][1])).toContain('NoError');
    for (const { program, pairs } of tasks) {
      expect(solution({ mode: 'error', program, input: pairs[0][0] })).toBe(pairs[0][1]);
    }
    const right = attemptsOf(played.records[2]).filter(
      ({ judged }) => judged.kind === 'answer' && judged.correct,
    );
    expect(right.every(({ reward }) => reward === 1)).toBe(true);
  });
});

describe('a program that takes no argument', () => {
  const proposes = (program: string): Partial<GameOptions> => ({
    script: (dialect) => (line) => {
      const asked = dialect.meaningOf(line.prompt);
      return asked.kind === 'propose'
        ? dialect.writeProposal(asked.request.mode, { program, inputs: [''], message: '', thought: '' })
        : half(dialect)(line);
    },
  });

  it.each([
    ['deduction', 'def f():\n    return 123'],
    ['abduction', 'def f():\n    return 123'],
    ['error', 'def f(a):\n    if a > 3: raise ValueError\n    return a'],
  ] as [Mode, string][])('depends on nothing: %s', async (mode, program) => {
    const changes: Partial<Config> = { modes: [mode], 'gate.filter': 'all', 'seeding.factor': 0, steps: 1 };
    const { records } = await play(changes, proposes(program));
    expect(records[1].tasks).toEqual([]);
    expect(proposalsOf(records[1]).map(({ judged }) => judged)).toMatchObject([
      { verdict: 'ok', refused: 'constant' },
      { verdict: 'ok', refused: 'constant' },
    ]);
  });
});

describe('solve rates', () => {
  it('lie strictly between 0 and 1 where the temperature is above 0', async () => {
    const { records } = await play(
      { modes: ['deduction'], batch: 6, 'estimate.samples': 4, steps: 4, 'gate.filter': 'all' },
      { script: script({ skill: () => 0.5, families: plainFamilies }) },
    );
    const rates = records
      .slice(1)
      .flatMap((record) =>
        proposalsOf(record).flatMap(({ judged }) =>
          judged.kind === 'proposal' ? (judged.solveRate ?? []) : [],
        ),
      );
    const inside = rates.filter((rate) => rate > 0 && rate < 1);
    expect(rates.length).toBeGreaterThan(10);
    expect(inside.length / rates.length).toBeGreaterThan(0.6);
    expect(records[1].metrics).toHaveProperty('solve_rate/deduction/25-50');
  });
});

describe('the seed', () => {
  it('decides everything: the same run twice, whatever comes back first', async () => {
    const changes: Partial<Config> = { modes: three, batch: 3, steps: 4, seed: 11 };
    const vocabulary = pieces();
    const [first, second, third] = [
      await play(changes, { vocabulary }),
      await play(changes, { vocabulary, engine: { seed: 99 }, executor: { seed: 98 } }),
      await play({ ...changes, seed: 12 }, { vocabulary }),
    ];
    expect(second.records.map(comparable)).toEqual(first.records.map(comparable));
    expect(second.game.weights(second.loop)).toEqual(first.game.weights(first.loop));
    expect(third.records.map(comparable)).not.toEqual(first.records.map(comparable));
  });
});
