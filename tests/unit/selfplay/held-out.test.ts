/**
 * What a run is tested with does not come into it, however it is written and whoever brings it: by the marks that a real Python
 * gives, and through whole steps of the loop.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Executor } from '../../../src/sandbox/executor';
import type { Config } from '../../../src/selfplay/config';
import type { ProposalRequest } from '../../../src/selfplay/dialect';
import { allMarks, conductOf, marksOf } from '../../../src/selfplay/held-out';
import { probesFor } from '../../../src/selfplay/probes';
import type { Seed } from '../../../src/selfplay/seeds';
import type { Chance } from '../../doubles/chance';
import { ScriptedExecutor } from '../../doubles/executor';
import { Game, type GameOptions, type Played, playGame, proposalsOf, toEnd } from '../../doubles/game';
import { openNodePython } from '../../doubles/node-python';
import { honest } from '../../doubles/scripts';

const f = (head: string, ...body: string[]) => [`def f(${head}):`, ...body].join('\n    ');

// ---- Marks -----------------------------------------------------------------------------------------------------------

describe('marks of a program', () => {
  let python: Executor;
  beforeAll(async () => {
    python = await openNodePython();
  }, 60_000);
  afterAll(() => python.dispose());

  const ends = f('x', 'a = x[1:]', 'return a + x[:-1]');
  const minus = f('x, y', 'return x * 2 - y');

  /** What the gate sees of a proposal. */
  async function seen(program: string, input: string): Promise<string[]> {
    const measured = await python.measure(program);
    const outcomes = await python.validate(program, probesFor(input));
    return [measured.verdict === 'ok' ? measured.measures.astHash : '', conductOf(input, outcomes)];
  }
  const known = async (held: [string, string], proposed: [string, string]) => {
    const marks = await marksOf(...held, python);
    return (await seen(...proposed)).some((mark) => marks.includes(mark));
  };

  it.each<[string, [string, string], [string, string]]>([
    ['itself', [ends, '[1, 2]'], [ends, '[3]']],
    ['other names and layout', [ends, '[1, 2]'], [f('n', 'b =  n[1:] # cut', 'return b + n[:-1]'), '[7, 7]']],
    ['other words for the same', [ends, '[1, 2]'], [f('x', 'return x[1:] + x[:-1]'), '[4, 5, 6]']],
    ['the same on inputs of another kind', [ends, '[1, 2]'], [f('x', 'return x[1:] + x[:-1]'), "'abc'"]],
    ['an empty list', [ends, '[1, 2]'], [f('x', 'return x[1:] + x[:-1]'), '[]']],
    ['a named argument', [ends, '[1, 2]'], [f('x', 'return x[1:] + x[:-1]'), 'x=[2, 9]']],
    ['two arguments', [minus, '3, 4'], [f('x, y', 'return x + x - y'), '1, 2']],
    ['two arguments by name', [minus, '3, 4'], [f('x, y', 'return x + x - y'), 'y=1, x=2']],
    ['one of two by name', [minus, '3, 4'], [f('x, y', 'return x + x - y'), '1, y=2']],
    ['truths for numbers', [minus, '3, 4'], [f('x, y', 'return x + x - y'), 'True, 2']],
  ])('meet those of %s', async (_, held, proposed) => {
    expect(await known(held, proposed)).toBe(true);
  });

  it.each<[string, [string, string], [string, string]]>([
    ['what does something else', [ends, '[1, 2]'], [f('x', 'return x[:-1] + x[1:]'), '[1, 2]']],
    [
      'the identity, as which it passes elsewhere',
      [f('x', 'return abs(x)'), '-3'],
      [f('x', 'return x'), 'True'],
    ],
    [
      'what is constant, as which it passes elsewhere',
      [f('x', "return 'd' in x"), "'d'"],
      [f('x', 'return False'), '[1]'],
    ],
    ['another order of two arguments', [minus, '3, 4'], [f('y, x', 'return x * 2 - y + 0'), '1, 2']],
  ])('do not meet those of %s', async (_, held, proposed) => {
    expect(await known(held, proposed)).toBe(false);
  });

  it('are made once for a program, and not at all for what is known or has none', async () => {
    const counted = new ScriptedExecutor();
    const program = f('a', 'return a * 7');
    const tasks = [
      { program, pairs: [['1', '7']] as const },
      { program, pairs: [['2', '14']] as const },
      { program: '', pairs: [['1', '2']] as const },
    ];
    const marks = await allMarks([], tasks, counted);
    const { validate } = counted.counts;
    expect(marks.size).toBeGreaterThan(1);
    expect(marks).not.toContain('');
    expect(await allMarks(marks, tasks, counted)).toEqual(marks);
    expect(counted.counts.validate).toBe(validate);
  });
});

// ---- In a run --------------------------------------------------------------------------------------------------------

type Make = (
  request: ProposalRequest,
  chance: Chance,
) => { program?: string; inputs?: string[]; message?: string };

const proposing =
  (make: Make): GameOptions['script'] =>
  (dialect) => {
    const solver = honest(dialect, { skill: () => 0.5 });
    return (line) => {
      const asked = dialect.meaningOf(line.prompt);
      if (asked.kind === 'solve') return solver(line);
      const made = make(asked.request, line.chance);
      return dialect.writeProposal(asked.request.mode, {
        program: '',
        inputs: ['3'],
        message: '',
        thought: '',
        ...made,
      });
    };
  };

