/**
 * @file What the trainer's worker does: it brings engine, sandbox, store and loop together for one run. The engine sits in a worker of
 * its own or on a node, so that Python's verdicts are heard while the model computes.
 */

import { version } from '../package.json';
import type { ModelSource } from '../src/engine/engine';
import { evaluator } from '../src/evals/during';
import type { HeldOutTask } from '../src/evals/tasks';
import { SandboxExecutor } from '../src/sandbox/client';
import type { About } from '../src/sandbox/executor';
import { type Config, readConfig } from '../src/selfplay/config';
import { allMarks } from '../src/selfplay/held-out';
import { newestWeights } from '../src/selfplay/model-files';
import { checkLanguage, languageOf, settingsFor } from '../src/selfplay/model-language';
import { newRun } from '../src/selfplay/new-run';
import type { Seed } from '../src/selfplay/seeds';
import { Session, type SessionEvent } from '../src/selfplay/session';
import { openStore } from '../src/store/indexed';
import type { Store } from '../src/store/store';
import type { Line } from './node-line';
import { type EngineOrder, openEngine } from './trainer-engine';

export interface TrainerOrder extends EngineOrder {
  /** Of a run that is not in the store yet. */
  create: RunStart | null;
  /** Asked every few steps, and kept out of the run; nothing is trained on them. */
  heldOut: readonly HeldOutTask[];
  /** Of other programs to be kept out: those that ship with the page. */
  marks: readonly string[];
  /** The sandbox's port, which only a page can open: see connectSandbox. */
  python: { port: MessagePort; about: About };
  /** Of the database. */
  store?: string;
}

export interface RunStart {
  name: string;
  /** What is left out is as the model wants it, see settingsFor, or as in "strict". */
  config: Partial<Config>;
  model: ModelSource;
  /** Where the model came from, in words. */
  modelName: string;
  seeds: readonly Seed[];
  /** Of the user's own: the text of a module, see own-terms.ts. */
  rewards?: string;
}

/** Opens the run and leaves it paused: `play` begins it or goes on. */
export async function openSession(
  { run, backend, node, create, heldOut, marks, python, store: database }: TrainerOrder,
  listen: (event: SessionEvent) => void,
  hear: (line: Line) => void = () => {},
): Promise<Session> {
  const executor = new SandboxExecutor(python.port, python.about);
  const store = await openStore(database);
  if (create) {
    const config = readConfig({ ...(await settingsFor(create.model)), ...create.config });
    await checkLanguage(config, create.model); // before there is a run that nobody could play
    await forgetUnbegun(store, run);
    const { name, modelName: model } = create;
    const given = { id: run, name, createdAt: Date.now(), appVersion: version, backend, model };
    await store.createRun(newRun({ ...given, config }));
  }
  const reader = await store.readRun(run);
  const config = readConfig((await reader.info()).config);
  const source = create?.model ?? (await newestWeights(reader));
  const { dialect, files } = await languageOf(config, python.about, source);
  const writer = await store.openRun(run, {
    newest: config['checkpoint.newest'],
    every: config['checkpoint.sparse'],
  });
  // Whoever was killed in the middle of it could not say that it no longer runs.
  if ((await writer.info()).status === 'running') await writer.update({ status: 'paused' });
  return new Session({
    run: writer,
    start: create && { ...create, source: create.model },
    listen,
    open: async (signal) => {
      const { engine, ...opened } = await openEngine({ run, backend, node }, signal, hear);
      const clock = { now: () => performance.now(), date: () => Date.now() };
      const evaluate = evaluator({ config, tasks: heldOut, engine, dialect, executor });
      const kept = config['gate.held-out'] ? await allMarks(marks, heldOut, executor) : undefined;
      const players = { engine, executor, dialect, clock, evaluate, files, heldOut: kept };
      return { players, ...opened };
    },
  });
}

/** A run that was killed among its seeds holds nothing yet, not even its model: it is begun anew under its name. */
async function forgetUnbegun(store: Store, id: string): Promise<void> {
  if (!(await store.runs()).some((each) => each.id === id)) return;
  const run = await store.readRun(id);
  const [snapshot, checkpoints] = await Promise.all([run.snapshot(), run.checkpoints()]);
  if (snapshot.nextEpisode === 1 && checkpoints.length === 0) await store.deleteRun(id);
}
