/**
 * What holds in every run, whatever its configuration and whatever its model writes: two thousand steps of small random runs in CI, ten
 * thousand in `npm run proofs`, seeded, with an oracle that knows the truth about programs. Every log replays, and a run that is killed
 * anywhere and resumed is the run that would have been. A failure names the seed: `run(SEED)` repeats it alone.
 */
import { describe, expect, it } from 'vitest';
import { DeviceLostError } from '../../../../src/engine/errors';
import { type Config, checkConfig, describeConfig, type Key } from '../../../../src/selfplay/config';
import type { Loop } from '../../../../src/selfplay/loop';
import { presetNames, presetSettings } from '../../../../src/selfplay/presets';
import { proposing } from '../../../../src/selfplay/schedule';
import { stringify } from '../../../../src/store/json';
import { emptySnapshot, follow } from '../../../../src/store/order';
import {
  type Episode,
  modes,
  roles,
  type Snapshot,
  type StepRecord,
  type Task,
} from '../../../../src/store/records';
import { Chance } from '../../../doubles/chance';
import {
  attemptsOf,
  comparable,
  Game,
  type GameOptions,
  proposalsOf,
  small,
  toEnd,
  trainedOf,
} from '../../../doubles/game';
import { areSame, faultOf, isConstantTask, repeatsInput } from '../../../doubles/oracle';
import { policies } from '../../../doubles/scripts';
import { inProofs } from '../../../whole';

const stepsOfShard = 500;
const shards = inProofs(20, { else: 4 });
/** Of runs that were killed, in a part: else nothing would be shown by them. */
let deaths = 0;

describe(`${shards * stepsOfShard} steps`, () => {
  it.each(Array.from({ length: shards }, (_, shard) => shard))('part %i', async (shard) => {
    let steps = 0;
    deaths = 0;
    for (let seed = shard * 10_000; steps < stepsOfShard; seed++) steps += await run(seed);
    expect(steps).toBeGreaterThanOrEqual(stepsOfShard);
    expect(deaths).toBeGreaterThan(5);
  });
});

/** The steps that were played. */
async function run(seed: number): Promise<number> {
  const chance = new Chance('property', seed);
  const changes = randomConfig(chance, seed);
  try {
    const script = policies[chance.pick(Object.keys(policies) as (keyof typeof policies)[])];
    const options: GameOptions = { script, players: { evaluate } };
    const game = new Game(changes, options);
    await game.create();
    const loop = await game.begin();
    await toEnd(loop);
    const records = await game.records();
    verify(game.config, records);
    await verifyState(game, records);
    const { disagreements, ending } = await game.replayed();
    expect(disagreements.map(({ message }) => message)).toEqual([]);
    expect(ending).toMatchObject({ complete: true, message: null });
    const calls = { engine: game.engine.calls, executor: game.executor.calls };
    const again = chance.happens(0.4)
      ? await killed(changes, options, calls, { game, loop, records }, chance)
      : 0;
    return records.length - 1 + again;
  } catch (error) {
    const told = error instanceof Error ? error : new Error(String(error));
    told.message = `run(${seed}) with ${JSON.stringify(changes)}: ${told.message}`;
    throw told;
  }
}

const evaluate = async (_: string, step: number) => ({ 'heldout/accuracy': 0.5 + (step % 4) / 10 });

// ---- Configurations --------------------------------------------------------------------------------------------------

