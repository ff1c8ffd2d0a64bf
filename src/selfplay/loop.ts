/**
 * @file The loop: a run from its first step to its last. Each step is played, learned from, looked at and stored, whole or not at all.
 *
 * What a run needs to go on is in its store: the snapshot after the last step, and the weights of the last checkpoint, from where the
 * updates are repeated out of the log. So a closed tab costs no more than the step in flight, and the run goes on as if nothing had
 * happened, bit for bit on the same backend.
 */

import type { Control, Engine, ModelId, ModelSource } from '../engine/engine';
import { withoutAdapter } from '../model/adapter-base';
import { meanOf } from '../model/mean';
import {
  type Alert,
  type Checkpoint,
  type Mode,
  modes,
  type Snapshot,
  type StepRecord,
} from '../store/records';
import type { RunWriter } from '../store/store';
import { checkAbilities } from './abilities';
import { Buffers, type BuffersState } from './buffers';
import { type Config, readConfig } from './config';
import { RunError } from './errors';
import { type FirstWeights, firstWeights, firstWeightsAgain } from './first-weights';
import { complexityGap } from './gap';
import { teach } from './hindsight';
import { type Learned, learn } from './learning';
import { metricsOf } from './metrics';
import {
  apart,
  bringsAdapter,
  checkRoom,
  configOf,
  inMemory,
  together,
  trainingOf,
  wholeCheckpoint,
  wholeFiles,
  withoutRun,
} from './model-files';
import { observedOf } from './observing';
import { ownTermsFile, readOwnTerms } from './own-terms';
import { Plan, type PlanState } from './plan';
import { play } from './play';
import type { Players, Scene } from './players';
import { flagAlert } from './safety';
import { due } from './schedule';
import { sow } from './seeding';
import type { Seed } from './seeds';
import { Stopwatch, timedExecutor } from './stopwatch';
import { Truths } from './truths';
import { Watch, type WatchState } from './watch';

/** What a snapshot keeps besides the buffers. */
interface State {
  buffers: Omit<BuffersState, 'buffers'>;
  watch: WatchState;
  plan: PlanState;
  /** Tokens that were sampled so far. */
  tokens: number;
  /** Why the run ended before its last step; null if it did not. */
  ended: string | null;
}

const isState = (state: Record<string, unknown>): boolean => 'watch' in state;

export class Loop {
  readonly config: Config;
  /** The last step that is stored. */
  step: number;
  /** Why the run ended before its last step, if it did. */
  ended: string | null = null;

  private plan = new Plan();
  private tokens = 0;
  private nextTask = 1;
  private nextEpisode = 1;
  private storedIn: number | null = null;
  private buffers: Buffers;
  private watch: Watch;
  /** Which step made the weights that an engine's version stands for. */
  private readonly madeBy = new Map<number, number>();
  /** Alerts that came up between two steps. */
  private readonly news: Alert[] = [];
  /** The model below an adapter, until the first checkpoint has it. */
  private below: Record<string, Uint8Array> | null = null;
  /** A step that fails leaves its traces in memory, though none in the store. */
  private spoiled = false;

  private constructor(
    private readonly run: RunWriter,
    private readonly players: Players,
    config: Config,
    step: number,
    private model: ModelId,
    private readonly first: FirstWeights | null,
  ) {
    this.config = config;
    this.step = step;
    this.buffers = new Buffers(config);
    this.watch = new Watch(config);
  }

  /** Sows the seeds of a run that is new, and stores them with the first weights as step 0. `rewards`: see own-terms.ts. */
  static async begin(
    run: RunWriter,
    source: ModelSource,
    players: Players,
    { seeds = [], rewards }: { seeds?: readonly Seed[]; rewards?: string } = {},
    control: Control = {},
  ): Promise<Loop> {
    if (rewards !== undefined) players = await withRewards(players, rewards);
    const config = readConfig((await run.info()).config);
    const { engine } = players;
    await checkAbilities(config, engine);
    await checkRoom(config, await configOf(source), players);
    source = withoutRun(source);
    if (config['model.mean'] > 0 && bringsAdapter(source)) {
      throw new RunError('A run that goes on with an adapter keeps its last weights: set model.mean to 0.');
    }
    const model = await engine.createModel(source, trainingOf(config, source), control);
    const below = await belowAdapter(engine, model, config, source, control);
    const isBelow = below !== null && !bringsAdapter(source); // then it is kept already
    const parts = { model, isAdapted: below !== null, isBelow };
    const first = await firstWeights(engine, config, source, parts, control);
    const loop = new Loop(run, players, config, 0, model, first);
    loop.below = below;
    await loop.publish(0);
    await loop.sow(seeds, control);
    return loop;
  }

