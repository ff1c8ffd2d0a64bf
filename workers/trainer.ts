/** @file The trainer's worker: owns one run, so that a busy or hidden tab does not slow it. The page watches and commands. */

import { expose, proxy } from 'comlink';
import { installTransfers } from '../src/engine/transfer';
import type { SessionEvent } from '../src/selfplay/session';
import type { Line } from './node-line';
import { trainerErrors } from './trainer-errors';
import { openSession, type TrainerOrder } from './trainer-run';

installTransfers(trainerErrors);

/** Of what takes a while this is told as it begins, and after that so often, in milliseconds: each message takes the page's time. */
const pause = 300;

function newsOnly(): (event: SessionEvent) => boolean {
  let phase: string | null = null;
  let last = 0;
  return (event) => {
    const now = performance.now();
    const next = event.kind === 'progress' ? event.progress.phase : null;
    if (next !== null && next === phase && now - last < pause) return false;
    phase = next;
    last = now;
    return true;
  };
}

const trainer = {
  /** `hear` is told of the line to a node. */
  async open(order: TrainerOrder, listen: (event: SessionEvent) => void, hear?: (line: Line) => void) {
    let told: unknown;
    const isNews = newsOnly();
    const tell = (event: SessionEvent) => {
      if (isNews(event)) told = listen(event);
    };
    const session = await openSession(order, tell, hear);
    // Events and answers travel on ports of their own: what happened must be known before the answer is.
    const afterEvents = async <T>(work: Promise<T>): Promise<T> => {
      try {
        return await work;
      } finally {
        await told;
      }
    };
    return proxy({
      play: (steps?: number) => afterEvents(session.play(steps)),
      pause: () => afterEvents(session.pause()),
      stop: () => afterEvents(session.stop()),
      label: (change: Parameters<typeof session.label>[0]) => session.label(change),
      weights: () => session.weights(),
      close: () => afterEvents(session.close()),
    });
  },
};
export type Trainer = typeof trainer;
export type TrainerSession = Awaited<ReturnType<Trainer['open']>>;

expose(trainer);
