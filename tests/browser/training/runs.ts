/** @file Runs for these tests, and what is left of one when it is over. */

import { deleteDB } from 'idb';
import { onTestFinished } from 'vitest';
import type { TrainingOrder } from '../../../src/app/training';
import type { ModelSource } from '../../../src/engine/engine';
import type { HeldOutTask } from '../../../src/evals/tasks';
import type { Config } from '../../../src/selfplay/config';
import type { Seed } from '../../../src/selfplay/seeds';
import { openStore } from '../../../src/store/indexed';
import { stringify } from '../../../src/store/json';
import type { StepRecord } from '../../../src/store/records';
import type { RunReader } from '../../../src/store/store';
import { inputs } from './novice';

export type Order = TrainingOrder;

/** Buffers that overflow, a first model to be compared with, tests on the way: whatever a run that is resumed could lose. */
const config: Partial<Config> = {
  dialect: 'compact',
  batch: 4,
  references: 1,
  'induction.inputs': inputs,
  'estimate.samples': 2,
  'seeding.factor': 0.5,
  'buffers.capacity': 5,
  'tokens.prompt': 128,
  'tokens.content': 96,
  'tokens.response': 40,
  'loss.kl': 0.01,
  'optimizer.rate': 1e-3,
  'checkpoint.every': 4,
  'evaluate.every': 5,
  'watch.stop': [],
};

const heldOut: HeldOutTask[] = [
  {
    id: 'a sum',
    mode: 'deduction',
    level: null,
    program: 'def f(a):\n    return a + 2',
    pairs: [['3', '5']],
    message: '',
  },
];

/** A run of its own, in a database of its own. */
export function newRun(
  model: ModelSource,
  changes: Partial<Config>,
  { backend = 'wasm', seeds = [] }: { backend?: Order['backend']; seeds?: readonly Seed[] } = {},
): Order {
  const store = `training ${Math.random()}`;
  onTestFinished(() => deleteDB(store));
  const create = { name: 'a run', config: { ...config, ...changes }, model, modelName: 'a novice', seeds };
  return { run: 'a', backend, store, heldOut, create };
}

/** The same run, which is in the store by now. */
export const again = (order: Order): Order => ({ ...order, create: null });

export async function withReader<T>(
  { run, store: name }: Order,
  read: (run: RunReader) => Promise<T>,
): Promise<T> {
  const store = await openStore(name);
  try {
    return await read(await store.readRun(run));
  } finally {
    store.close();
  }
}

export const stepsOf = (order: Order): Promise<StepRecord[]> =>
  withReader(order, async (run) => {
    const steps: StepRecord[] = [];
    for await (const step of run.steps()) steps.push(step);
    return steps;
  });

/** All of a run but when it happened and how long it took. As text: comparing thousands of numbers one by one takes seconds. */
export async function outcomeOf(order: Order): Promise<Record<string, unknown>> {
  const steps = (await stepsOf(order)).map(({ at: _, metrics, ...rest }) => {
    const lasting = Object.entries(metrics).filter(([name]) => !/^(timing_s|perf)\//.test(name));
    return stringify({ ...rest, metrics: Object.fromEntries(lasting.sort()) });
  });
  return withReader(order, async (run) => {
    const checkpoints = (await run.checkpoints()).map(({ step }) => step);
    const { files } = await run.checkpoint(Math.max(...checkpoints));
    const sums = Object.entries(files).map(async ([name, bytes]) => [name, await checksum(bytes)] as const);
    const { step, status } = await run.info();
    return {
      step,
      status,
      steps,
      snapshot: await run.snapshot(),
      checkpoints,
      files: Object.fromEntries(await Promise.all(sums)),
    };
  });
}

async function checksum(bytes: Uint8Array): Promise<string> {
  const sum = await crypto.subtle.digest('SHA-256', new Uint8Array(bytes));
  return Array.from(new Uint8Array(sum), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
