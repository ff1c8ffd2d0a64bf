/**
 * Hindsight: what a step is taught besides its own attempts, that it is the truth about tasks of the run itself, that a run which is
 * resumed learns the same again, and that a log in which a lesson was changed does not add up.
 */
import { describe, expect, it } from 'vitest';
import type { Config } from '../../../../src/selfplay/config';
import { allMarks } from '../../../../src/selfplay/held-out';
import { kindsOf } from '../../../../src/selfplay/probes';
import { goldAnswer, questionOf } from '../../../../src/selfplay/questions';
import { type Disagreement, replay } from '../../../../src/selfplay/replay';
import { parse, stringify } from '../../../../src/store/json';
import { exportLog, importLog, type LogStep, openLog } from '../../../../src/store/log';
import { MemoryStore } from '../../../../src/store/memory';
import type { Lesson, StepRecord, Task } from '../../../../src/store/records';
import type { Heard } from '../../../doubles/engine';
import { ScriptedExecutor } from '../../../doubles/executor';
import {
  attemptsOf,
  comparable,
  Game,
  type GameOptions,
  type Played,
  playGame,
  proposalsOf,
  toEnd,
  trainedOf,
} from '../../../doubles/game';
import { honest } from '../../../doubles/scripts';

const base: Partial<Config> = {
  modes: ['deduction', 'abduction', 'induction'],
  'gate.filter': 'all',
  'hindsight.tasks': 3,
  'hindsight.proposals': 1,
  batch: 3,
  steps: 4,
};
const script: GameOptions['script'] = (dialect) => honest(dialect, { skill: () => 0.5 });
const play = (changes: Partial<Config> = {}, options: Partial<GameOptions> = {}): Promise<Played> =>
  playGame({ ...base, ...changes }, { script, ...options });

const later = ({ records }: Played) => records.slice(1);
const lessonsOf = ({ lessons = [] }: StepRecord, kind?: Lesson['kind']) =>
  lessons.filter((lesson) => kind === undefined || lesson.kind === kind);
const tasksOf = ({ records }: Played) =>
  new Map(records.flatMap(({ tasks }) => tasks).map((task): [number, Task] => [task.id, task]));

