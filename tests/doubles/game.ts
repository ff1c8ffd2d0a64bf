/**
 * @file Whole runs with doubles in all parts but the loop and the store: set up, played, killed, resumed, and laid side by side.
 */

import type { Control, ModelSource } from '../../src/engine/engine';
import { evaluator } from '../../src/evals/during';
import type { HeldOutTask } from '../../src/evals/tasks';
import { type Config, readConfig } from '../../src/selfplay/config';
import type { Vocabulary } from '../../src/selfplay/dialect';
import { Loop } from '../../src/selfplay/loop';
import { newRun } from '../../src/selfplay/new-run';
import type { Players } from '../../src/selfplay/players';
import { type Replayed, replay } from '../../src/selfplay/replay';
import type { Seed } from '../../src/selfplay/seeds';
import { dialectOf } from '../../src/selfplay/speaking';
import { exportLog, openLog } from '../../src/store/log';
import { MemoryStore } from '../../src/store/memory';
import type { Episode, RunInfo, StepRecord } from '../../src/store/records';
import type { RunWriter } from '../../src/store/store';
import { KnowingDialect } from './dialect';
import type { Script } from './engine';
import { type EngineOptions, ScriptedEngine } from './engine';
import { aboutToys, type ExecutorOptions, ScriptedExecutor } from './executor';
import { pieces } from './tokenizer';

/** Small enough for a test, and with prompts that fit. */
export const small: Partial<Config> = {
  batch: 2,
  steps: 3,
  'estimate.samples': 2,
  'seeding.factor': 1,
  'induction.inputs': 4,
  'tokens.response': 200,
  'evaluate.every': 0,
  dialect: 'compact',
};

export interface GameOptions {
  script: (dialect: KnowingDialect) => Script;
  seeds?: readonly Seed[];
  vocabulary?: Vocabulary;
  engine?: Partial<Pick<EngineOptions, 'entropy' | 'listen' | 'maxContext' | 'before' | 'seed'>>;
  executor?: ExecutorOptions;
  players?: Partial<Pick<Players, 'clock' | 'evaluate' | 'own' | 'rules' | 'files' | 'heldOut'>>;
  /** Held-out tasks, asked as the page's trainer does. */
  heldOut?: readonly HeldOutTask[];
}

/** What a run needs again to go on in another sitting. */
export class Game {
  readonly config: Config;
  readonly dialect: KnowingDialect;
  readonly store = new MemoryStore();
  engine!: ScriptedEngine;
  executor!: ScriptedExecutor;
  writer!: RunWriter;
  private readonly options: GameOptions;
  private sittings = 0;

  constructor(changes: Partial<Config>, options: GameOptions) {
    this.config = readConfig({ ...small, ...changes });
    this.options = options;
    this.dialect = new KnowingDialect(dialectOf(this.config, aboutToys, options.vocabulary ?? pieces()));
  }

  async create(): Promise<void> {
    await this.store.createRun(infoOf(this.config));
    const { 'checkpoint.newest': newest, 'checkpoint.sparse': every } = this.config;
    this.writer = await this.store.openRun('game', { newest, every });
  }

  /** Players who know nothing of a sitting before. */
  players({ engine, executor }: Pick<GameOptions, 'engine' | 'executor'> = {}): Players {
    const { dialect, options } = this;
    const seed = this.sittings++;
    this.engine = new ScriptedEngine({
      tokenizer: dialect.tokenizer,
      script: options.script(dialect),
      seed,
      ...options.engine,
      ...engine,
    });
    this.executor = new ScriptedExecutor({ seed, ...options.executor, ...executor });
    let time = 0;
    const clock = { now: () => time++, date: () => 1_000 + time++ };
    const evaluate = evaluator({
      config: this.config,
      tasks: options.heldOut ?? [],
      engine: this.engine,
      dialect,
      executor: this.executor,
    });
    return { engine: this.engine, executor: this.executor, dialect, clock, evaluate, ...options.players };
  }

  begin(players = this.players(), control?: Control): Promise<Loop> {
    return Loop.begin(this.writer, sourceOf(this.config), players, { seeds: this.options.seeds }, control);
  }

  resume(players = this.players(), control?: Control): Promise<Loop> {
    return Loop.resume(this.writer, players, control);
  }

  async records(): Promise<StepRecord[]> {
    const records: StepRecord[] = [];
    for await (const record of this.writer.steps()) records.push(record);
    return records;
  }

  async replayed(): Promise<Replayed> {
    return replay(await openLog(exportLog(await this.store.readRun('game'), { gzip: false })));
  }

  weights(loop: Loop): number[] {
    return this.engine.weightsOf(loop.policy);
  }
}

export interface Played {
  game: Game;
  loop: Loop;
  /** Step 0, the seeds, is the first. */
  records: StepRecord[];
}

/** A run from its beginning to its end. */
export async function playGame(changes: Partial<Config>, options: GameOptions): Promise<Played> {
  const game = new Game(changes, options);
  await game.create();
  const loop = await game.begin();
  await toEnd(loop);
  return { game, loop, records: await game.records() };
}

export async function toEnd(loop: Loop): Promise<void> {
  while (!loop.finished) await loop.advance();
}

export function sourceOf({ seed }: Config): ModelSource {
  return { kind: 'random', config: modelConfig, seed };
}

const modelConfig = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  vocab_size: 1_000_000,
  hidden_size: 8,
  intermediate_size: 8,
  num_hidden_layers: 1,
  num_attention_heads: 1,
  max_position_embeddings: 1_000_000,
};

function infoOf(config: Config): RunInfo {
  return newRun({
    id: 'game',
    name: 'game',
    createdAt: 0,
    appVersion: '0',
    config,
    backend: 'node',
    model: 'a few numbers',
  });
}

// ---- What is to be compared ------------------------------------------------------------------------------------------

/** Without what may differ from one machine or sitting to another. */
export function comparable({ at: _, metrics, ...record }: StepRecord): unknown {
  const kept = Object.entries(metrics).filter(([name]) => !/^(timing_s|perf)\//.test(name));
  return { ...record, metrics: Object.fromEntries(kept) };
}

export const proposalsOf = ({ episodes }: StepRecord, mode?: Episode['mode']): Episode[] =>
  episodes.filter((each) => each.role === 'propose' && (mode === undefined || each.mode === mode));

export const attemptsOf = ({ episodes }: StepRecord, mode?: Episode['mode']): Episode[] =>
  episodes.filter((each) => each.role === 'solve' && (mode === undefined || each.mode === mode));

export const trainedOf = (episodes: readonly Episode[]): Episode[] =>
  episodes.filter(({ advantage }) => advantage !== null);