/** What numbers may be, where a run of a few steps could tell the difference. */
const numbers: Partial<Record<Key, readonly number[]>> = {
  references: [0, 1, 2, 3],
  'induction.inputs': [2, 3, 4, 5],
  'solve.warmup': [0, 1, 2],
  'solve.window': [1, 2, 3],
  'prompts.every': [1, 2, 3, 4],
  'buffers.capacity': [1, 2, 3, 5, 8],
  'buffers.retire': [0, 0.5, 1],
  'buffers.retire.estimates': [1, 2],
  'seeding.factor': [0, 0.5, 1, 2],
  'reward.proposer.extreme': [-0.5, 0],
  'reward.invalid': [-1, 0],
  'reward.refused': [-0.5, 0],
  'reward.repetition': [0, 0.5, 1],
  'reward.repetition.threshold': [0.3, 0.9],
  'intrinsic.complexity': [0.5],
  'intrinsic.halstead': [0.5],
  'intrinsic.edit-distance': [0.5, -0.5],
  'intrinsic.answer-diversity': [0.5],
  'intrinsic.input-diversity': [0.5],
  'intrinsic.output-diversity': [0.5],
  'advantage.floor': [0, 0.1],
  'advantage.negative': [0, 0.25],
  'loss.clip.dual': [0, 3],
  'loss.kl': [0.1],
  'model.mean': [0.25],
  'hindsight.tasks': [0, 1, 2, 5, 50],
  'hindsight.new': [0, 0.5, 1],
  'hindsight.proposals': [0, 1, 3],
  'hindsight.weight': [0.5, 2],
  'loss.epochs': [1, 2],
  'loss.minibatches': [1, 2, 3],
  'optimizer.rate': [0, 0.001],
  'optimizer.warmup': [0, 1],
  'optimizer.clip': [0, 1],
  'sampling.temperature.proposer': [0, 0.7],
  'tokens.prompt': [8, 60, 100_000],
  'tokens.content': [4, 30],
  'tokens.response': [1, 20, 60],
  'composite.chance': [0.5, 1],
  'composite.from': [1, 2],
  'composite.min': [1, 2],
  'composite.max': [1, 2],
  'composite.grow.max.from': [1],
  'composite.grow.max.every': [1],
  'composite.grow.chance.from': [1],
  'composite.grow.chance.every': [1],
  'composite.grow.chance.by': [0.5],
  'evaluate.every': [0, 1, 2],
  'checkpoint.every': [0, 1, 2, 3],
  'checkpoint.newest': [1, 2],
  'checkpoint.sparse': [0, 2],
  'watch.patience': [1, 2],
};

/** What matters in few runs, or in most. */
const likely: Partial<Record<Key, number>> = {
  modes: 0.8,
  'prompts.every': 0.6,
  'loss.kl': 0.3,
  'model.mean': 0.2,
  'hindsight.tasks': 0.4,
};

function randomConfig(chance: Chance, seed: number): Partial<Config> {
  for (;;) {
    const changes: Record<string, unknown> = {
      ...presetSettings(chance.pick(['strict', 'strict', 'paper', 'paper', ...presetNames])),
      ...small,
      seed,
      steps: chance.between(2, 9),
      batch: chance.pick([1, 1, 2, 2, 3, 6]),
      'estimate.samples': chance.pick([1, 2, 2, 3, 4]),
      'tokens.prompt': 100_000,
      'tokens.content': 100_000,
      'checkpoint.every': 3,
      dialect: chance.happens(0.2) ? 'think-answer' : 'compact',
    };
    for (const { key, kind, choices } of describeConfig()) {
      const often = likely[key] ?? 0.12;
      if (key === 'dialect' || !chance.happens(often)) continue;
      if (kind === 'boolean') changes[key] = chance.happens(0.5);
      else if (kind === 'choice') changes[key] = chance.pick(choices);
      else if (kind === 'choices') changes[key] = choices.filter(() => chance.happens(0.4));
      else if (numbers[key]) changes[key] = chance.pick(numbers[key]);
    }
    // Drawing in advance goes with solving what the step before has made.
    if (changes['solve.when'] === 'same-step') changes['prompts.every'] = 1;
    if (checkConfig(changes).length === 0) return changes as Partial<Config>;
  }
}

// ---- What holds ------------------------------------------------------------------------------------------------------

/** As `expect`, which takes too long to be asked about each of a million figures. */
function hold(condition: boolean, what: () => string): void {
  if (!condition) throw new Error(`It does not hold that ${what()}.`);
}

function verify(config: Config, records: readonly StepRecord[]): void {
  expect(records.map(({ step }) => step)).toEqual(records.map((_, index) => index));
  const tasks = new Map<number, Task>();
  let nextEpisode = 1;
  let snapshot: Snapshot = emptySnapshot({ step: 0 } as never);
  for (const record of records) {
    for (const task of record.tasks) {
      hold(task.id === tasks.size + 1, () => `task ${task.id} comes after task ${tasks.size}`);
      tasks.set(task.id, task);
    }
    for (const episode of record.episodes) {
      hold(episode.id === nextEpisode++, () => `episode ${episode.id} comes after ${nextEpisode - 2}`);
      verifyEpisode(episode, record, tasks);
    }
    verifyGroups(record);
    if (record.step > 0) verifyCounts(config, record);
    verifyAdvantages(config, record);
    for (const [name, value] of Object.entries(record.metrics)) {
      hold(Number.isFinite(value), () => `metric ${name}, ${value}, is finite`);
    }
    for (const task of record.tasks) verifyGate(config, task);
    snapshot = follow(snapshot, record);
    for (const mode of modes) {
      const buffer = snapshot.buffers[mode].map((id) => tasks.get(id)!);
      hold(buffer.length <= config['buffers.capacity'], () => `${buffer.length} tasks fit into a buffer`);
      if (config['gate.novelty'] === 'behaviour') verifyNovelty(buffer, record);
    }
  }
}