describe('an answer that is taught', () => {
  it('is the true one, with the true thought, to the question that a solver is asked', async () => {
    const played = await play();
    const { dialect } = played.game;
    const tasks = tasksOf(played);
    const taught = later(played).flatMap((record) => lessonsOf(record, 'answer'));
    expect(new Set(taught.map(({ mode }) => mode))).toEqual(new Set(base.modes));
    for (const { task: id, mode, prompt, completion } of taught) {
      const made = tasks.get(id)!;
      const asked = made.pairs.filter(
        (pair) => dialect.solve(questionOf({ ...made, mode, pairs: [pair] })) === prompt,
      );
      const task = { ...made, mode, pairs: mode === 'induction' ? made.pairs : asked };
      expect(prompt).toBe(dialect.solve(questionOf(task)));
      const thought = mode === 'induction' ? '' : `\n1: =${task.pairs[0][1]}`;
      expect(dialect.parseAnswer(mode, completion)).toEqual({
        format: true,
        parsed: { kind: 'answer', answer: goldAnswer(task), thought },
      });
    }
  });

  it('is asked both ways of what was proposed as a deduction or as an abduction, and of the pairs of inductions', async () => {
    const played = await play({ 'hindsight.tasks': 50 });
    const tasks = tasksOf(played);
    const ways = later(played)
      .flatMap((record) => lessonsOf(record, 'answer'))
      .map(({ task, mode }) => `${tasks.get(task)!.mode} as ${mode}`);
    expect([...new Set(ways)].sort()).toEqual([
      'abduction as abduction',
      'abduction as deduction',
      'deduction as abduction',
      'deduction as deduction',
      'induction as abduction',
      'induction as deduction',
      'induction as induction',
    ]);
  });

  it('has no thought in the dialect that knows no traces', async () => {
    const played = await play({ dialect: 'think-answer', 'tokens.response': 400 });
    const taught = later(played).flatMap((record) => lessonsOf(record, 'answer'));
    expect(taught.length).toBeGreaterThan(10);
    for (const { mode, completion } of taught) {
      expect(played.game.dialect.parseAnswer(mode, completion)).toMatchObject({
        format: true,
        parsed: { thought: '' },
      });
    }
  });

  it('is about each task once in a step and mode, though seeds are in several buffers', async () => {
    for (const { lessons = [] } of later(await play({ 'hindsight.tasks': 50 }))) {
      const answers = lessons
        .filter(({ kind }) => kind === 'answer')
        .map(({ mode, prompt, completion }) => `${mode} ${prompt}${completion}`);
      expect(new Set(answers).size).toBe(answers.length);
    }
  });

  it('is left out if it is too long, or its trace was cut, and counted', async () => {
    const all = await play({ steps: 1 });
    expect(later(all)[0].metrics).toMatchObject({ 'hindsight/sequences': 12, 'hindsight/too_long': 0 });
    const seed = (program: string, input: string) => [
      { kind: 'program' as const, program, input, output: null },
    ];
    const changes: Partial<Config> = {
      modes: ['deduction'],
      proposer: 'off',
      'hindsight.proposals': 0,
      'seeding.factor': 0,
      steps: 1,
    };
    // Solvers are asked, but an answer would go beyond what they may write.
    const narrow = { ...changes, 'tokens.response': 1, 'tokens.prompt': 12, 'tokens.content': 12 };
    const [long] = later(await play(narrow, { seeds: seed('def f(a):\n    return a', "'Hello world'") }));
    expect(long.metrics).toMatchObject({ 'hindsight/sequences': 0, 'hindsight/too_long': 1 });
    const wordy = seed("def f(a):\n    return a * 30 + 'x'", "'abc'");
    const [cut] = later(await play(changes, { seeds: wordy }));
    expect(cut.metrics).toMatchObject({ 'hindsight/sequences': 0, 'hindsight/too_long': 1 });
    expect(cut).not.toHaveProperty('lessons');
  });
});

describe('a program on the input of another task', () => {
  const changes: Partial<Config> = {
    'hindsight.borrowed': 1,
    'hindsight.tasks': 6,
    'seeding.factor': 2,
    batch: 6,
  };
  const borrowedIn = (played: Played) =>
    later(played).flatMap((record) => lessonsOf(record).filter(({ borrowed }) => borrowed));

  it('is taught with what comes of it there, and its true thought', async () => {
    const played = await play(changes);
    const { dialect } = played.game;
    const tasks = tasksOf(played);
    const inputs = new Set([...tasks.values()].flatMap(({ pairs }) => pairs.map(([input]) => input)));
    const taught = borrowedIn(played);
    expect(taught.length).toBeGreaterThan(20);
    for (const { task: id, mode, prompt, completion, borrowed } of taught) {
      const [input, output] = borrowed!;
      const made = tasks.get(id)!;
      expect(inputs).toContain(input);
      expect(kindsOf(input)).toBe(kindsOf(made.pairs[0][0]));
      const [outcome] = await new ScriptedExecutor().run(made.program, [input]);
      expect(outcome).toMatchObject({ verdict: 'ok', output });
      const task = { ...made, mode, pairs: [borrowed!] };
      expect(prompt).toBe(dialect.solve(questionOf(task)));
      expect(dialect.parseAnswer(mode, completion).parsed).toMatchObject({
        answer: goldAnswer(task),
        thought: `\n1: =${output}`,
      });
    }
  });

  it('adds up in the log, and does not if the input came from nowhere or gives something else', async () => {
    const text = await logOf(await play(changes));
    const where = async (falsify: (lesson: Lesson) => void) =>
      (
        await found(text, ({ lessons = [] }) => {
          falsify(lessons.find(({ mode, borrowed }) => borrowed && mode === 'deduction')!);
        })
      ).map(({ what }) => what);
    expect(await where(() => {})).toEqual([]);
    expect(await where(({ borrowed }) => borrowed!.splice(0, 1, '987654'))).toContain('lessons.borrowed');
    expect(await where(({ borrowed }) => borrowed!.splice(1, 1, '987654'))).toContain('lessons.completion');
  });

  it('fits any of the inputs that an induction came with', async () => {
    const text = await logOf(await play({ ...changes, 'hindsight.tasks': 50, 'hindsight.new': 1 }));
    const what = (
      await found(text, ({ lessons = [], tasks }) => {
        const made = tasks.find(
          ({ id, mode }) =>
            mode === 'induction' && lessons.some(({ task, borrowed }) => task === id && borrowed),
        );
        made!.pairs.unshift(['{1: [(2, 3)]}', '1']);
      })
    ).map((each) => each.what);
    expect(what).not.toContain('lessons.borrowed');
  });
});

