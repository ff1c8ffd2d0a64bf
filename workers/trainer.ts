/** @file The trainer's worker: owns one run, so that a busy or hidden tab does not slow it. The page watches and commands. */

import { expose, proxy } from 'comlink';
import { installTransfers } from '../src/engine/transfer';
import type { SessionEvent } from '../src/selfplay/session';
import { trainerErrors } from './trainer-errors';
import { glances } from './trainer-glances';
import { openSession, type TrainerOrder } from './trainer-run';

installTransfers(trainerErrors);

const trainer = {
  async open(order: TrainerOrder, listen: (event: SessionEvent) => void) {
    let told: unknown;
    const tell = glances((event) => {
      told = listen(event);
    });
    const session = await openSession(order, tell);
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
