/**
 * A run that adds up, played without model or Python: what happens is written down in a list, and everything that follows from it is
 * computed as the loop does. For tests that falsify it.
 */

import { advantages } from '../../../src/selfplay/advantages';
import { Buffers, type BuffersState } from '../../../src/selfplay/buffers';
import { type Config, readConfig } from '../../../src/selfplay/config';
import { clusterShares } from '../../../src/selfplay/repetition';
import { type OwnTerm, refusedForRate, rewardOf, success } from '../../../src/selfplay/rewards';
import { exportLog } from '../../../src/store/log';
import { MemoryStore } from '../../../src/store/memory';
import { emptySnapshot, follow } from '../../../src/store/order';
import {
  type Episode,
  type Judged,
  logVersion,
  type Mode,
  type Refusal,
  type RunInfo,
  type StepRecord,
  type Task,
  type TaskUpdate,
} from '../../../src/store/records';

/** Two kinds of tasks, little room, and a task is mastered at once: everything happens within few steps. */
export const playedConfig = readConfig({
  modes: ['deduction', 'induction'],
  batch: 4,
  steps: 5,
  'estimate.samples': 4,
  'buffers.capacity': 5,
  'buffers.retire.estimates': 1,
  'intrinsic.complexity': 0.1,
  'reward.induction': 'accuracy',
});

/** Of four proposals: how many attempts of four solve it, or why nobody tried. */
const proposals: (number | Refusal)[] = [2, 1, 4, 'invalid'];
const steps = 5;

export interface PlayedOptions {
  config?: Config;
  own?: Record<string, OwnTerm>;
  /** Steps after which there is a checkpoint. */
  checkpoints?: number[];
  info?: Partial<RunInfo>;
  /** Tasks are estimated again before new ones come in, and not after. */
  estimatesFirst?: boolean;
}

export async function playedLog({
  config = playedConfig,
  own = {},
  checkpoints = [2],
  info: changes = {},
  estimatesFirst = false,
}: PlayedOptions = {}): Promise<ReadableStream<Uint8Array>> {
  const info: RunInfo = {
    id: 'played',
    name: 'played',
    createdAt: 0,
    logVersion,
    appVersion: '0',
    seed: 1,
    config,
    backend: 'node',
    device: 'none',
    model: 'none',
    status: 'finished',
    step: 0,
    parent: null,
    ...changes,
  };
  const store = new MemoryStore();
  await store.createRun(info);
  const writer = await store.openRun('played');
  const game = new Game(config, own);
  let before = emptySnapshot(info);
  for (let step = 0; step <= steps; step++) {
    const record = step === 0 ? game.seeds() : game.step(step, estimatesFirst);
    before = { ...follow(before, record), state: { buffers: game.kept() } };
    const checkpoint = checkpoints.includes(step) ? { step, at: 0, bytes: 0, files: {} } : undefined;
    await writer.append(record, before, checkpoint);
  }
  await writer.release();
  return exportLog(await store.readRun('played'), { gzip: false });
}

class Game {
  private readonly config: Config;
  private readonly own: Record<string, OwnTerm>;
  private readonly buffers: Buffers;
  private tasks = 0;
  private episodes = 0;

  constructor(config: Config, own: Record<string, OwnTerm>) {
    this.config = config;
    this.own = own;
    this.buffers = new Buffers(config);
  }

  kept(): Omit<BuffersState, 'buffers'> {
    const { streaks, mastered } = this.buffers.state();
    return { streaks, mastered };
  }

  seeds(): StepRecord {
    const tasks = this.config.modes.map((mode) => this.task(mode, 0, 'identity', null));
    const episodes = this.config.modes.map((mode) => this.propose(mode, 0, null, 0));
    this.config.modes.forEach((mode, index) => {
      const task = this.task(mode, 0, 'seeding', null);
      episodes[index].task = task.id;
      tasks.push(task);
    });
    this.reward(episodes, false);
    const updates = tasks.flatMap((task) => this.buffers.add(task));
    return { step: 0, at: 0, episodes, tasks, updates, metrics: {}, alerts: [] };
  }