it('is not about what the run is tested with, though it came in before', async () => {
  const game = new Game(
    { ...base, proposer: 'off', 'hindsight.proposals': 0, 'seeding.factor': 2 },
    { script },
  );
  await game.create();
  await game.begin();
  const [{ tasks }] = await game.records();
  const heldOut = await allMarks([], tasks, new ScriptedExecutor());
  const loop = await game.resume({ ...game.players(), heldOut });
  expect(await loop.advance()).not.toHaveProperty('lessons');
  const open = await game.resume();
  expect((await open.advance()).lessons).toHaveLength(9);
});

describe('a proposal that is taught', () => {
  it('became a task: as it was written in this step, and as the dialect writes it if it is from before', async () => {
    const played = await play({ batch: 6, steps: 6, 'hindsight.tasks': 0, 'hindsight.proposals': 4 });
    const { dialect } = played.game;
    const tasks = tasksOf(played);
    const ages = { now: 0, before: 0 };
    for (const record of later(played)) {
      for (const { task: id, mode, prompt, completion } of lessonsOf(record)) {
        const own = proposalsOf(record, mode).find((each) => each.task === id);
        ages[own ? 'now' : 'before']++;
        if (own) expect(own).toMatchObject({ prompt, completion });
        const task = tasks.get(id)!;
        expect(task.origin).not.toBe('identity');
        const reading = dialect.parseProposal(mode, completion);
        expect(reading).toMatchObject({
          format: true,
          parsed: { inputs: task.pairs.map(([input]) => input) },
        });
        if (mode === 'induction') continue;
        expect(reading.parsed!.program).toBe(task.program);
        for (const parent of task.parents) expect(prompt).toContain(tasks.get(parent)!.program);
      }
    }
    expect(ages.now).toBeGreaterThan(20);
    expect(ages.before).toBeGreaterThan(20);
    expect((await played.game.replayed()).disagreements).toEqual([]);
  });
});

describe('an update with lessons', () => {
  const heard = async (changes: Partial<Config>) => {
    const all: Heard[] = [];
    await play({ steps: 1, ...changes }, { engine: { listen: (each) => all.push(each) } });
    return all.flatMap((each) => {
      if (each.verb === 'optimStep') return ['step'];
      return each.verb === 'forwardBackward' ? [`${each.loss.kind} ${each.batch.length}`] : [];
    });
  };

  it.each<[string, Partial<Config>, string[]]>([
    ['of both', {}, ['policy 18', 'cross-entropy 12', 'step']],
    ['from lessons alone', { 'hindsight.policy': false }, ['cross-entropy 12', 'step']],
    [
      'in parts, as long as there are lessons',
      { modes: ['deduction'], 'hindsight.tasks': 1, 'hindsight.proposals': 0, 'loss.minibatches': 2 },
      ['policy 3', 'step', 'policy 3', 'cross-entropy 1', 'step'],
    ],
    [
      'in several passes',
      { modes: ['deduction'], 'loss.epochs': 2 },
      ['policy 6', 'cross-entropy 4', 'step', 'policy 6', 'cross-entropy 4', 'step'],
    ],
  ])('%s is one step of the optimizer', async (_name, changes, expected) => {
    expect(await heard(changes)).toEqual(expected);
  });
});

