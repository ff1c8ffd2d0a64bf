/**
 * @file Training for programs that drive the page: runs by their ids, events and steps to be fetched, and files in pieces, since
 * nothing but plain data comes out of a page that is driven from outside.
 */

import type { RunStart } from '../../workers/trainer-run';
import { wholeCheckpoint } from '../selfplay/model-files';
import type { SessionEvent } from '../selfplay/session';
import { openStore } from '../store/indexed';
import { stringify } from '../store/json';
import { exportLog, importLog, newSteps } from '../store/log';
import type { Checkpoint, RunInfo } from '../store/records';
import type { Store } from '../store/store';
import { named, notOpen } from './automation-errors';
import { base64, takeHanded } from './automation-files';
import { type ModelName, openModel } from './automation-models';
import { Training, type TrainingOrder } from './training';

export interface PageOrder extends Omit<TrainingOrder, 'create'> {
  create: (Omit<RunStart, 'model'> & { model: ModelName }) | null;
}

export interface TrainingAutomation {
  /** Puts a run into the store that was handed in: "log", and the files of "checkpoint", from which it goes on. */
  import(checkpoint: Pick<Checkpoint, 'step' | 'at' | 'bytes'>, store?: string): Promise<void>;
  /** Opens a run, new or stored, and leaves it paused. */
  open(order: PageOrder): Promise<void>;
  /** Until it is paused or finished, or for so many steps. */
  play(run: string, steps?: number): Promise<void>;
  pause(run: string): Promise<void>;
  stop(run: string): Promise<void>;
  close(run: string): Promise<void>;
  /** As a closed tab does. */
  kill(run: string): void;
  /** What happened since this was asked last. */
  events(run: string): SessionEvent[];
  /** What is stored after a step, or all of it, as far as fits into one answer: each step as the text of a LogStep. */
  news(run: string, after: number | null): Promise<RunNews>;
  /** Bytes of the log, gzipped; in base64, a piece at each call, null at the end. */
  log(run: string): Promise<string | null>;
  /** Sets the newest checkpoint aside, so that its files can be fetched while the run goes on. Null if there is none. */
  checkpoint(run: string): Promise<TakenCheckpoint | null>;
  /** Bytes of one of its files, as those of the log. */
  checkpointFile(run: string, file: string): Promise<string | null>;
}

export interface RunNews {
  info: RunInfo;
  steps: string[];
  /** The last step that has a checkpoint. */
  checkpoint: number | null;
}

export type TakenCheckpoint = Pick<Checkpoint, 'step' | 'at' | 'bytes'> & { files: string[] };

interface Open {
  training: Training;
  events: SessionEvent[];
  store: Promise<Store>;
  taken: Checkpoint | null;
}

/** Characters of steps in one answer, more or less. */
const answerSize = 2 ** 24;
/** Bytes of a file in one answer. */
const pieceSize = 2 ** 22;

const open = new Map<string, Open>();
const streams = new Map<string, ReadableStreamDefaultReader<Uint8Array>>();

export const training: TrainingAutomation = {
  import: named(async ({ step, at, bytes }, store) => {
    const { log } = takeHanded('log');
    const handed = Object.entries(takeHanded('checkpoint'));
    const entries = handed.map(
      async ([name, blob]) => [name, new Uint8Array(await blob.arrayBuffer())] as const,
    );
    const files = Object.fromEntries(await Promise.all(entries));
    const into = await openStore(store);
    await importLog(log.stream(), into, { weights: [{ step, at, bytes, files }] });
    into.close();
  }),
  open: named(async ({ create, ...order }) => {
    const events: SessionEvent[] = [];
    const start = create && { ...create, model: await openModel(create.model) };
    const training = await Training.open({ ...order, create: start }, (event) => events.push(event));
    open.set(order.run, { training, events, store: openStore(order.store), taken: null });
  }),
  play: named(async (run, steps) => find(run).training.play(steps)),
  pause: (run) => find(run).training.pause(),
  stop: (run) => find(run).training.stop(),
  async close(run) {
    const { training, store } = find(run);
    open.delete(run);
    await training.close();
    (await store).close();
  },
  kill(run) {
    find(run).training.kill();
    open.delete(run);
  },
  events: (run) => find(run).events.splice(0),
  news: named(async (run, after) => {
    const from = await reader(run);
    const checkpoint = (await newest(run)) ?? null;
    const steps: string[] = [];
    let size = 0;
    for await (const step of newSteps(from, after ?? undefined)) {
      steps.push(stringify(step));
      size += steps[steps.length - 1].length;
      if (size > answerSize) break;
    }
    return { info: await from.info(), steps, checkpoint };
  }),
  log: (run) => piece(`log of ${run}`, async () => exportLog(await reader(run))),
  async checkpoint(run) {
    const step = await newest(run);
    if (step === undefined) return null;
    const taken = await wholeCheckpoint(await reader(run), step);
    find(run).taken = taken;
    const { at, bytes, files } = taken;
    return { step, at, bytes, files: Object.keys(files) };
  },
  checkpointFile(run, file) {
    const bytes = find(run).taken?.files[file];
    if (!bytes) throw new Error(`No checkpoint with a file "${file}" was set aside: ask for one first.`);
    return piece(`${file} of ${run}`, async () => sliced(bytes));
  },
};

function find(run: string): Open {
  const found = open.get(run);
  if (!found) throw new Error(notOpen(run));
  return found;
}

async function reader(run: string) {
  return (await find(run).store).readRun(run);
}

async function newest(run: string): Promise<number | undefined> {
  const steps = (await (await reader(run)).checkpoints()).map(({ step }) => step);
  return steps.sort((a, b) => a - b).at(-1);
}

function sliced(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at < bytes.length) controller.enqueue(bytes.subarray(at, at + pieceSize));
      else controller.close();
      at += pieceSize;
    },
  });
}

/** The next piece of a stream that is opened by the first call for it. */
async function piece(name: string, begin: () => Promise<ReadableStream<Uint8Array>>): Promise<string | null> {
  const stream = streams.get(name) ?? (await begin()).getReader();
  streams.set(name, stream);
  const { done, value } = await stream.read();
  if (!done) return base64(value);
  streams.delete(name);
  return null;
}