  /** Goes on after the last step that is stored. */
  static async resume(run: RunWriter, players: Players, control: Control = {}): Promise<Loop> {
    const config = readConfig((await run.info()).config);
    const { engine } = players;
    await checkAbilities(config, engine);
    const steps = (await run.checkpoints()).map(({ step }) => step);
    if (steps.length === 0) {
      throw new RunError(
        'This run has no checkpoint to go on from: begin a new one, or import it with its weights.',
      );
    }
    // After the last step of a log that was cut off nobody knows how the parts stood: the run goes on from its checkpoint.
    if (!isState((await run.snapshot()).state)) await run.rewind(Math.max(...steps));
    const snapshot = await run.snapshot();
    const checkpoint = await wholeCheckpoint(run, Math.max(...steps));
    const rewards = checkpoint.files[ownTermsFile];
    if (rewards) players = await withRewards(players, new TextDecoder().decode(rewards));
    const { weights, first } = apart(checkpoint.files);
    await checkRoom(config, JSON.parse(new TextDecoder().decode(weights['config.json'])), players);
    const model = await engine.load(
      { name: `step ${checkpoint.step}`, files: weights },
      { optimizer: true },
      control,
    );
    const again = await firstWeightsAgain(engine, config, { first, weights }, control);
    const loop = new Loop(run, players, config, snapshot.step, model, again);
    const total = snapshot.step - checkpoint.step;
    for await (const record of run.steps(checkpoint.step + 1, snapshot.step)) {
      const { step, metrics } = record;
      control.onProgress?.({ phase: 'repeating updates', done: step - checkpoint.step - 1, total });
      const learned = await loop.learn(record, { signal: control.signal });
      const losses = { loss: learned?.loss, 'hindsight/loss': learned?.hindsight?.loss };
      for (const [name, loss] of Object.entries(losses)) {
        if (typeof loss !== 'number' || metrics[name] === undefined || loss === metrics[name]) continue;
        loop.news.push({
          kind: 'drift',
          message: `The update of step ${step} was repeated with a loss of ${loss}, and had ${metrics[name]} before: this engine computes otherwise, so the run goes on, but not as it would have there.`,
        });
        break;
      }
    }
    await loop.publish(snapshot.step);
    await loop.restore(snapshot, control);
    return loop;
  }

  get finished(): boolean {
    return this.ended !== null || this.step >= this.config.steps;
  }

  /** Plays the next step, and stores it. After an error this loop is spent: resume the run from its store. */
  async advance(control: Control = {}): Promise<StepRecord> {
    if (this.finished) throw new RunError(`This run is finished (${this.ended ?? `step ${this.step}`}).`);
    if (this.spoiled) throw new RunError('A step of this run has failed: resume it from its store.');
    this.spoiled = true;
    const step = this.step + 1;
    const { config, buffers, players } = this;
    const stopwatch = new Stopwatch(players.clock.now);
    const scene = this.scene(step, stopwatch, control);
    const counters = { nextTask: this.nextTask, nextEpisode: this.nextEpisode };
    const sizesBefore = sizes(buffers);
    const played = await play(scene, await this.plan.take(scene), counters);
    const { episodes, tasks, updates } = played;

    const gap = complexityGap(scene, episodes);
    gap.catch(() => undefined); // thrown below, unless training fails first
    const taught = await teach(scene, episodes);
    const lessons = taught?.lessons ?? [];
    const learned = await stopwatch.during('train', () => this.learn({ step, episodes, lessons }, control));
    const last = step === config.steps;
    if (last) await this.settle(control);
    await this.publish(step);
    const heldOut =
      due(step, config['evaluate.every']) || (last && config['evaluate.every'] > 0)
        ? await this.evaluate(step, stopwatch, control)
        : null;

    const metrics = metricsOf({
      config,
      step,
      episodes,
      tasks,
      updates,
      qualities: played.qualities,
      learned,
      taught,
      times: stopwatch.read(),
      storedIn: this.storedIn,
      buffers,
      sizesBefore,
      heldOut,
      measured: this.players.measures?.(),
      complexityGap: await gap,
      tokensSoFar: this.tokens,
    });
    const find = (id: number) => buffers.get(id);
    const { alerts, stop } = this.watch.observe(
      observedOf({ step, episodes, metrics, learned, heldOut, find }),
    );
    const flagged = flagAlert(episodes);
    this.ended = stop;
    this.tokens += episodes.reduce((sum, { tokens }) => sum + tokens.length, 0);
    Object.assign(this, counters);
    const record: StepRecord = {
      step,
      at: players.clock.date(),
      episodes,
      tasks,
      updates,
      metrics,
      ...(lessons.length > 0 && { lessons }),
      alerts: [
        ...this.news.splice(0),
        ...played.alerts,
        ...alerts,
        ...(flagged ? [flagged] : []),
        ...(stop ? [{ kind: 'stop', message: stop }] : []),
      ],
    };
    const kept = last || stop !== null || due(step, config['checkpoint.every']);
    await this.store(record, kept, control);
    this.spoiled = false;
    return record;
  }