describe('without a proposer that learns', () => {
  it('a frozen one brings tasks that are taught, and is not taught itself', async () => {
    const played = await play({ proposer: 'frozen', 'hindsight.proposals': 0 });
    const taught = later(played).map((record) => lessonsOf(record).map(({ task }) => task));
    expect(later(played).some(({ tasks }, step) => tasks.some(({ id }) => taught[step].includes(id)))).toBe(
      true,
    );
    expect(trainedOf(later(played).flatMap((record) => proposalsOf(record)))).toEqual([]);
  });

  it('seeds are taught again and again where nobody proposes', async () => {
    const played = await play({
      proposer: 'off',
      'hindsight.proposals': 0,
      'hindsight.policy': false,
      'seeding.factor': 2,
    });
    const seeds = new Set(played.records[0].tasks.map(({ id }) => id));
    for (const record of later(played)) {
      expect(lessonsOf(record)).toHaveLength(9);
      for (const { task } of lessonsOf(record)) expect(seeds.has(task)).toBe(true);
      // They are still attempted, so that it is known how hard they are.
      expect(attemptsOf(record).length).toBeGreaterThan(0);
      expect(trainedOf(record.episodes)).toEqual([]);
    }
    const { disagreements } = await played.game.replayed();
    expect(disagreements).toEqual([]);
  });
});

it('a run that is resumed after every step ends as one that is not', async () => {
  const changes: Partial<Config> = { ...base, 'loss.minibatches': 2, 'checkpoint.every': 3, 'loss.kl': 0.1 };
  const whole = await play(changes);
  const game = new Game(changes, { script, vocabulary: whole.game.dialect });
  await game.create();
  let loop = await game.begin();
  while (!loop.finished) {
    await loop.advance();
    loop = await game.resume();
  }
  expect((await game.records()).map(comparable)).toEqual(whole.records.map(comparable));
  expect(game.weights(loop)).toEqual(whole.game.weights(whole.loop));

  const untaught = new Game({ ...changes, 'hindsight.tasks': 0, 'hindsight.proposals': 0 }, { script });
  await untaught.create();
  const other = await untaught.begin();
  await toEnd(other);
  expect(untaught.weights(other)).not.toEqual(game.weights(loop));
});

// ---- The log -----------------------------------------------------------------------------------------------------------

const textOf = (stream: ReadableStream<Uint8Array>) => new Response(stream as never).text();
const logOf = async ({ game }: Played) =>
  textOf(exportLog(await game.store.readRun('game'), { gzip: false }));
const streamOf = (text: string) => new Response(text).body as ReadableStream<Uint8Array>;

/** What replay says of a log in which a step was changed. */
async function found(text: string, falsify: (record: StepRecord) => void): Promise<Disagreement[]> {
  const lines = text.trimEnd().split('\n').map(parse) as LogStep[];
  falsify(lines[3].record); // step 2
  const { disagreements } = await replay(await openLog(streamOf(`${lines.map(stringify).join('\n')}\n`)));
  return disagreements;
}

it('a log keeps lessons, and brings them back', async () => {
  const played = await play();
  const store = new MemoryStore();
  await importLog(exportLog(await played.game.store.readRun('game')), store);
  const records: StepRecord[] = [];
  for await (const record of (await store.readRun('game')).steps()) records.push(record);
  expect(records).toEqual(played.records);
  expect(records[0]).not.toHaveProperty('lessons');
  expect(records[1].lessons).toHaveLength(12);
});

