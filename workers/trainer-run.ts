/**
 * @file What the trainer's worker does: it brings engine, sandbox, store and loop together for one run. The engine sits in a worker of
 * its own, so that Python's verdicts are heard while the model computes.
 */

import { version } from '../package.json';
import type { ModelSource } from '../src/engine/engine';
import { WorkerEngine } from '../src/engine/worker';
import { evaluator } from '../src/evals/during';
import type { HeldOutTask } from '../src/evals/tasks';
import { SandboxExecutor } from '../src/sandbox/client';
import type { About } from '../src/sandbox/executor';
import { type Config, readConfig } from '../src/selfplay/config';
import type { Seed } from '../src/selfplay/seeds';
import { Session, type SessionEvent } from '../src/selfplay/session';
import { dialectOf } from '../src/selfplay/speaking';
import { openStore } from '../src/store/indexed';
import { logVersion, type RunInfo } from '../src/store/records';

export interface TrainerOrder {
  run: string;
  backend: 'auto' | 'webgpu' | 'wasm';
  /** Of a run that is not in the store yet. */
  create: RunStart | null;
  heldOut: readonly HeldOutTask[];
  /** The sandbox's port, which only a page can open: see connectSandbox. */
  python: { port: MessagePort; about: About };
  /** Of the database. */
  store?: string;
}

export interface RunStart {
  name: string;
  config: Partial<Config>;
  model: ModelSource;
  /** Where the model came from, in words. */
  modelName: string;
  seeds: readonly Seed[];
}

/** Opens the run and leaves it paused: `play` begins it or goes on. */
export async function openSession(
  { run, backend, create, heldOut, python, store: database }: TrainerOrder,
  listen: (event: SessionEvent) => void,
): Promise<Session> {
  const executor = new SandboxExecutor(python.port, python.about);
  const store = await openStore(database);
  if (create) await store.createRun(await infoOf(run, backend, create));
  const config = readConfig((await (await store.readRun(run)).info()).config);
  const writer = await store.openRun(run, {
    newest: config['checkpoint.newest'],
    every: config['checkpoint.sparse'],
  });
  const dialect = dialectOf(config, python.about);
  return new Session({
    run: writer,
    start: create && { source: create.model, seeds: create.seeds },
    listen,
    open: async () => {
      const engine = await WorkerEngine.open(backend);
      const clock = { now: () => performance.now(), date: () => Date.now() };
      const evaluate = evaluator({ config, tasks: heldOut, engine, dialect, executor });
      return { players: { engine, executor, dialect, clock, evaluate }, close: () => engine.close() };
    },
  });
}

async function infoOf(
  id: string,
  backend: TrainerOrder['backend'],
  { name, config: given, modelName }: RunStart,
): Promise<RunInfo> {
  const config = readConfig(given);
  return {
    id,
    name,
    createdAt: Date.now(),
    logVersion,
    appVersion: version,
    seed: config.seed,
    config,
    backend,
    device: '',
    model: modelName,
    status: 'paused',
    step: 0,
    parent: null,
  };
}