  /** The weights as they are, in the files of a Hugging Face folder. */
  async weights(control: Control = {}): Promise<Record<string, Uint8Array>> {
    const { files } = await this.players.engine.save(this.model, `step ${this.step}`, control);
    return { ...(await wholeFiles(this.run, await inMemory(files))), ...this.players.files };
  }

  /** The model that the run trains, for whoever wants to ask it something between two steps. */
  get policy(): ModelId {
    return this.model;
  }

  /** Lets go of the models; the run's writer is the caller's to release. */
  async close(): Promise<void> {
    const { engine } = this.players;
    await engine.dispose(this.model);
    if (this.first?.model) await engine.dispose(this.first.model);
  }

  // ---- Parts of a step -----------------------------------------------------------------------------------------------

  private async sow(seeds: readonly Seed[], control: Control): Promise<void> {
    const stopwatch = new Stopwatch(this.players.clock.now);
    const scene = this.scene(0, stopwatch, control);
    const counters = { nextTask: this.nextTask, nextEpisode: this.nextEpisode };
    const sizesBefore = sizes(this.buffers);
    const sown = await sow(scene, seeds, counters);
    Object.assign(this, counters);
    const tokens = sown.episodes.reduce((sum, episode) => sum + episode.tokens.length, 0);
    const heldOut = this.config['evaluate.every'] > 0 ? await this.evaluate(0, stopwatch, control) : null;
    const metrics = metricsOf({
      ...sown,
      config: this.config,
      step: 0,
      qualities: new Map(),
      learned: null,
      taught: null,
      times: stopwatch.read(),
      storedIn: null,
      buffers: this.buffers,
      sizesBefore,
      heldOut,
      measured: this.players.measures?.(),
      complexityGap: null,
      tokensSoFar: 0,
    });
    this.tokens = tokens;
    // What the model could do before it began to learn is the first best that it may fall below.
    this.watch.observe(
      observedOf({ step: 0, episodes: [], metrics: {}, learned: null, heldOut, find: () => undefined }),
    );
    const flagged = flagAlert(sown.episodes);
    const alerts = [...sown.alerts, ...(flagged ? [flagged] : [])];
    await this.store({ ...sown, step: 0, at: this.players.clock.date(), metrics, alerts }, true, control);
  }

  private scene(step: number, stopwatch: Stopwatch, control: Control): Scene {
    const { config, players, model, buffers } = this;
    const executor = timedExecutor(players.executor, stopwatch, control.signal);
    return {
      config,
      step,
      players,
      executor,
      truths: new Truths(executor),
      model,
      policyOf: (version) => this.madeBy.get(version) ?? step - 1,
      buffers,
      stopwatch,
      control,
    };
  }

  private learn(
    record: Pick<StepRecord, 'step' | 'episodes' | 'lessons'>,
    control: Control,
  ): Promise<Learned | null> {
    const { engine, dialect } = this.players;
    control.onProgress?.({ phase: 'training', done: 0, total: 1 });
    const reference = this.first?.model ?? null;
    const learner = { engine, tokenizer: dialect.tokenizer, model: this.model, reference };
    return learn(learner, this.config, record.step, record, control);
  }

