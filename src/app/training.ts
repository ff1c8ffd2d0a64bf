/**
 * @file Training as the page sees it: a worker that owns the run, and the sandbox that only a page can open for it. If the worker
 * itself dies, what is under way fails rather than waits for ever.
 */

import { proxy, type Remote, transfer, wrap } from 'comlink';
import type { Trainer } from '../../workers/trainer';
import { trainerErrors } from '../../workers/trainer-errors';
import type { TrainerOrder } from '../../workers/trainer-run';
import { EngineError } from '../engine/errors';
import { installTransfers } from '../engine/transfer';
import { connectSandbox } from '../sandbox/sandbox';
import type { Session, SessionEvent } from '../selfplay/session';

export class Training {
  private readonly session: Remote<Session>;
  private readonly died: Promise<never>;
  private readonly leave: () => void;

  private constructor(session: Remote<Session>, died: Promise<never>, leave: () => void) {
    this.session = session;
    this.died = died;
    this.leave = leave;
  }

  /** Opens a run that is in the store, or a new one, and leaves it paused. */
  static async open(
    order: Omit<TrainerOrder, 'python'>,
    listen: (event: SessionEvent) => void,
  ): Promise<Training> {
    installTransfers(trainerErrors);
    const { port, about, close } = await connectSandbox();
    const worker = new Worker(new URL('../../workers/trainer.ts', import.meta.url), {
      type: 'module',
      name: 'trainer',
    });
    const leave = () => {
      worker.terminate();
      close();
    };
    const died = new Promise<never>((_, reject) => {
      worker.addEventListener('error', ({ message }) =>
        reject(
          new EngineError(`The trainer's worker stopped (${message || 'out of memory?'}): resume the run.`),
        ),
      );
    });
    died.catch(() => {}); // raced against every call
    try {
      const remote = wrap<Trainer>(worker);
      const opened = remote.open(transfer({ ...order, python: { port, about } }, [port]), proxy(listen));
      const session = (await Promise.race([opened, died])) as unknown as Remote<Session>;
      return new Training(session, died, leave);
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** Until it is paused or the run is finished, or for so many steps. */
  play = (steps?: number) => this.call(this.session.play(steps));
  pause = () => this.call(this.session.pause());
  stop = () => this.call(this.session.stop());
  weights = () => this.call(this.session.weights());

  async close(): Promise<void> {
    try {
      await this.call(this.session.close());
    } finally {
      this.leave();
    }
  }

  /** As a closed tab does: whatever is under way is lost. */
  kill(): void {
    this.leave();
  }

  private call<T>(answer: Promise<T>): Promise<T> {
    return Promise.race([answer, this.died]);
  }
}