const secret = f('a', 'return a * 7 + 1');
const others: Make = (_, chance) => ({ program: f('a', `return a * ${8 + chance.below(900)}`) });
const base: Partial<Config> = { modes: ['deduction'], 'gate.filter': 'all', steps: 2 };
const marks = () => allMarks([], [{ program: secret, pairs: [['1', '8']] }], new ScriptedExecutor());

const play = async (changes: Partial<Config>, options: Omit<GameOptions, 'players'>): Promise<Played> =>
  playGame({ ...base, ...changes }, { ...options, players: { heldOut: await marks() } });

const refusals = ({ records }: Played) =>
  records
    .flatMap((record) => proposalsOf(record))
    .map(({ judged }) => (judged.kind === 'proposal' ? judged.refused : 'unread'));
const programs = ({ records }: Played) => records.flatMap(({ tasks }) => tasks.map(({ program }) => program));

describe('a proposal that is held out', () => {
  const once = (written: Make) => play({ 'seeding.factor': 0 }, { script: proposing(written) });

  it.each<[string, Make]>([
    ['as it is', () => ({ program: secret })],
    ['with another name', () => ({ program: f('n', 'return n * 7 + 1') })],
    ['in other words', () => ({ program: f('a', 'b = a * 7', 'return 1 + b') })],
    ['by name', () => ({ program: f('a', 'return 1 + a * 7'), inputs: ['a=3'] })],
  ])('is refused: %s', async (_, make) => {
    const played = await once(make);
    expect(new Set(refusals(played))).toEqual(new Set(['held-out']));
    expect(programs(played)).not.toContain(make({} as ProposalRequest, {} as Chance).program);
  });

  it('is worth what other refused tasks are, and is counted', async () => {
    const played = await once(() => ({ program: secret }));
    const [, first] = played.records;
    expect(new Set(proposalsOf(first).map(({ terms }) => terms.base))).toEqual(new Set([-0.5]));
    expect(first.metrics['gate/refused/held-out']).toBe(1);
    expect((await played.game.replayed()).disagreements).toEqual([]);
  });

  it('is refused in mode error only where it is written alike, since there nearly all programs do the same', async () => {
    const why = async (program: string) =>
      new Set(refusals(await play({ modes: ['error'] }, { script: proposing(() => ({ program })) })));
    expect(await why(secret)).toContain('held-out');
    expect(await why(f('a', 'return 1 + a * 7'))).not.toContain('held-out');
  });

  it('is refused where nothing else asks what programs do', async () => {
    const script = proposing(() => ({ program: f('a', 'return 1 + a * 7') }));
    const played = await play(
      { 'gate.novelty': 'none', 'gate.constant': false, 'seeding.factor': 0 },
      { script },
    );
    expect(refusals(played)).toContain('held-out');
  });

  it('is a task like any other in a run that is not tested with it', async () => {
    const played = await playGame(base, { script: proposing(() => ({ program: secret })) });
    expect(programs(played)).toContain(secret);
    const off = await play({ 'gate.held-out': false }, { script: proposing(() => ({ program: secret })) });
    expect(programs(off)).toContain(secret);
  });
});

describe('seeds that are held out', () => {
  const seed = (program: string): Seed => ({ kind: 'program', program, input: '3', output: null });

  it('of a file are left out, and that is said', async () => {
    const seeds = [seed(secret), seed(f('a', 'return a * 9'))];
    const played = await play({}, { script: proposing(others), seeds });
    expect(programs(played)).not.toContain(secret);
    expect(programs(played)).toContain(seeds[1].kind === 'program' && seeds[1].program);
    expect(played.records[0].alerts.map(({ message }) => message).join()).toContain(
      'the run is tested with this program, or one that does the same.',
    );
  });

  it('of the model are not taken', async () => {
    const mixed: Make = (request, chance) =>
      chance.happens(0.5) ? { program: secret } : others(request, chance);
    const played = await play({ 'seeding.factor': 3, steps: 1 }, { script: proposing(mixed) });
    expect(refusals({ ...played, records: played.records.slice(0, 1) })).toContain('held-out');
    expect(programs(played)).not.toContain(secret);
  });
});

describe('induction', () => {
  const make: Make = (request, chance) =>
    request.mode === 'induction'
      ? { inputs: ['1', '2', '3', `${4 + chance.below(900)}`], message: 'm' }
      : { program: chance.happens(0.5) ? secret : others(request, chance).program };

  it('is never about a held-out program, not even about one that came in before it was one', async () => {
    const asked: string[] = [];
    const script: GameOptions['script'] = (dialect) => {
      const write = proposing(make)(dialect);
      return (line) => {
        const meaning = dialect.meaningOf(line.prompt);
        if (meaning.kind === 'propose' && meaning.request.mode === 'induction')
          asked.push(meaning.request.program);
        return write(line);
      };
    };
    const config = {
      ...base,
      modes: ['deduction', 'induction'],
      'gate.novelty': 'none',
      steps: 8,
      batch: 4,
    } as const;
    const game = new Game({ ...config, modes: [...config.modes] }, { script });
    await game.create();
    const before = await game.begin();
    for (let step = 0; step < 3; step++) await before.advance();
    expect(asked).toContain(secret);
    asked.length = 0;
    const after = await game.resume({ ...game.players(), heldOut: await marks() });
    await toEnd(after);
    expect(asked.length).toBeGreaterThan(5);
    expect(asked).not.toContain(secret);
  });
});