function verifyEpisode(episode: Episode, { step }: StepRecord, tasks: ReadonlyMap<number, Task>): void {
  const { id, task, tokens, logProbs, reward, policy, role, mode } = episode;
  const about = task === null ? null : tasks.get(task);
  hold(about !== undefined, () => `episode ${id} is about a task that exists, ${task}`);
  if (about && step > 0) hold(about.mode === mode, () => `episode ${id} is about a task of its mode`);
  if (role === 'propose' && about) hold(about.step === step, () => `proposal ${id} made a task of this step`);
  hold(tokens.length > 0, () => `episode ${id} has tokens`);
  hold(logProbs.length === tokens.length, () => `episode ${id} has a log-probability for each token`);
  hold(Number.isFinite(reward), () => `the reward of episode ${id}, ${reward}, is finite`);
  hold(policy === Math.max(0, step - 1), () => `episode ${id} was written by the weights of the step before`);
}

/** Attempts of a group share their prompt and task; proposals stand alone. */
function verifyGroups(record: StepRecord): void {
  const groups = new Map<number, Episode>();
  for (const episode of record.episodes) {
    const first = groups.get(episode.group) ?? episode;
    groups.set(episode.group, first);
    const alike = (['prompt', 'role', 'task', 'proposal'] as const).every(
      (key) => episode[key] === first[key],
    );
    hold(alike, () => `episodes ${first.id} and ${episode.id} of a group share prompt and task`);
    if (episode.role === 'propose') hold(first === episode, () => `proposal ${episode.id} stands alone`);
  }
}

function verifyCounts(config: Config, record: StepRecord): void {
  const short = record.alerts.filter(({ kind }) => kind === 'short');
  for (const mode of modes) {
    const played = config.modes.includes(mode) ? config.batch : 0;
    const due = {
      propose: proposing(record.step, config) === 'off' ? 0 : played,
      solve: config['hindsight.policy'] ? played : 0,
    };
    const found = {
      propose: proposalsOf(record, mode).length,
      solve: trainedOf(attemptsOf(record, mode)).length,
    };
    for (const role of roles) {
      const told = short.some(({ message }) =>
        message.includes(`${role === 'propose' ? 'proposals' : 'attempts'} of ${mode}`),
      );
      const says = `in step ${record.step} ${found[role]} of ${due[role]} ${mode} episodes ${role}`;
      const lacks = told && due[role] > 0;
      hold(lacks ? found[role] < due[role] : found[role] === due[role], () => says);
    }
  }
}

function verifyAdvantages(config: Config, record: StepRecord): void {
  const proposers = record.step === 0 ? 'off' : proposing(record.step, config);
  if (proposers !== 'trained') expect(trainedOf(proposalsOf(record))).toEqual([]);
  if (record.step === 0) expect(trainedOf(record.episodes)).toEqual([]);
  for (const mode of modes) {
    for (const of of [proposalsOf, attemptsOf]) {
      const values = trainedOf(of(record, mode)).map(({ advantage }) => advantage as number);
      hold(values.every(Number.isFinite), () => 'advantages are finite');
      const centred =
        config['advantage.level'] === 'sequence' &&
        config['advantage.baseline'] !== 'none' &&
        config['advantage.negative'] === 1;
      const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);
      if (centred) hold(Math.abs(mean) < 1e-9, () => `advantages have mean 0, not ${mean}`);
    }
  }
}

/** By truth: the oracle asks no probe and compares no hash. */
function verifyGate(config: Config, task: Task): void {
  const keptOut = (is: boolean, why: string) =>
    hold(!is, () => `a task that is ${why} stays out: ${JSON.stringify(task)}`);
  const fault = faultOf(task);
  keptOut(fault !== null, `no task (${fault})`);
  if (task.origin === 'identity') return;
  if (task.mode === 'induction') {
    if (config['gate.distinct'])
      keptOut(isConstantTask(task) || repeatsInput(task), 'constant or repeats inputs');
    if (config['gate.leak']) keptOut(task.message.includes('def f('), 'told');
  } else if (config['gate.constant']) keptOut(isConstantTask(task), 'constant');
  if (task.origin !== 'proposed') return;
  const rate = task.solveRate as number;
  if (config['gate.filter'] !== 'all') keptOut(rate >= 1, 'too easy');
  if (config['gate.filter'] === 'non-extremes') keptOut(rate <= 0, 'too hard');
}