  step(step: number, estimatesFirst: boolean): StepRecord {
    const { config } = this;
    const episodes: Episode[] = [];
    const tasks: Task[] = [];
    const updates: TaskUpdate[] = [];
    const trained: Episode[] = [];
    for (const mode of config.modes) {
      for (const [index, outcome] of proposals.entries()) {
        const proposal = this.propose(mode, step, outcome, index);
        episodes.push(proposal);
        trained.push(proposal);
        if (typeof outcome !== 'number') continue;
        const attempts = Array.from({ length: 4 }, (_, k) => this.attempt(proposal, k < outcome));
        episodes.push(...attempts);
        if (index < 2) trained.push(attempts[step % 4]);
        const rate =
          attempts.reduce((sum, { judged }) => sum + success(config, mode, judged), 0) / attempts.length;
        const refused = refusedForRate(rate, config);
        proposal.judged = { ...(proposal.judged as object), refused, solveRate: rate } as Judged;
        if (refused) continue;
        const task = this.task(mode, step, 'proposed', rate);
        proposal.task = task.id;
        for (const attempt of attempts) attempt.task = task.id;
        tasks.push(task);
      }
    }
    const enter = () => tasks.flatMap((task) => this.buffers.add(task));
    if (!estimatesFirst) updates.push(...enter());
    for (const mode of config.modes) {
      // The newest of all, once it is mastered; a task that is tried once only is not estimated again.
      const [task] = this.buffers.of(mode).slice(-1);
      const solved = step % 2 === 0 ? 2 : 1;
      const attempts = Array.from({ length: 2 }, (_, k) =>
        this.attempt({ mode, step, task: task.id }, k < solved),
      );
      episodes.push(...attempts);
      trained.push(...attempts);
      const rate = attempts.reduce((sum, { judged }) => sum + success(config, mode, judged), 0) / 2;
      updates.push(...this.buffers.estimate(task.id, rate));
    }
    if (estimatesFirst) updates.push(...enter());
    this.reward(episodes);
    const learned = episodes.filter((episode) => trained.includes(episode));
    const scored = learned.map(({ mode, role, group, reward, tokens }) => ({
      mode,
      role,
      group,
      reward,
      tokens: tokens.length,
    }));
    advantages(scored, config).forEach((advantage, index) => {
      learned[index].advantage = advantage;
    });
    return { step, at: 0, episodes, tasks, updates, metrics: {}, alerts: [] };
  }

  private reward(episodes: Episode[], penalised = true): void {
    const { config } = this;
    for (const mode of config.modes) {
      const proposed = episodes.filter((episode) => episode.role === 'propose' && episode.mode === mode);
      const texts = proposed.map(({ judged, parsed }) => {
        if (judged.kind !== 'proposal' || judged.verdict !== 'ok' || parsed?.kind !== 'proposal') return null;
        return mode === 'induction' ? parsed.inputs.join('\n') : parsed.program;
      });
      const shares = clusterShares(texts, config['reward.repetition.threshold']);
      for (const episode of episodes.filter((each) => each.mode === mode)) {
        const repetition = penalised && episode.role === 'propose' ? shares[proposed.indexOf(episode)] : 0;
        const intrinsic = mode === 'deduction' ? { complexity: 0.5 * (1 + (episode.id % 3)) } : {};
        Object.assign(episode, rewardOf(config, { ...episode, intrinsic, repetition }, this.own));
      }
    }
  }

  private task(mode: Mode, step: number, origin: Task['origin'], solveRate: number | null): Task {
    const id = ++this.tasks;
    return {
      id,
      mode,
      program: `def f(a):\n    return a + ${id}`,
      pairs: Array.from({ length: mode === 'induction' ? 4 : 1 }, (_, k) => [`${id + k}`, `${2 * id + k}`]),
      message: '',
      thought: '',
      step,
      origin,
      parents: id > 1 ? [id - 1] : [],
      astHash: `hash ${id}`,
      behaviour: `behaviour ${id}`,
      solveRate,
      composite: [],
    };
  }

  private propose(mode: Mode, step: number, outcome: number | Refusal | null, index: number): Episode {
    const refused = typeof outcome === 'string' ? outcome : null;
    const program =
      index < 2 ? `def f(a):\n    return a + ${index}` : `def f(a):\n    for b in a: print(b * ${index})`;
    return {
      ...this.episode(mode, step, 'propose'),
      parsed: { kind: 'proposal', program, inputs: [`${index}`, `${step}`], message: '', thought: '' },
      judged: {
        kind: 'proposal',
        verdict: refused === 'invalid' ? 'error' : 'ok',
        reason: null,
        outputs: [],
        refused,
        solveRate: null,
      },
    };
  }

  private attempt(at: Episode | { mode: Mode; step: number; task: number }, correct: boolean): Episode {
    const { mode, step } = at;
    const right = mode === 'induction' ? [correct, true] : null;
    return {
      ...this.episode(mode, step, 'solve'),
      task: at.task,
      proposal: 'id' in at ? at.id : null,
      group: 'id' in at ? at.id : 1000 + (at.task ?? 0),
      parsed: { kind: 'answer', answer: '1', thought: '' },
      judged: { kind: 'answer', verdict: 'ok', reason: null, correct, right },
    };
  }

  private episode(mode: Mode, step: number, role: Episode['role']): Omit<Episode, 'parsed' | 'judged'> {
    const id = ++this.episodes;
    const length = 3 + (id % 5);
    return {
      id,
      step,
      mode,
      role,
      group: id,
      task: null,
      proposal: null,
      prompt: '',
      completion: '',
      tokens: new Int32Array(length),
      logProbs: new Float32Array(length),
      promptTokens: 1,
      stopReason: 'stop',
      policy: step,
      format: true,
      reward: 0,
      terms: {},
      advantage: null,
      flags: [],
    };
  }
}
