/**
 * Every key of a configuration changes something: each has an entry here that plays with it and looks at what it is for. A key without
 * an entry fails, so a new one must get one. How far its values go is told by the tests of the functions that use it.
 */
import { describe, expect, it } from 'vitest';
import type {
  AdamParams,
  LossSpec,
  ModelOptions,
  ModelSource,
  SampleRequest,
} from '../../../../src/engine/engine';
import type { HeldOutTask } from '../../../../src/evals/tasks';
import {
  type Config,
  checkConfig,
  describeConfig,
  type Key,
  readConfig,
} from '../../../../src/selfplay/config';
import type { ProposalRequest } from '../../../../src/selfplay/dialect';
import { effortOf } from '../../../../src/selfplay/effort';
import { allMarks } from '../../../../src/selfplay/held-out';
import { languageOf } from '../../../../src/selfplay/model-language';
import { presetNames, presetSettings } from '../../../../src/selfplay/presets';
import type { Episode, Mode, Refusal, StepRecord, Task } from '../../../../src/store/records';
import type { Chance } from '../../../doubles/chance';
import type { Heard, Script } from '../../../doubles/engine';
import { aboutToys, ScriptedExecutor } from '../../../doubles/executor';
import {
  attemptsOf,
  comparable,
  type GameOptions,
  type Played,
  playGame,
  proposalsOf,
  small,
  trainedOf,
} from '../../../doubles/game';
import { hubFiles } from '../../../doubles/hub-model';
import { empty, garbage, honest } from '../../../doubles/scripts';
import { pieces } from '../../../doubles/tokenizer';

// ---- Playing ---------------------------------------------------------------------------------------------------------

/** One mode, everything that is valid is taken in, and half of all answers are right. */
const base: Partial<Config> = { modes: ['deduction'], 'gate.filter': 'all', references: 3 };
const half: GameOptions['script'] = (dialect) => honest(dialect, { skill: () => 0.5 });

const play = (changes: Partial<Config> = {}, options: Partial<GameOptions> = {}): Promise<Played> =>
  playGame({ ...base, ...changes }, { script: half, ...options });

interface Written {
  program?: string;
  inputs?: string[];
  message?: string;
}
type Make = (request: ProposalRequest, chance: Chance) => Written;