describe('a log with lessons', () => {
  const firstOf = ({ lessons }: StepRecord, mode: Lesson['mode'], kind: Lesson['kind'] = 'answer') =>
    lessons!.find((lesson) => lesson.mode === mode && lesson.kind === kind)!;

  it.each<Partial<Config>>([
    {},
    { dialect: 'think-answer', 'tokens.response': 400 },
    { 'hindsight.policy': false },
    { proposer: 'frozen', 'hindsight.proposals': 0 },
    { modes: ['error', 'deduction'] },
    { 'buffers.capacity': 3 },
  ])('adds up with %j', async (changes) => {
    const text = await logOf(await play(changes));
    expect((await found(text, () => {})).map(({ message }) => message)).toEqual([]);
  });

  it.each<[string, (record: StepRecord) => void, string]>([
    [
      'an answer that is not the right one',
      (record) => {
        const lesson = firstOf(record, 'deduction');
        lesson.completion = lesson.completion.replace(/⟨ans⟩.*⟨end⟩/s, '⟨ans⟩-7654⟨end⟩');
      },
      'lessons.completion',
    ],
    [
      'an input that is not the known one',
      (record) => {
        const lesson = firstOf(record, 'abduction');
        lesson.completion = lesson.completion.replace(/⟨ans⟩.*⟨end⟩/s, '⟨ans⟩-7654⟨end⟩');
      },
      'lessons.completion',
    ],
    [
      'another program',
      (record) => {
        const lesson = firstOf(record, 'induction');
        lesson.completion = lesson.completion.replace('def f', 'def  f');
      },
      'lessons.completion',
    ],
    [
      'an answer that cannot be read',
      (record) => {
        const lesson = firstOf(record, 'deduction');
        lesson.completion = lesson.completion.replace('⟨end⟩', '');
      },
      'lessons.completion',
    ],
    [
      'a thought that comes to something else',
      (record) => {
        const lesson = firstOf(record, 'deduction');
        lesson.completion = lesson.completion.replace(/ =.*⟨ans⟩/s, ' =-7654⟨ans⟩');
      },
      'lessons.thought',
    ],
    [
      'a thought about an induction',
      (record) => {
        const lesson = firstOf(record, 'induction');
        lesson.completion = `\n1: =3${lesson.completion}`;
      },
      'lessons.thought',
    ],
    [
      'another question',
      (record) => {
        firstOf(record, 'deduction').prompt += ' ';
      },
      'lessons.prompt',
    ],
    [
      'a task that is not there',
      (record) => {
        firstOf(record, 'deduction').task = 5000;
      },
      'lessons.task',
    ],
    [
      'a task of another mode',
      (record) => {
        firstOf(record, 'induction').task = firstOf(record, 'deduction', 'proposal').task;
      },
      'lessons.task',
    ],
    [
      'a lesson twice',
      ({ lessons }) => {
        lessons![1] = { ...lessons![0] };
      },
      'lessons',
    ],
    [
      'one too many',
      (record) => {
        record.lessons!.push({ ...firstOf(record, 'deduction', 'proposal'), kind: 'answer' });
      },
      'lessons.deduction.answer',
    ],
    [
      'a proposal that nobody made',
      (record) => {
        firstOf(record, 'deduction', 'proposal').completion += ' ';
      },
      'lessons.completion',
    ],
    [
      'a proposal of another step',
      (record) => {
        firstOf(record, 'deduction', 'proposal').task = 1;
      },
      'lessons.task',
    ],
  ])('does not with %s', async (_name, falsify, what) => {
    const disagreements = await found(await honestLog(), falsify);
    expect(disagreements.map((each) => each.what)).toContain(what);
    for (const { step } of disagreements) expect(step).toBe(2);
  });

  it('does not with lessons before the first step, or where nothing is to be taught', async () => {
    const lines = (await honestLog()).trimEnd().split('\n').map(parse) as LogStep[];
    lines[1].record.lessons = [lines[3].record.lessons![0]];
    const seeded = await replay(await openLog(streamOf(`${lines.map(stringify).join('\n')}\n`)));
    expect(seeded.disagreements.map(({ what, step }) => [what, step])).toContainEqual([
      'lessons.deduction.answer',
      0,
    ]);
    const plain = await logOf(await play({ 'hindsight.tasks': 0, 'hindsight.proposals': 0 }));
    const [first] = await found(plain, (record) => {
      record.lessons = lines[3].record.lessons;
    });
    expect(first).toMatchObject({ what: 'lessons.deduction.answer', recorded: 3, derived: 'at most 0' });
  });

  it('does not with attempts that were trained on where they only estimate', async () => {
    const text = await logOf(await play({ 'hindsight.policy': false }));
    const disagreements = await found(text, (record) => {
      attemptsOf(record)[0].advantage = 1;
    });
    expect(disagreements[0]).toMatchObject({ what: 'advantage', recorded: 1, derived: null });
  });
});

let known: Promise<string> | null = null;
function honestLog(): Promise<string> {
  known ??= play().then(logOf);
  return known;
}
