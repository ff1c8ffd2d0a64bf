/**
 * @file The engine of the playground: opened when somebody asks something, kept while they go on asking, and closed a while after, so
 * that the device is free for a run.
 */

import type { Control, ModelId } from '../../engine/engine';
import type { WorkerEngine } from '../../engine/worker';
import { parseModelConfig } from '../../model/config';
import type { About } from '../../sandbox/executor';
import type { Config } from '../../selfplay/config';
import type { Speech } from '../../selfplay/dialect';
import { configOf } from '../../selfplay/model-files';
import { settingsFor, speechOf } from '../models/language';
import { settingsOf } from '../models/speaking';
import { openModel } from '../state/models';

export interface Player {
  engine: WorkerEngine;
  model: ModelId;
  dialect: Speech;
  config: Config;
  /** Tokens that it reads at once, question and answer together. */
  context: number;
  /** It has a vocabulary of pieces, and so is of the base model's kind. */
  isSmall: boolean;
}

/** After this long without a question. */
const patience = { here: 5 * 60_000, away: 30_000 };

let engine: Promise<WorkerEngine> | null = null;
/** Least lately asked first. */
const players = new Map<string, Player>();
let timer = 0;
let isBusy = false;
let isAway = false;

/** Two models stay loaded: those that are compared. */
const most = 2;

export async function player(ref: string, about: About, control: Control): Promise<Player> {
  isBusy = true;
  clearTimeout(timer);
  const opened = await open();
  const known = players.get(ref);
  players.delete(ref);
  const found = known ?? (await load(opened, ref, about, control));
  players.set(ref, found);
  for (const [other, { model }] of players) {
    if (players.size <= most) break;
    players.delete(other);
    await opened.dispose(model);
  }
  return found;
}

function open(): Promise<WorkerEngine> {
  engine ??= import('../../engine/worker')
    .then(({ WorkerEngine }) => WorkerEngine.open('auto'))
    .catch((error) => {
      engine = null; // the next call tries again
      throw error;
    });
  return engine;
}

async function load(engine: WorkerEngine, ref: string, about: About, control: Control): Promise<Player> {
  const { source } = await openModel(ref);
  const config = await settingsOf(ref, source);
  const dialect = await speechOf(config, about, source);
  const { maxContext } = await engine.capabilities();
  const context = Math.min(maxContext, parseModelConfig(await configOf(source)).maxPositions);
  const isSmall = (await settingsFor(source)).dialect === 'compact';
  const model = await engine.createModel(source, { trainable: false }, control);
  return { engine, model, dialect, config, context, isSmall };
}

/** Nobody asks at the moment. */
export function rest(): void {
  isBusy = false;
  wait();
}

/** Does anybody look? Who asked something, and left, finds the answers on coming back. */
export function look(looks: boolean): void {
  isAway = !looks;
  if (!isBusy) wait();
}

function wait(): void {
  clearTimeout(timer);
  if (engine) timer = window.setTimeout(() => void close(), isAway ? patience.away : patience.here);
}

/** Also after a failure: the next question begins with a new engine. */
export async function close(): Promise<void> {
  clearTimeout(timer);
  const open = engine;
  engine = null;
  players.clear();
  await (await open?.catch(() => null))?.close().catch(() => undefined);
}