  /** Where a run ends: between its first and its last weights, as the settings say. */
  private async settle(control: Control): Promise<void> {
    const share = this.config['model.mean'];
    if (share === 0) return;
    control.onProgress?.({ phase: 'averaging weights', done: 0, total: 1 });
    const { engine } = this.players;
    const { files: last } = await engine.save(this.model, 'last', control);
    await engine.dispose(this.model);
    const files = await wholeFiles(
      this.run,
      await meanOf(this.first?.files ?? {}, await inMemory(last), share),
    );
    const base = this.config['model.base'];
    this.model = await engine.createModel({ kind: 'files', files }, { base }, control);
  }

  private async publish(step: number): Promise<void> {
    const { version } = await this.players.engine.publish(this.model);
    this.madeBy.set(version, step);
  }

  private async evaluate(
    step: number,
    stopwatch: Stopwatch,
    control: Control,
  ): Promise<Record<string, number> | null> {
    const { evaluate } = this.players;
    return evaluate ? stopwatch.during('evaluate', () => evaluate(this.model, step, control)) : null;
  }

  // ---- Storing and restoring -----------------------------------------------------------------------------------------

  private async store(record: StepRecord, withWeights: boolean, control: Control): Promise<void> {
    const { clock } = this.players;
    const begun = clock.now();
    const { buffers, ...rest } = this.buffers.state();
    const state: State = {
      buffers: rest,
      watch: this.watch.state(),
      plan: this.plan.state(),
      tokens: this.tokens,
      ended: this.ended,
    };
    const { step } = record;
    const { nextTask, nextEpisode } = this;
    const snapshot: Snapshot = { step, nextTask, nextEpisode, buffers, state: { ...state } };
    await this.run.append(record, snapshot, withWeights ? await this.checkpoint(step, control) : undefined);
    this.step = step;
    this.storedIn = clock.now() - begun;
  }

  private async checkpoint(step: number, control: Control): Promise<Omit<Checkpoint, 'run'>> {
    control.onProgress?.({ phase: 'saving weights', done: 0, total: 1 });
    const { files } = await this.players.engine.save(this.model, `step ${step}`, { signal: control.signal });
    const weights = { ...this.below, ...(await inMemory(files)), ...this.players.files };
    this.below = null;
    const all = together(weights, this.first?.files ?? null);
    const bytes = Object.values(all).reduce((sum, file) => sum + file.length, 0);
    return { step, at: this.players.clock.date(), bytes, files: all };
  }

  private async restore(snapshot: Snapshot, control: Control): Promise<void> {
    const state = snapshot.state as unknown as State;
    const buffers: BuffersState = { ...state.buffers, buffers: snapshot.buffers };
    const ids = new Set([...Buffers.tasksOf(buffers), ...Plan.tasksOf(state.plan)]);
    const tasks = await this.run.tasks([...ids]);
    this.buffers = Buffers.restore(this.config, buffers, tasks);
    this.watch = Watch.restore(this.config, state.watch);
    this.tokens = state.tokens;
    this.ended = state.ended;
    this.nextTask = snapshot.nextTask;
    this.nextEpisode = snapshot.nextEpisode;
    const scene = this.scene(snapshot.step, new Stopwatch(this.players.clock.now), control);
    this.plan = await Plan.restore(scene, state.plan, new Map(tasks.map((task) => [task.id, task])));
  }
}

const sizes = (buffers: Buffers) =>
  Object.fromEntries(modes.map((mode) => [mode, buffers.of(mode).length])) as Record<Mode, number>;

/** The files of the model that an adapter is trained beside; null where the model itself is trained. */
async function belowAdapter(
  engine: Engine,
  model: ModelId,
  config: Config,
  source: ModelSource,
  control: Control,
): Promise<Record<string, Uint8Array> | null> {
  if (!bringsAdapter(source) && !trainingOf(config, source).adapter) return null;
  switch (source.kind) {
    case 'files':
      return inMemory(withoutAdapter(source.files));
    case 'random': // an adapter that has learned nothing changes nothing
      return inMemory((await engine.save(model, 'below', control, { merged: true })).files);
    default:
      return source satisfies never;
  }
}

/** The user's own rewards, which go into every checkpoint: the run cannot go on without them. */
async function withRewards(players: Players, rewards: string): Promise<Players> {
  const own = { ...players.own, ...(await readOwnTerms(rewards)) };
  return { ...players, own, files: { ...players.files, [ownTermsFile]: new TextEncoder().encode(rewards) } };
}