/** Proposals as they are made here; answers with this skill. */
const proposing =
  (make: Make, skill = 0.5): GameOptions['script'] =>
  (dialect) => {
    const solver = honest(dialect, { skill: () => skill });
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
/** Proposals word by word. */
const wording =
  (text: string | ((chance: Chance) => string)): GameOptions['script'] =>
  (dialect) => {
    const solver = honest(dialect, { skill: () => 0.5 });
    return (line) =>
      dialect.meaningOf(line.prompt).kind === 'solve'
        ? solver(line)
        : typeof text === 'string'
          ? text
          : text(line.chance);
  };
const adding: Make = (_, chance) => ({ program: `def f(a):\n    return a * ${1 + chance.below(900)} + 1` });

const later = ({ records }: Played) => records.slice(1);
const proposals = (played: Played) => later(played).flatMap((record) => proposalsOf(record));
const attempts = (played: Played) => later(played).flatMap((record) => attemptsOf(record));
const accepted = (played: Played) => later(played).flatMap(({ tasks }) => tasks);
const alerts = (played: Played) => played.records.flatMap((record) => record.alerts.map(({ kind }) => kind));
const metric = (played: Played, name: string) => later(played).map(({ metrics }) => metrics[name]);
const rewards = (episodes: Episode[]) => new Set(episodes.map(({ reward }) => reward));
const refused = (played: Played): Set<Refusal | null> =>
  new Set(proposals(played).flatMap(({ judged }) => (judged.kind === 'proposal' ? [judged.refused] : [])));
const largest = (numbers: number[]) => numbers.reduce((a, b) => Math.max(a, b), 0);

async function heard(changes: Partial<Config>): Promise<Heard[]> {
  const all: Heard[] = [];
  await play({ steps: 2, ...changes }, { engine: { listen: (each) => all.push(each) } });
  return all;
}

type PolicyLoss = Extract<LossSpec, { kind: 'policy' }>;

async function lossWith(changes: Partial<Config>): Promise<PolicyLoss> {
  const found = (await heard(changes)).find((each) => each.verb === 'forwardBackward');
  return (found as Extract<Heard, { verb: 'forwardBackward' }>).loss as PolicyLoss;
}

async function adamWith(changes: Partial<Config>): Promise<AdamParams[]> {
  return (await heard(changes)).flatMap((each) => (each.verb === 'optimStep' ? [each.adam] : []));
}

/** What the model that is trained was asked to be. */
async function adapterWith(changes: Partial<Config>): Promise<ModelOptions['adapter']> {
  const [created] = (await heard({ 'model.train': 'adapter', ...changes })).filter(
    (each) => each.verb === 'createModel',
  );
  return created.options.adapter;
}

/** Of proposals (one completion each) or of attempts (two). */
async function requestsWith(changes: Partial<Config>, samples: 1 | 2): Promise<SampleRequest[]> {
  const all = (await heard({ 'estimate.samples': 2, ...changes })).flatMap((each) =>
    each.verb === 'sample' ? [each.request] : [],
  );
  return all.filter((request) => request.samples === samples);
}

/** Bodies that are all alike but for what the test is about. */
const twice: Make = () => ({ program: 'def f(a):\n    return a * 7 + 1' });

// ---- Settings of one kind --------------------------------------------------------------------------------------------

const loss = (key: Key, value: number, of: 'clipLow' | 'clipHigh' | 'entropy') => async () => {
  expect((await lossWith({ [key]: value }))[of]).toBe(value);
};

const adam = (key: Key, value: number, of: keyof AdamParams) => async () => {
  for (const params of await adamWith({ [key]: value })) expect(params[of]).toBe(value);
};

/** Off, the term is not there; on, it is, up to its most. */
const intrinsic = (name: string, mode: Mode, make: Make) => ({
  coefficient: async () => {
    const terms = async (coefficient: number) =>
      proposals(
        await play(
          {
            modes: mode === 'induction' ? ['deduction', mode] : [mode],
            [`intrinsic.${name}`]: coefficient,
            batch: 3,
            steps: 4,
          },
          { script: mode === 'induction' ? half : proposing(make) },
        ),
      ).flatMap((each) => (name in each.terms ? [each.terms[name]] : []));
    expect(await terms(0)).toEqual([]);
    expect(largest(await terms(0.25))).toBeGreaterThan(0);
  },
  max: async () => {
    const played = await play(
      {
        modes: mode === 'induction' ? ['deduction', mode] : [mode],
        [`intrinsic.${name}`]: 10,
        [`intrinsic.${name}.max`]: 0.125,
        batch: 3,
        steps: 4,
      },
      { script: mode === 'induction' ? half : proposing(make) },
    );
    const terms = proposals(played).flatMap((each) => (name in each.terms ? [each.terms[name]] : []));
    expect(largest(terms)).toBe(0.125);
  },
});

const branching: Make = (_, chance) => ({
  program: `def f(a):\n    if a > ${chance.below(90)}: return a\n    return a * 3 - ${chance.below(90)}`,
  inputs: [`${chance.below(90)}`],
});
const terms = {
  complexity: intrinsic('complexity', 'deduction', branching),
  halstead: intrinsic('halstead', 'deduction', branching),
  'edit-distance': intrinsic('edit-distance', 'deduction', branching),
  'answer-diversity': intrinsic('answer-diversity', 'abduction', branching),
  'input-diversity': intrinsic('input-diversity', 'induction', branching),
  'output-diversity': intrinsic('output-diversity', 'induction', branching),
};

/** The most functions that a proposer of each step had to build on. */
async function uses(changes: Partial<Config>): Promise<number[]> {
  const played = await play({
    references: 5,
    'seeding.factor': 4,
    batch: 4,
    steps: 4,
    'composite.chance': 1,
    proposer: 'trained',
    ...changes,
  });
  return later(played).map((record) =>
    largest(proposalsOf(record).map(({ prompt }) => prompt.split('⟨use⟩').length - 1)),
  );
}
/** Two functions, as soon as there may be as many. */
const growing: Partial<Config> = {
  'composite.grow': true,
  'composite.min': 2,
  'composite.grow.max.from': 1,
  'composite.grow.max.every': 1,
};
/** One function, as soon as it may be asked for. */
const oftener: Partial<Config> = {
  'composite.chance': 0,
  'composite.grow': true,
  'composite.grow.chance.from': 1,
  'composite.grow.chance.every': 1,
  'composite.grow.chance.by': 1,
  'composite.grow.chance.limit': 1,
};

const paper: Partial<Config> = {
  dialect: 'think-answer',
  'dialect.parsing': 'paper',
  'functions.reject-multiple': false,
  'gate.novelty': 'none',
};
const answered = (blocks: string) => `</think>\n<answer>\n${blocks}\n</answer>⟨end⟩`;
const fence = (name: string, text: string) => `\`\`\`${name}\n${text}\n\`\`\`\n`;
const g = 'def g(a):\n    return a + 1';
const h = 'def h(a):\n    return a + 2';
const f = 'def f(a):\n    return a + 3';

async function renamedTo(rule: Config['functions.rename'], ...functions: string[]): Promise<string> {
  const text = answered(fence('python', functions.join('\n')) + fence('input', '3'));
  const [{ parsed }] = proposals(
    await play({ ...paper, 'functions.rename': rule, steps: 1 }, { script: wording(text) }),
  );
  return (parsed?.kind === 'proposal' && parsed.program) || '';
}

async function storedWith(changes: Partial<Config>): Promise<string> {
  const program = 'spare = 1\ndef f(a):\n    # add three\n    print(a)\n    return a + 3';
  const [task] = accepted(
    await play({ steps: 1, 'gate.novelty': 'none', ...changes }, { script: proposing(() => ({ program })) }),
  );
  return task.program;
}

/** Alerts of a run in which this is bad in every step. */
const watching =
  (
    key: Key,
    off: number,
    on: number,
    kind: string,
    options: Partial<GameOptions>,
    changes: Partial<Config> = {},
  ) =>
  async () => {
    const told = async (value: number) =>
      alerts(await play({ ...changes, [key]: value, 'watch.patience': 1, 'watch.stop': [] }, options));
    expect(await told(off)).not.toContain(kind);
    expect(await told(on)).toContain(kind);
  };

const silent: Partial<GameOptions> = { engine: { entropy: 0.01 } };
const falling: Partial<GameOptions> = {
  players: { evaluate: async (_, step) => ({ 'heldout/accuracy': step === 0 ? 0.9 : 0.5 }) },
};
const heldOut: HeldOutTask[] = [
  { id: '1', mode: 'deduction', level: null, program: f, pairs: [['3', '6']], message: '' },
];

// ---- The entries -----------------------------------------------------------------------------------------------------

const entries: Record<Key, () => Promise<void>> = {
  seed: async () => {
    const vocabulary = pieces();
    const texts = async (seed: number) => (await play({ seed }, { vocabulary })).records.map(comparable);
    expect(await texts(1)).toEqual(await texts(1));
    expect(await texts(2)).not.toEqual(await texts(1));
  },
  note: async () => {
    // For people: it is kept with the run and changes nothing.
    const vocabulary = pieces();
    const [plain, noted] = [await play({}, { vocabulary }), await play({ note: 'a try' }, { vocabulary })];
    expect(noted.records.map(comparable)).toEqual(plain.records.map(comparable));
    expect((await noted.game.writer.info()).config).toMatchObject({ note: 'a try' });
  },
  steps: async () => {
    for (const steps of [0, 1, 3]) expect(later(await play({ steps }))).toHaveLength(steps);
  },
  modes: async () => {
    const modes: Mode[] = ['abduction', 'error'];
    expect(new Set(proposals(await play({ modes })).map(({ mode }) => mode))).toEqual(new Set(modes));
  },
  batch: async () => {
    for (const batch of [1, 3]) expect(proposalsOf(later(await play({ batch }))[0])).toHaveLength(batch);
  },
  proposer: async () => {
    const learned = async (proposer: Config['proposer']) => {
      const played = await play({ proposer });
      return [proposals(played).length, trainedOf(proposals(played)).length];
    };
    expect(await learned('trained')).toEqual([6, 6]);
    expect(await learned('frozen')).toEqual([6, 0]);
    expect(await learned('off')).toEqual([0, 0]);
  },
  references: async () => {
    const shown = async (references: number) =>
      largest(
        proposals(await play({ references, steps: 5 })).map(({ prompt }) => prompt.split('⟨ref⟩').length - 1),
      );
    for (const references of [0, 1, 3]) expect(await shown(references)).toBe(references);
  },
  'references.bare': async () => {
    const shown = async (bare: number) =>
      proposals(await play({ 'references.bare': bare, references: 2, batch: 8, steps: 4 })).map(
        ({ prompt }) => prompt.split('⟨ref⟩').length - 1,
      );
    expect(new Set(await shown(1))).toEqual(new Set([0]));
    expect(new Set(await shown(0))).toEqual(new Set([2]));
    expect(new Set(await shown(0.5))).toEqual(new Set([0, 2]));
  },
  'references.sampling': async () => {
    const age = async (sampling: Config['references.sampling']) => {
      const played = await play({ 'references.sampling': sampling, references: 1, batch: 6, steps: 12 });
      const made = new Map(played.records.flatMap(({ tasks }) => tasks).map((task) => [task.id, task.step]));
      const ages = accepted(played)
        .filter(({ step }) => step > 6)
        .flatMap(({ parents, step }) => parents.map((parent) => step - made.get(parent)!));
      return ages.reduce((sum, each) => sum + each, 0) / ages.length;
    };
    expect(await age('step')).toBeLessThan((await age('uniform')) - 0.5);
    /** Of all that was shown, what some attempts had solved. */
    const halfway = async (sampling: Config['references.sampling']) => {
      const played = await play({ 'references.sampling': sampling, references: 1, batch: 6, steps: 12 });
      const rates = new Map(
        played.records.flatMap(({ tasks }) => tasks).map((task) => [task.id, task.solveRate]),
      );
      const shown = accepted(played).flatMap(({ parents }) => parents.map((parent) => rates.get(parent)));
      return shown.filter((rate) => rate === 0.5).length / shown.length;
    };
    expect(await halfway('frontier')).toBeGreaterThan((await halfway('uniform')) + 0.1);
    const effort = async (sampling: Config['references.sampling']) => {
      const played = await play({ 'references.sampling': sampling, references: 1, batch: 6, steps: 12 });
      const tasks = new Map(played.records.flatMap((each) => each.tasks).map((task) => [task.id, task]));
      const shown = accepted(played).flatMap(({ parents }) => parents.map((each) => tasks.get(each)!));
      return shown.reduce((sum, task) => sum + effortOf(task), 0) / shown.length;
    };
    expect(await effort('effort')).toBeGreaterThan((await effort('uniform')) + 0.1);
  },
  'induction.inputs': async () => {
    const played = await play({ modes: ['deduction', 'induction'], 'induction.inputs': 3, steps: 5 });
    const induction = played.records.flatMap(({ tasks }) => tasks).filter(({ mode }) => mode === 'induction');
    expect(induction.length).toBeGreaterThan(2);
    for (const { pairs } of induction) expect(pairs).toHaveLength(3);
    // One of them is shown, two decide.
    const judged = attempts(played).flatMap((each) =>
      each.judged.kind === 'answer' ? [each.judged.right?.length ?? 2] : [],
    );
    expect(new Set(judged)).toEqual(new Set([2]));
  },
  'estimate.samples': async () => {
    const played = await play({ 'estimate.samples': 3 });
    for (const proposal of proposals(played)) {
      const tries = attempts(played).filter((each) => each.proposal === proposal.id);
      if (proposal.task !== null) expect(tries).toHaveLength(3);
    }
  },
  'estimate.reuse': async () => {
    const reused = async (reuse: boolean) =>
      trainedOf(attempts(await play({ 'estimate.reuse': reuse }))).filter((each) => each.proposal !== null)
        .length;
    expect(await reused(true)).toBeGreaterThan(0);
    expect(await reused(false)).toBe(0);
  },
  'solve.warmup': async () => {
    const asked = later(await play({ 'solve.warmup': 2 })).map((record) => proposalsOf(record).length);
    expect(asked).toEqual([0, 0, 2]);
  },
  'solve.when': async () => {
    const own = async (when: Config['solve.when']) => {
      const played = await play({ 'solve.when': when, 'estimate.reuse': false, steps: 4 });
      const made = new Map(played.records.flatMap(({ tasks }) => tasks).map((task) => [task.id, task.step]));
      return trainedOf(attempts(played)).filter(({ task, step }) => made.get(task!) === step).length;
    };
    expect(await own('previous-step')).toBe(0);
    expect(await own('same-step')).toBeGreaterThan(0);
  },
  'solve.mix': async () => {
    const fresh = async (mix: Config['solve.mix']) => {
      const played = await play({
        ...previous,
        'solve.mix': mix,
        'seeding.factor': 4,
        batch: 4,
        steps: 8,
      });
      const made = new Map(played.records.flatMap(({ tasks }) => tasks).map((task) => [task.id, task.step]));
      return trainedOf(attempts(played)).filter(({ task, step }) => step > 1 && made.get(task!) === step - 1)
        .length;
    };
    const [most, some, few] = [await fresh('max-new'), await fresh('half-new'), await fresh('uniform')];
    expect(most).toBeGreaterThan(some);
    expect(some).toBeGreaterThan(few);
    const played = await play({ ...previous, 'solve.mix': 'step', 'seeding.factor': 4, batch: 4, steps: 5 });
    const seeds = new Set(played.records[0].tasks.map(({ id }) => id));
    // Later ones more often, and seeds (step 0) never, once there are others.
    expect(trainedOf(attempts(played)).some(({ task, step }) => step > 2 && seeds.has(task!))).toBe(false);
  },
  'solve.window': async () => {
    const ages = async (window: number) => {
      const played = await play({
        ...previous,
        'solve.window': window,
        batch: 4,
        steps: 8,
        'seeding.factor': 4,
      });
      const made = new Map(played.records.flatMap(({ tasks }) => tasks).map((task) => [task.id, task.step]));
      return trainedOf(attempts(played)).filter(({ task, step }) => step > 4 && step - made.get(task!)! === 1)
        .length;
    };
    expect(await ages(1)).toBeGreaterThan(await ages(4));
  },
  'prompts.every': async () => {
    const parents = async (every: number) => {
      const played = await play({ ...previous, 'prompts.every': every, references: 8, batch: 3, steps: 4 });
      return accepted(played).map(({ parents: all, step }) => [step, largest(all)]);
    };
    const seeds = 2;
    // In the second step of two nobody knows of the first one's tasks.
    for (const [step, newest] of await parents(2))
      if (step === 2) expect(newest).toBeLessThanOrEqual(seeds + 1);
    expect((await parents(1)).some(([step, newest]) => step === 2 && newest > seeds + 1)).toBe(true);
  },
  'prompts.hide-input': async () => {
    const told = async (hide: boolean) =>
      proposals(await play({ dialect: 'think-answer', 'prompts.hide-input': hide, steps: 1 })).every(
        ({ prompt }) => prompt.includes('Your input does not occur anywhere in the program'),
      );
    expect([await told(true), await told(false)]).toEqual([true, false]);
  },

  'gate.filter': async () => {
    const passes = async (filter: Config['gate.filter'], skill: number) =>
      refused(await play({ 'gate.filter': filter, batch: 2 }, { script: proposing(adding, skill) }));
    expect(await passes('all', 1)).toEqual(new Set([null]));
    expect(await passes('non-one', 1)).toEqual(new Set(['too-easy']));
    expect(await passes('non-one', 0)).toEqual(new Set([null]));
    expect(await passes('non-extremes', 0)).toEqual(new Set(['too-hard']));
  },
  'gate.novelty': async () => {
    const bodies = ['return a * 7 + 1', 'return a * 7 + 1  # again', 'b = a * 7\n    return b + 1'];
    const make: Make = (_, chance) => ({ program: `def f(a):\n    ${chance.pick(bodies)}` });
    const why = async (novelty: Config['gate.novelty']) =>
      refused(
        await play(
          { 'gate.novelty': novelty, batch: 3, steps: 4, 'seeding.factor': 0 },
          { script: proposing(make) },
        ),
      );
    expect(await why('none')).toEqual(new Set([null]));
    expect(await why('ast')).not.toContain('same-behaviour');
    expect(await why('ast')).toContain('duplicate');
    expect(await why('behaviour')).toContain('same-behaviour');
  },
  'gate.held-out': async () => {
    const program = 'def f(a):\n    return a * 7 + 1';
    const heldOut = await allMarks([], [{ program, pairs: [['3', '22']] }], new ScriptedExecutor());
    const why = async (held: boolean) =>
      refused(
        await play(
          { 'gate.held-out': held },
          { script: proposing(() => ({ program })), players: { heldOut } },
        ),
      );
    expect(await why(true)).toEqual(new Set(['held-out']));
    expect(await why(false)).not.toContain('held-out');
  },
  'gate.format': async () => {
    const text = `Well. ${answered(fence('python', f) + fence('input', '3'))}`.replace(
      '</think>',
      '</think> So:',
    );
    const why = async (format: boolean) =>
      refused(
        await play(
          { dialect: 'think-answer', 'gate.format': format, 'gate.novelty': 'none', steps: 1 },
          { script: wording(text) },
        ),
      );
    expect(await why(true)).toEqual(new Set(['malformed']));
    expect(await why(false)).toEqual(new Set([null]));
  },
  'gate.leak': async () => {
    const make: Make = (request, chance) =>
      request.mode === 'induction'
        ? { inputs: ['1', '2', '3', `${chance.below(900)}`], message: `It is: ${request.program}` }
        : adding(request, chance);
    const why = async (leak: boolean) => {
      const played = await play(
        { modes: ['deduction', 'induction'], 'gate.leak': leak },
        { script: proposing(make) },
      );
      return refused(played).has('leak');
    };
    expect([await why(true), await why(false)]).toEqual([true, false]);
  },
  'gate.constant': async () => {
    const make: Make = (_, chance) => ({ program: `def f(a):\n    return ${chance.below(900)}` });
    const why = async (constant: boolean) =>
      refused(await play({ 'gate.constant': constant }, { script: proposing(make) }));
    expect(await why(true)).toEqual(new Set(['constant']));
    expect(await why(false)).not.toContain('constant');
  },
  'gate.dead': async () => {
    const body = (chance: Chance) => `a = a + ${chance.below(900)}\n    b = a * 2`;
    const make: Make = (_, chance) => ({ program: `def f(a):\n    ${body(chance)}\n    return a` });
    const why = async (dead: boolean) =>
      refused(await play({ 'gate.dead': dead }, { script: proposing(make) }));
    expect(await why(true)).toEqual(new Set(['dead']));
    expect(await why(false)).not.toContain('dead');
  },
  'gate.small': async () => {
    const make: Make = (_, chance) => ({ program: `def f(a):\n    return a + ${100 + chance.below(900)}` });
    const why = async (small: boolean) =>
      refused(await play({ 'gate.small': small }, { script: proposing(make) }));
    expect(await why(true)).toEqual(new Set(['too-large']));
    expect(await why(false)).not.toContain('too-large');
  },
  'gate.alike': async () => {
    const taken = async (most: number) => {
      const changes = { 'gate.alike': most, 'gate.novelty': 'none', 'seeding.factor': 0, steps: 4 } as const;
      return accepted(await play(changes, { script: proposing(adding) })).length;
    };
    expect(await taken(3)).toBe(3);
    expect(await taken(0)).toBeGreaterThan(3);
  },
  'gate.distinct': async () => {
    const make: Make = (request, chance) =>
      request.mode === 'induction'
        ? { inputs: ['1', '2', '2', `${chance.below(900)}`] }
        : adding(request, chance);
    const why = async (distinct: boolean) =>
      refused(
        await play(
          { modes: ['deduction', 'induction'], 'gate.distinct': distinct },
          { script: proposing(make) },
        ),
      ).has('leak');
    expect([await why(true), await why(false)]).toEqual([true, false]);
  },

  'buffers.capacity': async () => {
    const { game } = await play({ 'buffers.capacity': 3, steps: 5 });
    expect((await game.writer.snapshot()).buffers.deduction).toHaveLength(3);
  },
  'buffers.overflow': async () => {
    const left = async (overflow: Config['buffers.overflow']) => {
      const { game } = await play({ 'buffers.overflow': overflow, 'buffers.capacity': 2, steps: 5 });
      return (await game.writer.snapshot()).buffers.deduction;
    };
    expect(await left('newest')).toEqual([1, 2]);
    expect(Math.min(...(await left('oldest')))).toBeGreaterThan(2);
  },
  'buffers.retire': async () => {
    const mastered = async (retire: number) =>
      later(
        await play(
          { 'buffers.retire': retire, 'buffers.retire.estimates': 1, steps: 6, proposer: 'off' },
          { script: proposing(adding, 1) },
        ),
      ).flatMap(({ updates }) => updates.filter(({ left }) => left === 'mastered')).length;
    expect(await mastered(0)).toBe(0);
    expect(await mastered(1)).toBeGreaterThan(0);
  },
  'buffers.retire.estimates': async () => {
    const first = async (estimates: number) =>
      later(
        await play(
          {
            'buffers.retire': 1,
            'buffers.retire.estimates': estimates,
            steps: 6,
            proposer: 'off',
            'seeding.factor': 1,
          },
          { script: proposing(adding, 1) },
        ),
      ).find(({ updates }) => updates.some(({ left }) => left === 'mastered'))?.step ?? 99;
    expect(await first(1)).toBe(1);
    expect(await first(2)).toBeGreaterThan(1);
  },
  'seeding.factor': async () => {
    for (const factor of [1, 2.5]) {
      const { records } = await play({ 'seeding.factor': factor, steps: 0 });
      expect(records[0].tasks).toHaveLength(2 * factor);
    }
  },
  'seeding.clean': async () => {
    const make: Make = (_, chance) => ({
      program: `def f(a):\n    # think\n    return a + ${chance.below(900)}\nspare = 1`,
    });
    const stored = async (clean: boolean) => {
      const { records } = await play({ 'seeding.clean': clean, steps: 1 }, { script: proposing(make) });
      const texts = (tasks: Task[]) => tasks.map(({ program }) => /think|spare/.test(program));
      return { seeds: texts(records[0].tasks.slice(1)), later: texts(records[1].tasks) };
    };
    expect(await stored(true)).toEqual({ seeds: [false], later: [true, true] });
    expect(await stored(false)).toEqual({ seeds: [true], later: [true, true] });
  },

  'reward.proposer': async () => {
    const worth = async (how: Config['reward.proposer']) => {
      const played = await play({ 'reward.proposer': how, 'estimate.samples': 4, batch: 4, steps: 6 });
      return proposals(played).flatMap(({ judged, terms: { base: value } }) =>
        judged.kind === 'proposal' && judged.solveRate === 0.25 ? [value] : [],
      );
    };
    for (const [how, value] of [
      ['one-minus', 0.75],
      ['inverse', 0.75],
      ['variance', 0.1875],
      ['minimum', 0.25],
    ] as const) {
      expect(new Set(await worth(how))).toEqual(new Set([value]));
    }
  },
  'reward.proposer.extreme': async () => {
    const played = await play(
      { 'reward.proposer.extreme': -0.25, 'reward.repetition': 0 },
      { script: proposing(adding, 1) },
    );
    expect(rewards(proposals(played))).toEqual(new Set([-0.25]));
  },
  'reward.invalid': async () => {
    const played = await play(
      { 'reward.invalid': -3 },
      { script: (dialect) => spoiled(half(dialect), dialect) },
    );
    expect(rewards(proposals(played))).toEqual(new Set([-3]));
  },
  'reward.refused': async () => {
    const played = await play(
      { 'reward.refused': -0.75, 'reward.repetition': 0 },
      { script: proposing(() => ({ program: 'def f(a):\n    return 4' })) },
    );
    expect(rewards(proposals(played))).toEqual(new Set([-0.75]));
  },
  'reward.solver.right': async () => {
    const played = await play({ 'reward.solver.right': 2 }, { script: proposing(adding, 1) });
    expect(rewards(attempts(played))).toEqual(new Set([2]));
  },
  'reward.solver.wrong': async () => {
    const played = await play({ 'reward.solver.wrong': -2 }, { script: proposing(adding, 0) });
    expect(rewards(attempts(played))).toEqual(new Set([-2]));
  },
  'reward.trace': async () => {
    // The first of two steps is right.
    const halfTrue: GameOptions['script'] = (dialect) => {
      const solver = proposing(adding, 1)(dialect);
      return (line) => {
        const asked = dialect.meaningOf(line.prompt);
        if (asked.kind === 'propose' || asked.question.mode !== 'deduction') return solver(line);
        const { answer } = dialect.parseAnswer('deduction', solver(line)).parsed!;
        return dialect.writeAnswer('deduction', { answer, thought: `\n1: =${answer}\n2: =7` });
      };
    };
    const worth = async (how: Config['reward.trace']) => {
      const played = await play({ 'reward.trace': how }, { script: halfTrue });
      const rates = proposals(played).flatMap(({ judged }) =>
        judged.kind === 'proposal' ? [judged.solveRate] : [],
      );
      const exact = new Set(metric(played, 'pred_code_o/exact_trace'));
      return [rewards(attempts(played)), new Set(rates), exact].map((values) => [...values]);
    };
    expect(await worth('off')).toEqual([[1], [1], [undefined]]);
    expect(await worth('share')).toEqual([[0.25], [1], [0]]);
    expect(await worth('exact')).toEqual([[-0.5], [0], [0]]);
  },
  'reward.solver.malformed': async () => {
    const played = await play({ 'reward.solver.malformed': -4, proposer: 'off' }, { script: empty });
    expect(rewards(attempts(played))).toEqual(new Set([-4]));
  },
  'reward.induction': async () => {
    // Of the two pairs that are hidden it gets the first.
    const partly: GameOptions['script'] = (dialect) => () =>
      dialect.writeAnswer('induction', {
        thought: '',
        answer: 'def f(a):\n    if len(a) > 2: return a\n    return 0',
      });
    const seeds = [
      {
        kind: 'induction' as const,
        program: 'def f(a):\n    return a',
        inputs: ["'a'", "'b'", "'abc'", "'d'"],
        outputs: null,
        message: 'Write a function that returns whatever you input',
      },
    ];
    const worth = async (how: Config['reward.induction']) =>
      rewards(
        attempts(
          await play(
            { modes: ['induction'], 'reward.induction': how, proposer: 'off', 'seeding.factor': 0, steps: 1 },
            { script: partly, seeds },
          ),
        ),
      );
    expect(await worth('binary')).toEqual(new Set([-0.5]));
    expect(await worth('accuracy')).toEqual(new Set([0.5]));
    expect(await worth('if-one-correct')).toEqual(new Set([1]));
  },
  'reward.format': async () => {
    const text = answered(fence('python', f) + fence('input', '3')).replace('</think>', '</think> So:');
    const worth = async (format: boolean) => {
      const played = await play(
        {
          dialect: 'think-answer',
          'reward.format': format,
          'gate.format': false,
          'gate.novelty': 'none',
          steps: 1,
        },
        { script: wording(text) },
      );
      return proposals(played).every(({ reward }) => reward === -1);
    };
    expect([await worth(true), await worth(false)]).toEqual([true, false]);
  },
  'reward.repetition': async () => {
    const taken = async (repetition: number) =>
      proposals(
        await play(
          { 'reward.repetition': repetition, 'gate.novelty': 'none', steps: 1 },
          { script: proposing(twice) },
        ),
      ).map((each) => each.terms.repetition);
    expect(await taken(0)).toEqual([undefined, undefined]);
    expect(await taken(0.25)).toEqual([-0.25, -0.25]); // all of the batch
  },
  'reward.repetition.threshold': async () => {
    const make: Make = (_, chance) => ({
      program: `def f(a):\n    b = a * ${chance.below(99)}\n    return ${chance.pick(['b + a', 'abs(b)', '[b, b]', 'str(b)'])}`,
    });
    const taken = async (threshold: number) => {
      const script = proposing(make);
      const played = await play({ 'reward.repetition.threshold': threshold, batch: 4, steps: 4 }, { script });
      return proposals(played).reduce((sum, each) => sum + (each.terms.repetition ?? 0), 0);
    };
    expect(await taken(0.2)).toBeLessThan(await taken(0.99));
  },

  'intrinsic.complexity': terms.complexity.coefficient,
  'intrinsic.complexity.max': terms.complexity.max,
  'intrinsic.halstead': terms.halstead.coefficient,
  'intrinsic.halstead.max': terms.halstead.max,
  'intrinsic.edit-distance': terms['edit-distance'].coefficient,
  'intrinsic.edit-distance.max': terms['edit-distance'].max,
  'intrinsic.answer-diversity': terms['answer-diversity'].coefficient,
  'intrinsic.answer-diversity.max': terms['answer-diversity'].max,
  'intrinsic.input-diversity': terms['input-diversity'].coefficient,
  'intrinsic.input-diversity.max': terms['input-diversity'].max,
  'intrinsic.output-diversity': terms['output-diversity'].coefficient,
  'intrinsic.output-diversity.max': terms['output-diversity'].max,
  'intrinsic.hierarchical': async () => {
    const values = async (hierarchical: boolean) =>
      metric(await play({ 'intrinsic.hierarchical': hierarchical }), 'gen_code_o/answer_diversity');
    expect(await values(true)).not.toEqual(await values(false));
  },
  'intrinsic.combine': async () => {
    const script = proposing(branching);
    const changes: Partial<Config> = {
      'intrinsic.complexity': 3,
      'intrinsic.halstead': 1,
      'reward.repetition': 0,
      batch: 3,
      steps: 4,
    };
    const formulas: [Config['intrinsic.combine'], (b: number, x: number, y: number) => number][] = [
      ['sum', (b, x, y) => b + (x + y)],
      ['multiply', (b, x, y) => b * (x * y)],
      ['sum-multiply', (b, x, y) => b + x * y],
      ['multiply-sum', (b, x, y) => b * (x + y)],
    ];
    for (const [combine, formula] of formulas) {
      const worthy = proposals(await play({ ...changes, 'intrinsic.combine': combine }, { script })).filter(
        (each) => 'complexity' in each.terms,
      );
      expect(worthy.length).toBeGreaterThan(0);
      for (const { reward, terms: found } of worthy) {
        expect(reward).toBeCloseTo(formula(found.base, found.complexity, found.halstead), 12);
      }
    }
  },
  'intrinsic.without-composite': async () => {
    const lines = async (without: boolean) => {
      const played = await play({
        'intrinsic.without-composite': without,
        'composite.chance': 1,
        'seeding.factor': 3,
        batch: 4,
        steps: 4,
      });
      return metric(played, 'gen_code_o/avg_program_lines').filter((each) => each !== undefined);
    };
    expect(largest(await lines(true))).toBeLessThan(largest(await lines(false)));
  },

  'advantage.baseline': async () => {
    const mean = async (baseline: Config['advantage.baseline']) => {
      const changes: Partial<Config> = {
        'advantage.baseline': baseline,
        batch: 4,
        'estimate.samples': 2,
        steps: 3,
      };
      const groups = new Map<string, number>();
      for (const { step, group, advantage, reward } of trainedOf(attempts(await play(changes)))) {
        const name = `${step} ${group}`;
        groups.set(name, (groups.get(name) ?? 0) + advantage!);
        if (baseline === 'none') expect(advantage).toBe(reward);
      }
      return largest([...groups.values()].map(Math.abs));
    };
    // Compared within a group, a group has nothing to gain.
    expect(await mean('group')).toBeCloseTo(0, 9);
    expect(await mean('rloo')).toBeCloseTo(0, 9);
    expect(await mean('task-relative')).toBeGreaterThan(0.1);
    expect(await mean('none')).toBeGreaterThan(0.1);
  },
  'advantage.level': async () => {
    const means = async (level: Config['advantage.level']) =>
      later(await play({ 'advantage.level': level, batch: 8, steps: 4 })).map((record) => {
        const values = trainedOf(attemptsOf(record)).map(({ advantage, tokens }) => ({
          advantage: advantage!,
          n: tokens.length,
        }));
        const plain = values.reduce((sum, each) => sum + each.advantage, 0);
        const weighted = values.reduce((sum, each) => sum + each.advantage * each.n, 0);
        return { plain: Math.abs(plain), weighted: Math.abs(weighted) };
      });
    expect(largest((await means('sequence')).map(({ plain }) => plain))).toBeLessThan(1e-9);
    expect(largest((await means('sequence')).map(({ weighted }) => weighted))).toBeGreaterThan(1e-3);
    expect(largest((await means('token')).map(({ weighted }) => weighted))).toBeLessThan(1e-9);
  },
  'advantage.floor': async () => {
    const zeroOrOne = { 'reward.solver.wrong': 0, 'reward.solver.malformed': 0 };
    const size = async (floor: number) =>
      largest(
        trainedOf(attempts(await play({ ...zeroOrOne, 'advantage.floor': floor, batch: 6 }))).map(
          ({ advantage }) => Math.abs(advantage!),
        ),
      );
    expect(await size(10)).toBeLessThan(0.1); // rewards lie between 0 and 1, and means between them
    expect(await size(0.1)).toBeGreaterThan(0.5);
  },

  'advantage.negative': async () => {
    const least = async (negative: number) => {
      const played = await play({ 'advantage.negative': negative, batch: 8, steps: 1 });
      return largest(trainedOf(attempts(played)).map(({ advantage }) => -advantage!));
    };
    expect(await least(1)).toBeGreaterThan(0.5);
    expect(await least(0.25)).toBeCloseTo((await least(1)) / 4, 12);
  },

  'loss.clip.low': loss('loss.clip.low', 0.125, 'clipLow'),
  'loss.clip.high': loss('loss.clip.high', 0.375, 'clipHigh'),
  'loss.clip.dual': async () => {
    expect((await lossWith({ 'loss.clip.dual': 0 })).dualClip).toBeUndefined();
    expect((await lossWith({ 'loss.clip.dual': 3 })).dualClip).toBe(3);
  },
  'loss.entropy': loss('loss.entropy', 0.25, 'entropy'),
  'loss.kl': async () => {
    const [without, withKl] = [await heard({ 'loss.kl': 0 }), await heard({ 'loss.kl': 0.5 })];
    expect(without.filter(({ verb }) => verb === 'forward')).toEqual([]);
    const asked = withKl.flatMap((each) => (each.verb === 'forward' ? [each] : []));
    const learned = withKl.flatMap((each) => (each.verb === 'forwardBackward' ? [each] : []));
    expect(asked).toHaveLength(2);
    expect(asked[0].model).not.toBe(learned[0].model);
    expect(learned[0].loss).toMatchObject({ kl: 0.5 });
    expect(learned[0].batch.every(({ referenceLogProbs }) => referenceLogProbs !== undefined)).toBe(true);
  },
  'loss.kl.roles': async () => {
    const [both, own] = [
      await heard({ 'loss.kl': 0.5, steps: 1 }),
      await heard({ 'loss.kl': 0.5, 'loss.kl.roles': 'proposer', steps: 1 }),
    ].map((all) => ({
      compared: all.flatMap((each) => (each.verb === 'forward' ? [each.batch.length] : [])),
      learned: all.flatMap((each) =>
        each.verb === 'forwardBackward' ? [[(each.loss as PolicyLoss).kl, each.batch.length]] : [],
      ),
      updates: all.filter(({ verb }) => verb === 'optimStep').length,
    }));
    // That tokens count as if they were learned from in one call is told in learning.test.ts.
    expect(both).toEqual({ compared: [4], learned: [[0.5, 4]], updates: 1 });
    const apart = [
      [0.5, 2],
      [0, 2],
    ];
    expect(own).toEqual({ compared: [2], learned: apart, updates: 1 });
  },
  'loss.aggregation': async () => {
    for (const aggregation of ['token-mean', 'sequence-mean', 'sum'] as const) {
      expect((await lossWith({ 'loss.aggregation': aggregation })).aggregation).toBe(aggregation);
    }
  },
  'loss.epochs': async () => {
    const data = (await heard({ 'loss.epochs': 2, steps: 1 })).flatMap((each) =>
      each.verb === 'forwardBackward' ? [each.batch] : [],
    );
    expect(data).toHaveLength(2);
    expect(data[1]).toEqual(data[0]);
  },
  'loss.minibatches': async () => {
    const all = await heard({ 'loss.minibatches': 2, steps: 1 });
    const data = all.flatMap((each) => (each.verb === 'forwardBackward' ? [each.batch] : []));
    expect(data.map(({ length }) => length)).toEqual([2, 2]);
    expect(new Set(data.flat()).size).toBe(4);
    expect(all.filter(({ verb }) => verb === 'optimStep')).toHaveLength(2);
  },
  'hindsight.tasks': async () => {
    const taught = async (tasks: number) =>
      later(await play({ 'hindsight.tasks': tasks })).map(({ lessons }) => lessons?.length);
    expect(await taught(0)).toEqual([undefined, undefined, undefined]);
    expect(await taught(2)).toEqual([2, 2, 2]);
    // There are no more than that: one seed that the model made, and two tasks of the step.
    expect((await taught(100))[0]).toBe(3);
  },
  'hindsight.new': async () => {
    const fresh = async (share: number) =>
      later(await play({ 'hindsight.new': share, 'hindsight.tasks': 2, 'seeding.factor': 2 })).map(
        ({ lessons = [], tasks }) => lessons.filter(({ task }) => tasks.some(({ id }) => id === task)).length,
      );
    expect(await fresh(0)).toEqual([0, 0, 0]);
    expect(await fresh(0.5)).toEqual([1, 1, 1]);
    expect(await fresh(1)).toEqual([2, 2, 2]);
  },
  'hindsight.sampling': async () => {
    /** Of all tasks that were taught, how long their runs take. */
    const effort = async (sampling: Config['hindsight.sampling']) => {
      const played = await play({
        'hindsight.sampling': sampling,
        'hindsight.tasks': 1,
        'hindsight.new': 0,
        batch: 6,
        steps: 12,
      });
      const tasks = new Map(played.records.flatMap((each) => each.tasks).map((task) => [task.id, task]));
      const long = played.records.flatMap(({ lessons = [] }) => lessons.map(({ task }) => tasks.get(task)!));
      return long.reduce((sum, task) => sum + effortOf(task), 0) / long.length;
    };
    expect(await effort('effort')).toBeGreaterThan((await effort('uniform')) + 0.1);
  },
  'hindsight.borrowed': async () => {
    const borrowed = async (share: number) =>
      later(await play({ 'hindsight.borrowed': share, 'hindsight.tasks': 4, 'seeding.factor': 4, batch: 4 }))
        .flatMap(({ lessons = [] }) => lessons)
        .filter((lesson) => lesson.borrowed).length;
    const half = await borrowed(0.5);
    expect(await borrowed(0)).toBe(0);
    expect(half).toBeGreaterThan(0);
    expect(await borrowed(1)).toBeGreaterThan(half);
  },
  'hindsight.proposals': async () => {
    const taught = async (proposed: number) =>
      later(await play({ 'hindsight.proposals': proposed, batch: 3 })).map(({ lessons = [] }) =>
        lessons.map(({ kind }) => kind),
      );
    expect(await taught(0)).toEqual([[], [], []]);
    const two = ['proposal', 'proposal'];
    expect(await taught(2)).toEqual([two, two, two]);
  },
  'hindsight.weight': async () => {
    for (const weight of [1, 0.25]) {
      const all = await heard({ 'hindsight.weight': weight, 'hindsight.tasks': 2 });
      const lessons = all.flatMap((each) =>
        each.verb === 'forwardBackward' && each.loss.kind === 'cross-entropy' ? [each.batch] : [],
      );
      expect(lessons).toHaveLength(2);
      for (const batch of lessons) {
        const weights = batch.flatMap((datum) => [...datum.weights!]);
        expect(weights.reduce((sum, each) => sum + each, 0)).toBeCloseTo(weight, 5);
      }
    }
  },
  'hindsight.policy': async () => {
    const trained = async (policy: boolean) => {
      const played = await play({ 'hindsight.policy': policy, 'hindsight.tasks': 2 });
      const asked = attempts(played).length > 0;
      return [asked, ...[attempts, proposals].map((of) => trainedOf(of(played)).length)];
    };
    expect(await trained(true)).toEqual([true, 6, 6]);
    expect(await trained(false)).toEqual([true, 0, 0]);
  },
  'model.train': async () => {
    expect(await adapterWith({ 'model.train': 'all' })).toBeUndefined();
    expect(await adapterWith({ seed: 5 })).toMatchObject({ seed: 5 });
  },
  'model.base': async () => {
    const [created] = await heard({ 'model.train': 'adapter', 'model.base': 'int4' });
    expect(created).toMatchObject({ verb: 'createModel', options: { base: 'int4' } });
  },
  'model.mean': async () => {
    const ends = async (share: number) => {
      const { loop } = await play({ 'model.mean': share, 'optimizer.rate': 0.5, steps: 2 });
      return loop.weights();
    };
    const [last, mean] = [await ends(0), await ends(0.5)];
    expect(mean['model.safetensors']).not.toEqual(last['model.safetensors']);
  },
  'adapter.rank': async () => expect((await adapterWith({ 'adapter.rank': 3 }))?.rank).toBe(3),
  'adapter.alpha': async () => expect((await adapterWith({ 'adapter.alpha': 0.5 }))?.alpha).toBe(0.5),
  'adapter.targets': async () =>
    expect((await adapterWith({ 'adapter.targets': ['up_proj'] }))?.targets).toEqual(['up_proj']),

  'optimizer.rate': adam('optimizer.rate', 0.125, 'learningRate'),
  'optimizer.schedule': async () => {
    const rates = async (schedule: Config['optimizer.schedule']) =>
      (await adamWith({ 'optimizer.schedule': schedule, 'optimizer.rate': 1, steps: 2 })).map(
        ({ learningRate }) => learningRate,
      );
    expect(await rates('constant')).toEqual([1, 1]);
    expect(await rates('linear')).toEqual([1, 0.5]);
    expect((await rates('cosine'))[1]).toBeCloseTo(0.5);
  },
  'optimizer.warmup': async () => {
    const params = await adamWith({ 'optimizer.warmup': 2, 'optimizer.rate': 1 });
    expect(params.map(({ learningRate }) => learningRate)).toEqual([0.5, 1]);
  },
  'optimizer.beta1': adam('optimizer.beta1', 0.5, 'beta1'),
  'optimizer.beta2': adam('optimizer.beta2', 0.25, 'beta2'),
  'optimizer.epsilon': adam('optimizer.epsilon', 0.125, 'epsilon'),
  'optimizer.decay': adam('optimizer.decay', 0.375, 'weightDecay'),
  'optimizer.clip': async () => {
    expect((await adamWith({ 'optimizer.clip': 2 }))[0].maxGradNorm).toBe(2);
    expect((await adamWith({ 'optimizer.clip': 0 }))[0].maxGradNorm).toBeUndefined();
  },

  'sampling.temperature.proposer': async () => {
    for (const samples of [1, 2] as const) {
      const requests = await requestsWith({ 'sampling.temperature.proposer': 0.5 }, samples);
      expect(new Set(requests.map(({ temperature }) => temperature))).toEqual(
        new Set([samples === 1 ? 0.5 : 1]),
      );
    }
  },
  'sampling.temperature.solver': async () => {
    for (const samples of [1, 2] as const) {
      const requests = await requestsWith({ 'sampling.temperature.solver': 0.5 }, samples);
      expect(new Set(requests.map(({ temperature }) => temperature))).toEqual(
        new Set([samples === 1 ? 1 : 0.5]),
      );
    }
  },
  'sampling.top-p': async () => {
    const requests = await requestsWith({ 'sampling.top-p': 0.5 }, 2);
    expect(requests.every(({ topP }) => topP === 0.5)).toBe(true);
  },
  'sampling.top-k': async () => {
    const [all, few] = [await requestsWith({}, 1), await requestsWith({ 'sampling.top-k': 5 }, 1)];
    expect([all[0].topK, few[0].topK]).toEqual([undefined, 5]);
  },
  'sampling.staleness': async () => {
    const [fresh, stale] = [await requestsWith({}, 1), await requestsWith({ 'sampling.staleness': 2 }, 1)];
    expect([fresh[0].staleness, stale[0].staleness]).toEqual([undefined, 2]);
  },
  'tokens.prompt': async () => {
    expect(refused(await play({ 'tokens.prompt': 1, 'tokens.content': 1, references: 0 }))).toEqual(
      new Set(),
    );
    // Proposals can be asked for in four tokens, but no solver could be asked in as few.
    expect(refused(await play({ 'tokens.prompt': 3, 'tokens.content': 3, references: 0 }))).toEqual(
      new Set(['too-long']),
    );
  },
  'tokens.content': async () => {
    const asked = proposals(await play({ 'tokens.content': 12, steps: 6 })).map(
      ({ promptTokens }) => promptTokens,
    );
    expect(largest(asked)).toBeLessThanOrEqual(12);
    expect(
      largest(proposals(await play({ steps: 6 })).map(({ promptTokens }) => promptTokens)),
    ).toBeGreaterThan(12);
  },
  'tokens.response': async () => {
    const played = await play({ 'tokens.response': 3 });
    const all = [...proposals(played), ...attempts(played)];
    expect(largest(all.map(({ tokens }) => tokens.length))).toBe(3);
    expect(all.some(({ stopReason }) => stopReason === 'length')).toBe(true);
  },

  dialect: async () => {
    const starts = async (dialect: Config['dialect']) =>
      proposals(await play({ dialect, steps: 1 }))[0].prompt.slice(0, 5);
    expect(await starts('compact')).toBe('⟨new⟩');
    expect(await starts('think-answer')).toBe('In th');
  },
  'prompts.template': async () => {
    const starts = async (template: Config['prompts.template']) => {
      const source: ModelSource = { kind: 'files', files: hubFiles('qwen2.5') };
      const { dialect } = await languageOf(readConfig({ 'prompts.template': template }), aboutToys, source);
      return dialect.solve({ mode: 'deduction', program: f, input: '3' }).slice(0, 12);
    };
    expect(await starts('auto')).toBe('<|im_start|>');
    expect(await starts('chat')).toBe('<|im_start|>');
    expect(await starts('plain')).toBe('In this conv');
  },
  'dialect.wrapper': async () => {
    const text = async (wrapper: Config['dialect.wrapper']) =>
      proposals(await play({ dialect: 'think-answer', 'dialect.wrapper': wrapper, steps: 1 }))[0];
    expect((await text('answer')).prompt).toMatch(/<think>$/);
    expect((await text('boxed')).prompt).toMatch(/\\boxed\{\}\.$/);
    expect((await text('none')).prompt).not.toMatch(/boxed|<think>/);
    // It is also what completions are read by.
    expect((await text('boxed')).completion).toContain('\\boxed{');
    expect((await text('boxed')).parsed).not.toBeNull();
  },
  'dialect.parsing': async () => {
    const text = answered(fence('py', f) + fence('input', '3')); // the original takes "py" for the program's first line
    const ran = async (parsing: Config['dialect.parsing']) => {
      const played = await play(
        { dialect: 'think-answer', 'dialect.parsing': parsing, steps: 1 },
        { script: wording(text) },
      );
      return proposals(played).map(({ judged }) => judged.kind === 'proposal' && judged.verdict);
    };
    expect(new Set(await ran('strict'))).toEqual(new Set(['ok']));
    expect(new Set(await ran('paper'))).not.toContain('ok');
  },
  'dialect.code-location': async () => {
    const text = answered(fence('python', f) + fence('python', f.replace('3', '4')) + fence('input', '3'));
    const taken = async (location: Config['dialect.code-location']) => {
      const changes: Partial<Config> = {
        dialect: 'think-answer',
        'dialect.code-location': location,
        steps: 1,
      };
      const [{ parsed }] = proposals(await play(changes, { script: wording(text) }));
      return parsed?.kind === 'proposal' && parsed.program;
    };
    expect(await taken('first')).toContain('a + 3');
    expect(await taken('last')).toContain('a + 4');
  },
  'functions.reject-multiple': async () => {
    const script = wording(answered(fence('python', `${f}\n${g}`) + fence('input', '3')));
    const read = async (reject: boolean) =>
      proposals(
        await play({ dialect: 'think-answer', 'functions.reject-multiple': reject, steps: 1 }, { script }),
      ).map(({ parsed }) => parsed !== null);
    expect(await read(true)).toEqual([false, false]);
    expect(await read(false)).toEqual([true, true]);
  },
  'functions.rename': async () => {
    expect(await renamedTo('any-first', g, h)).toBe(`${f.replace('3', '1')}\n${h}`);
    expect(await renamedTo('any-last', g, h)).toBe(`${g}\n${f.replace('3', '2')}`);
    expect(await renamedTo('any-last', f, h)).toBe(`${f}\n${h}`);
    expect(await renamedTo('not-first', g, f)).toBe(`${f.replace('3', '1')}\n${f}`);
    expect(await renamedTo('not-last', f, h)).toBe(`${f}\n${f.replace('3', '2')}`);
  },
  'inputs.reject-in-code': async () => {
    const script = wording(
      answered(fence('python', f.replace('\n', '\n    # test: f(3)\n')) + fence('input', '3')),
    );
    const read = async (reject: boolean) =>
      proposals(
        await play({ dialect: 'think-answer', 'inputs.reject-in-code': reject, steps: 1 }, { script }),
      ).map(({ parsed }) => parsed !== null);
    expect(await read(true)).toEqual([false, false]);
    expect(await read(false)).toEqual([true, true]);
  },
  'clean.comments': async () => {
    expect(await storedWith({ 'clean.comments': true })).not.toContain('add three');
    expect(await storedWith({})).toContain('add three');
  },
  'clean.globals': async () => {
    expect(await storedWith({ 'clean.globals': true })).not.toContain('spare');
    expect(await storedWith({})).toContain('spare');
  },
  'clean.prints': async () => {
    expect(await storedWith({ 'clean.prints': true })).not.toContain('print');
    expect(await storedWith({})).toContain('print');
  },

  'composite.chance': async () => {
    expect(await uses({ 'composite.chance': 0 })).toEqual([0, 0, 0, 0]);
    expect(await uses({ 'composite.chance': 1 })).toEqual([1, 1, 1, 1]);
  },
  'composite.from': async () => expect(await uses({ 'composite.from': 3 })).toEqual([0, 0, 1, 1]),
  'composite.min': async () =>
    expect(await uses({ 'composite.min': 3, 'composite.max': 3 })).toEqual([3, 3, 3, 3]),
  'composite.max': async () => expect(largest(await uses({ 'composite.max': 2 }))).toBe(2),
  'composite.grow': async () => {
    const changes = { ...growing, 'composite.max': 1, 'composite.min': 1 };
    expect(largest(await uses({ ...changes, 'composite.grow': false }))).toBe(1);
    expect(largest(await uses(changes))).toBeGreaterThan(1);
  },
  'composite.grow.max.from': async () => {
    expect(await uses(growing)).toEqual([0, 2, expect.any(Number), expect.any(Number)]);
    expect((await uses({ ...growing, 'composite.grow.max.from': 2 })).slice(0, 3)).toEqual([0, 0, 2]);
  },
  'composite.grow.max.every': async () =>
    expect(await uses({ ...growing, 'composite.grow.max.every': 3 })).toEqual([0, 0, 0, 2]),
  'composite.grow.max.limit': async () => {
    expect(largest(await uses({ ...growing, 'composite.grow.max.limit': 2 }))).toBe(2);
    expect(largest(await uses({ ...growing, 'composite.grow.max.limit': 3, steps: 6 }))).toBe(3);
  },
  'composite.grow.chance.from': async () => {
    expect(await uses(oftener)).toEqual([0, 1, 1, 1]);
    expect(await uses({ ...oftener, 'composite.grow.chance.from': 3 })).toEqual([0, 0, 0, 1]);
  },
  'composite.grow.chance.every': async () =>
    expect(await uses({ ...oftener, 'composite.grow.chance.every': 2 })).toEqual([0, 0, 1, 1]),
  'composite.grow.chance.by': async () =>
    expect(await uses({ ...oftener, 'composite.grow.chance.by': 0 })).toEqual([0, 0, 0, 0]),
  'composite.grow.chance.limit': async () =>
    expect(await uses({ ...oftener, 'composite.grow.chance.limit': 0 })).toEqual([0, 0, 0, 0]),

  'evaluate.every': async () => {
    const evaluated = async (every: number) =>
      (await play({ 'evaluate.every': every }, { heldOut })).records.map(
        ({ metrics }) => 'heldout/deduction' in metrics,
      );
    expect(await evaluated(0)).toEqual([false, false, false, false]);
    expect(await evaluated(1)).toEqual([true, true, true, true]);
    expect(await evaluated(2)).toEqual([true, false, true, true]); // first and last in any case
  },
  'evaluate.modes': async () => {
    const asked = (mode: Mode) => evaluating({ modes: ['deduction', 'abduction'], 'evaluate.modes': [mode] });
    expect(await asked('deduction')).toHaveLength(2);
    expect(await asked('abduction')).toHaveLength(0); // there is no such task
  },
  'evaluate.levels': async () => {
    const prompts = async (...levels: Config['evaluate.levels']) => {
      const harder = heldOut.map((task, i) => ({ ...task, id: `harder ${i}`, level: 4 }));
      const [first] = await evaluating({ 'evaluate.levels': levels }, [...heldOut, ...harder]);
      return first.prompts.length;
    };
    expect(await prompts('3', '4')).toBe(2);
    expect(await prompts('3')).toBe(1); // the one without a level is asked in any case
  },
  'evaluate.samples': async () => {
    const requests = await evaluating({ 'evaluate.samples': 7, 'evaluate.temperature': 1 });
    expect(requests.map(({ samples }) => samples)).toEqual([7, 7]);
  },
  'evaluate.temperature': async () => {
    expect((await evaluating({})).map(({ temperature }) => temperature)).toEqual([0, 0]);
    const warm = await evaluating({ 'evaluate.temperature': 0.5 });
    expect(warm.map(({ temperature }) => temperature)).toEqual([0.5, 0.5]);
  },
  'checkpoint.every': async () => {
    expect(await checkpoints({ 'checkpoint.every': 2 })).toEqual([0, 2, 4, 5]);
    expect(await checkpoints({ 'checkpoint.every': 0 })).toEqual([0, 5]);
  },
  'checkpoint.newest': async () =>
    expect(
      await checkpoints({ 'checkpoint.every': 1, 'checkpoint.newest': 2, 'checkpoint.sparse': 0 }),
    ).toEqual([4, 5]),
  'checkpoint.sparse': async () => {
    const rule = { 'checkpoint.every': 1, 'checkpoint.newest': 1, 'checkpoint.sparse': 2 };
    expect((await checkpoints(rule)).filter((step) => step > 0)).toEqual([2, 4, 5]);
  },

  'watch.entropy': watching('watch.entropy', 0, 0.05, 'entropy', silent),
  'watch.distinct': watching('watch.distinct', 0, 0.9, 'distinct', { script: proposing(twice) }),
  'watch.valid': watching('watch.valid', 0, 0.5, 'valid', { script: garbage }, { 'seeding.factor': 0 }),
  'watch.spread': watching('watch.spread', 0, 0.05, 'spread', { script: proposing(adding, 1) }),
  'watch.held-out': watching('watch.held-out', 0, 0.1, 'held-out', falling, { 'evaluate.every': 1 }),
  'watch.patience': async () => {
    const first = async (patience: number) =>
      (await play({ 'watch.patience': patience }, silent)).records.findIndex((record) =>
        record.alerts.some(({ kind }) => kind === 'entropy'),
      );
    for (const patience of [1, 2, 3]) expect(await first(patience)).toBe(patience);
  },
  'watch.stop': async () => {
    const ended = async (stop: Config['watch.stop']) => {
      const played = await play({ 'watch.stop': stop, 'watch.patience': 2 }, silent);
      return {
        steps: later(played).length,
        finished: played.loop.finished,
        told: alerts(played).includes('stop'),
      };
    };
    expect(await ended([])).toEqual({ steps: 3, finished: true, told: false });
    expect(await ended(['entropy'])).toEqual({ steps: 2, finished: true, told: true });
  },
};

/** As the paper's code: tasks are drawn before anybody proposes. */
const previous: Partial<Config> = { 'solve.when': 'previous-step', 'estimate.reuse': false };

/** Proposals that nobody can read; answers as they are. */
function spoiled(script: Script, dialect: Parameters<GameOptions['script']>[0]): Script {
  return (line) => (dialect.meaningOf(line.prompt).kind === 'propose' ? 'nothing⟨end⟩' : script(line));
}

async function evaluating(
  changes: Partial<Config>,
  tasks: readonly HeldOutTask[] = heldOut,
): Promise<SampleRequest[]> {
  const all: SampleRequest[] = [];
  const listen = (each: Heard) => each.verb === 'sample' && all.push(each.request);
  const quiet: Partial<Config> = { proposer: 'off', 'seeding.factor': 0, 'evaluate.every': 1, steps: 1 };
  await play({ ...quiet, 'estimate.samples': 3, ...changes }, { heldOut: tasks, engine: { listen } });
  return all.filter(({ samples }) => samples !== 3);
}

async function checkpoints(changes: Partial<Config>): Promise<number[]> {
  const { game } = await play({ steps: 5, 'checkpoint.newest': 1000, ...changes });
  return (await game.writer.checkpoints()).map(({ step }) => step).sort((a, b) => a - b);
}

// ---- All of them -----------------------------------------------------------------------------------------------------

describe('every key changes what it is for', () => {
  it('has an entry', () => {
    expect(Object.keys(entries).sort()).toEqual(
      describeConfig()
        .map(({ key }) => key)
        .sort(),
    );
  });
  it.each(Object.entries(entries))('%s', async (_key, entry) => entry());
});

describe('every preset plays', () => {
  const little: Partial<Config> = {
    ...small,
    batch: 3,
    'estimate.samples': 2,
    steps: 3,
    'optimizer.warmup': 1,
  };
  it.each(presetNames)('%s', async (name) => {
    const { dialect: _, ...rest } = little;
    const changes = { dialect: 'think-answer' as const, ...presetSettings(name), ...rest };
    expect(checkConfig(changes)).toEqual([]);
    const { game, records } = await playGame(changes, { script: honest });
    expect(records.map(({ step }: StepRecord) => step)).toEqual([0, 1, 2, 3]);
    const { disagreements } = await game.replayed();
    expect(disagreements.map(({ message }) => message)).toEqual([]);
  });
});