function verifyNovelty(buffer: readonly Task[], { step }: StepRecord): void {
  for (const task of buffer.filter((each) => each.step === step)) {
    const same = buffer.find((other) => other.id < task.id && areSame(task, other));
    hold(
      !same,
      () => `task ${task.id} is new: ${task.program}\nis that of task ${same?.id}: ${same?.program}`,
    );
  }
}

async function verifyState(game: Game, records: readonly StepRecord[]): Promise<void> {
  const snapshot = await game.writer.snapshot();
  const all = records.flatMap(({ tasks }) => tasks).length;
  expect(snapshot.step).toBe(records.length - 1);
  expect(snapshot.nextTask).toBe(all + 1);
  expect((await game.writer.checkpoints()).some(({ step }) => step === snapshot.step)).toBe(true);
}

// ---- Killed and resumed ----------------------------------------------------------------------------------------------

interface Undisturbed {
  game: Game;
  loop: Loop;
  records: readonly StepRecord[];
}

/** The same run, which dies once or twice wherever it may be. The steps that were played. */
async function killed(
  changes: Partial<Config>,
  options: GameOptions,
  calls: { engine: number; executor: number },
  undisturbed: Undisturbed,
  chance: Chance,
): Promise<number> {
  const game = new Game(changes, { ...options, vocabulary: undisturbed.game.dialect });
  await game.create();
  for (let lives = chance.between(1, 2); lives > 0; lives--) {
    const mortal = mortals[chance.pick(Object.keys(mortals) as (keyof typeof mortals)[])];
    await mortal(game, calls, chance);
  }
  const loop = await sitDown(game);
  await toEnd(loop);
  const records = await game.records();
  sameAs(records.map(comparable), undisturbed.records.map(comparable));
  expect(game.weights(loop)).toEqual(undisturbed.game.weights(undisturbed.loop));
  const last = records.length - 1;
  sameAs(await game.writer.snapshot(), await undisturbed.game.writer.snapshot());
  const files = async ({ writer }: Game) => (await writer.checkpoint(last)).files;
  expect(await files(game)).toEqual(await files(undisturbed.game));
  return last;
}

/** As text first, which is soon told; only what differs is looked at closely. */
function sameAs(is: unknown, should: unknown): void {
  if (stringify(is) !== stringify(should)) expect(is).toEqual(should);
}

async function sitDown(game: Game, ...how: Parameters<Game['players']>): Promise<Loop> {
  const players = game.players(...how);
  return (await game.writer.checkpoints()).length > 0 ? game.resume(players) : game.begin(players);
}

type Mortal = (game: Game, calls: { engine: number; executor: number }, chance: Chance) => Promise<void>;

const mortals: Record<string, Mortal> = {
  'its device is lost': (game, calls, chance) => {
    const last = chance.below(calls.engine + 1);
    const before = (call: number) => {
      if (call >= last) throw new DeviceLostError();
    };
    return dies(DeviceLostError, async () => toEnd(await sitDown(game, { engine: { before } })));
  },
  'its sandbox breaks': (game, calls, chance) => {
    class Broken extends Error {}
    const last = chance.below(calls.executor + 1);
    const before = (call: number) => {
      if (call === last) throw new Broken();
    };
    return dies(Broken, async () => toEnd(await sitDown(game, { executor: { before } })));
  },
  'it is stopped': (game, calls, chance) => {
    const abort = new AbortController();
    const last = chance.below(calls.engine + calls.executor);
    let count = 0;
    const before = () => {
      if (count++ === last) abort.abort(new Stopped());
    };
    return dies(Stopped, async () => {
      const players = game.players({ engine: { before }, executor: { before } });
      const control = { signal: abort.signal };
      const fresh = (await game.writer.checkpoints()).length === 0;
      const loop = await (fresh ? game.begin(players, control) : game.resume(players, control));
      while (!loop.finished) await loop.advance(control);
    });
  },
};

class Stopped extends Error {}

/** Or lives to its end, if nothing was called as often as that. */
async function dies(cause: new () => Error, live: () => Promise<void>): Promise<void> {
  await live().catch((error) => {
    if (!(error instanceof cause)) throw error;
    deaths++;
  });
}
