/**
 * @file Training for programs that drive the page: runs by their ids, events to be fetched, and files in pieces, since nothing but plain
 * data comes out of a page that is driven from outside.
 */

import type { TrainerOrder } from '../../workers/trainer-run';
import type { SessionEvent } from '../selfplay/session';
import { openStore } from '../store/indexed';
import { exportLog } from '../store/log';
import { Training } from './training';

export interface TrainingAutomation {
  /** Opens a run, new or stored, and leaves it paused. */
  open(order: Omit<TrainerOrder, 'python'>): Promise<void>;
  /** Until it is paused or finished, or for so many steps. */
  play(run: string, steps?: number): Promise<void>;
  pause(run: string): Promise<void>;
  stop(run: string): Promise<void>;
  close(run: string): Promise<void>;
  /** As a closed tab does. */
  kill(run: string): void;
  /** What happened since this was asked last. */
  events(run: string): SessionEvent[];
  /** Bytes of the log, gzipped, or of a file of the newest checkpoint; in base64, a piece at each call, null at the end. */
  log(run: string): Promise<string | null>;
  checkpoint(run: string): Promise<{ step: number; files: string[] }>;
  checkpointFile(run: string, file: string): Promise<string | null>;
}

interface Open {
  training: Training;
  events: SessionEvent[];
  store: string | undefined;
}

const open = new Map<string, Open>();
const streams = new Map<string, ReadableStreamDefaultReader<Uint8Array>>();

export const training: TrainingAutomation = {
  async open(order) {
    const events: SessionEvent[] = [];
    const training = await Training.open(order, (event) => events.push(event));
    open.set(order.run, { training, events, store: order.store });
  },
  play: (run, steps) => find(run).training.play(steps),
  pause: (run) => find(run).training.pause(),
  stop: (run) => find(run).training.stop(),
  async close(run) {
    await find(run).training.close();
    open.delete(run);
  },
  kill(run) {
    find(run).training.kill();
    open.delete(run);
  },
  events: (run) => find(run).events.splice(0),
  log: (run) => piece(`log of ${run}`, async () => exportLog(await reader(run))),
  async checkpoint(run) {
    const { step, files } = await newest(run);
    return { step, files: Object.keys(files) };
  },
  checkpointFile: (run, file) =>
    piece(`${file} of ${run}`, async () => new Blob([(await newest(run)).files[file] as BlobPart]).stream()),
};

function find(run: string): Open {
  const found = open.get(run);
  if (!found) throw new Error(`Run "${run}" is not open: open it first.`);
  return found;
}

async function reader(run: string) {
  const store = await openStore(open.get(run)?.store);
  return store.readRun(run);
}

async function newest(run: string) {
  const from = await reader(run);
  const steps = (await from.checkpoints()).map(({ step }) => step);
  return from.checkpoint(Math.max(...steps));
}

/** The next piece of a stream that is opened by the first call for it. */
async function piece(name: string, begin: () => Promise<ReadableStream<Uint8Array>>): Promise<string | null> {
  const stream = streams.get(name) ?? (await begin()).getReader();
  streams.set(name, stream);
  const { done, value } = await stream.read();
  if (done) {
    streams.delete(name);
    return null;
  }
  let text = '';
  for (let at = 0; at < value.length; at += 0x8000) {
    text += String.fromCharCode(...value.subarray(at, at + 0x8000));
  }
  return btoa(text);
}
