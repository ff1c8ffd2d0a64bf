/** Runs to store: made of nothing but their numbers, so that what is read can be compared with what was written. */

import { emptySnapshot, follow } from '../../../src/store/order';
import {
  type Episode,
  logVersion,
  modes,
  type RunInfo,
  type Snapshot,
  type StepRecord,
  type Task,
} from '../../../src/store/records';

export const makeInfo = (id: string, change: Partial<RunInfo> = {}): RunInfo => ({
  id,
  name: `the run ${id}`,
  createdAt: 1_700_000_000_000,
  logVersion,
  appVersion: '0.1.0',
  seed: 7,
  config: { steps: 10, nested: { list: [1, 2, null] } },
  backend: 'webgpu',
  device: 'a device',
  model: 'a model',
  status: 'running',
  step: 0,
  parent: null,
  ...change,
});

export interface Sizes {
  episodes: number;
  tasks: number;
  /** Tokens of an episode. */
  tokens: number;
  /** Characters of a prompt, and half of that for a completion. */
  prompt: number;
}

const small: Sizes = { episodes: 6, tasks: 2, tokens: 5, prompt: 40 };
const attempts = 8;

export function makeTask(id: number, step: number): Task {
  return {
    id,
    mode: modes[id % 3],
    program: `def f(x):\n    return x + ${id}`,
    pairs: [[`(${id},)`, `${2 * id}`]],
    message: id % 3 === 2 ? 'adds "something" – ünïcödé 🐍' : '',
    thought: '',
    step,
    origin: step === 0 ? 'identity' : 'proposed',
    parents: id > 1 ? [id - 1] : [],
    astHash: `hash${id}`,
    behaviour: `behaviour${id}`,
    solveRate: step === 0 ? null : 0.5,
    composite: [],
  };
}

export function makeEpisode(id: number, step: number, { tokens, prompt }: Sizes): Episode {
  const solver = id % 2 === 0;
  const group = Math.floor(id / attempts);
  return {
    id,
    step,
    mode: modes[group % 3],
    role: solver ? 'solve' : 'propose',
    group,
    task: solver ? group + 1 : null,
    proposal: solver ? null : id,
    prompt: `prompt of group ${group} `.padEnd(prompt, 'abcdefgh'),
    completion: `completion ${id} \ud83d\udc0d \n`.padEnd(prompt / 2, 'xyz'),
    tokens: Int32Array.from({ length: tokens + (id % 3) }, (_, index) => id * 31 + index),
    logProbs: Float32Array.from({ length: tokens + (id % 3) }, (_, index) => -index / (id + 1)),
    promptTokens: 17,
    stopReason: id % 5 === 0 ? 'length' : 'stop',
    policy: step,
    format: true,
    parsed: solver
      ? { kind: 'answer', answer: String(id), thought: 'hm' }
      : { kind: 'proposal', program: 'def f(x): return x', inputs: ['(1,)'], message: '', thought: '' },
    judged: solver
      ? { kind: 'answer', verdict: 'ok', reason: null, correct: id % 4 === 0, right: null }
      : { kind: 'proposal', verdict: 'ok', reason: null, outputs: ['1'], refused: 'too-easy', solveRate: 1 },
    reward: id % 4 === 0 ? 1 : -0.5,
    terms: { correct: id % 4 === 0 ? 1 : 0, format: 1 },
    advantage: id % 7 === 0 ? null : 0.25,
    flags: [],
  };
}

/** Step `step` and the snapshot after it, given the one before. Each one updates the task before its own and lets one go. */
export function makeStep(
  before: Snapshot,
  step: number,
  sizes: Partial<Sizes> = {},
): { record: StepRecord; snapshot: Snapshot } {
  const all = { ...small, ...sizes };
  const { nextTask, nextEpisode } = before;
  const record: StepRecord = {
    step,
    at: 1_700_000_000_000 + step,
    episodes: Array.from({ length: all.episodes }, (_, index) => makeEpisode(nextEpisode + index, step, all)),
    tasks: Array.from({ length: all.tasks }, (_, index) => makeTask(nextTask + index, step)),
    updates:
      nextTask > 2
        ? [
            { task: nextTask - 1, solveRate: 1 / (step + 1) },
            { task: nextTask - 2, left: 'full' },
          ]
        : [],
    metrics: { loss: 1 / (step + 1), 'length/mean': step },
    alerts: step % 4 === 3 ? [{ kind: 'collapse', message: 'everything is the same' }] : [],
    ...(step % 2 === 1 && {
      lessons: [
        { task: nextTask, mode: 'deduction', kind: 'answer', prompt: `task ${nextTask} 🐍`, completion: '1' },
      ],
    }),
  };
  const snapshot = { ...follow(before, record), state: { watch: { seen: step, list: [1, 2] } } };
  return { record, snapshot };
}

/** Steps from the first of a new run on. */
export function makeSteps(info: RunInfo, count: number, sizes: Partial<Sizes> = {}) {
  const steps: { record: StepRecord; snapshot: Snapshot }[] = [];
  let before = emptySnapshot(info);
  for (let step = info.step; step < info.step + count; step++) {
    steps.push(makeStep(before, step, sizes));
    before = steps.at(-1)!.snapshot;
  }
  return steps;
}

export const makeCheckpoint = (step: number, bytes = 10) => ({
  step,
  at: 1_700_000_000_000 + step,
  bytes: 2 * bytes,
  files: {
    'model.safetensors': new Uint8Array(bytes).fill(step + 1),
    'trainer.safetensors': new Uint8Array(bytes).fill(step + 2),
  },
});

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
