/**
 * The real engine and the real Python, in Node: opened before the tests of a file and closed after them. What stands on both is played
 * for real there; see node-python.ts for what that Python lacks.
 */
import { afterAll, beforeAll } from 'vitest';
import { LocalEngine } from '../../src/engine/local';
import { openNodeDevice } from '../../src/engine/ort/node';
import type { Executor } from '../../src/sandbox/executor';
import type { Config } from '../../src/selfplay/config';
import { newRun } from '../../src/selfplay/new-run';
import type { Players } from '../../src/selfplay/players';
import { dialectOf } from '../../src/selfplay/speaking';
import { MemoryStore } from '../../src/store/memory';
import { openNodePython } from './node-python';

export interface Real {
  engine: LocalEngine;
  executor: Executor;
}

/** Empty until the tests begin. */
export function openReal(): Real {
  const real = {} as Real;
  beforeAll(async () => {
    real.executor = await openNodePython();
    real.engine = new LocalEngine(await openNodeDevice());
  }, 60_000);
  afterAll(async () => {
    await real.executor.dispose();
    await real.engine.close();
  });
  return real;
}

/** A store with a run in it, called "run", and those who play it. */
export async function newGame(
  { engine, executor }: Real,
  config: Config,
): Promise<{ store: MemoryStore; players: Players }> {
  const store = new MemoryStore();
  const about = { id: 'run', name: 'a run', createdAt: 0, appVersion: '0', backend: 'node', model: 'random' };
  await store.createRun(newRun({ ...about, config }));
  const dialect = dialectOf(config, await executor.about());
  const clock = { now: () => performance.now(), date: () => Date.now() };
  return { store, players: { engine, executor, dialect, clock } };
}

/** One that knows nothing, and is asked in bytes. */
export const knowsNothing = {
  kind: 'random',
  seed: 3,
  config: {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    vocab_size: 272,
    hidden_size: 16,
    intermediate_size: 32,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    num_key_value_heads: 1,
    max_position_embeddings: 256,
    tie_word_embeddings: true,
  },
} as const;
