/**
 * @file Training as the page sees it: a worker that owns the run, and the sandbox that only a page can open for it. If the worker
 * itself dies, or is killed, what is under way fails rather than waits for ever, and the run can be opened again.
 */

import { proxy, type Remote, transfer, wrap } from 'comlink';
import type { Line } from '../../workers/node-line';
import type { Trainer, TrainerSession } from '../../workers/trainer';
import { trainerErrors } from '../../workers/trainer-errors';
import type { TrainerOrder } from '../../workers/trainer-run';
import { EngineError } from '../engine/errors';
import { installTransfers } from '../engine/transfer';
import { connectSandbox } from '../sandbox/sandbox';
import { RunError } from '../selfplay/errors';
import type { SessionEvent } from '../selfplay/session';
import { askToPersist } from '../store/storage';
import type { RunChange } from '../store/store';
import { fetchHeldOutMarks } from './held-out';

/** What whoever opens a run has to say; the rest is fetched or opened here. */
export type TrainingOrder = Omit<TrainerOrder, 'python' | 'marks'>;

/** What people call a run, and think of it. */
export type RunLabel = Pick<RunChange, 'name' | 'note' | 'colour'>;

export class Training {
  private readonly session: Remote<TrainerSession>;
  private readonly died: Promise<never>;
  /** Ends the worker; calls that are under way fail with the error. */
  private readonly end: (error: Error) => void;

  private constructor(session: Remote<TrainerSession>, died: Promise<never>, end: (error: Error) => void) {
    this.session = session;
    this.died = died;
    this.end = end;
  }

  /** Opens a run that is in the store, or a new one, and leaves it paused. */
  static async open(
    order: TrainingOrder,
    listen: (event: SessionEvent) => void,
    hear: (line: Line) => void = () => {},
  ): Promise<Training> {
    installTransfers(trainerErrors);
    // Runs are what a user would miss. Some browsers ask for consent: nobody has to wait for the answer.
    if (order.create) void askToPersist();
    const marks = await fetchHeldOutMarks();
    const { port, about, close } = await connectSandbox();
    const worker = new Worker(new URL('../../workers/trainer.ts', import.meta.url), {
      type: 'module',
      name: 'trainer',
    });
    let end: (error: Error) => void = () => {};
    const died = new Promise<never>((_, reject) => {
      end = (error) => {
        worker.terminate();
        close();
        reject(error);
      };
    });
    died.catch(() => {}); // raced against every call
    // A worker outlives an error that nobody caught: it would go on training, and keep the run from being opened again.
    worker.addEventListener('error', ({ message }) =>
      end(new EngineError(`The trainer's worker stopped (${message || 'out of memory?'}): resume the run.`)),
    );
    try {
      const remote = wrap<Trainer>(worker);
      const opened = remote.open(
        transfer({ ...order, marks, python: { port, about } }, [port]),
        proxy(listen),
        proxy(hear),
      );
      const session = (await Promise.race([opened, died])) as unknown as Remote<TrainerSession>;
      return new Training(session, died, end);
    } catch (error) {
      end(closed());
      throw error;
    }
  }

  /** Until it is paused or the run is finished, or for so many steps. */
  play = (steps?: number) => this.call(this.session.play(steps));
  pause = () => this.call(this.session.pause());
  stop = () => this.call(this.session.stop());
  label = (change: RunLabel) => this.call(this.session.label(change));
  weights = () => this.call(this.session.weights());

  async close(): Promise<void> {
    try {
      await this.call(this.session.close());
    } finally {
      this.kill();
    }
  }

  /** As a closed tab does: whatever is under way is lost. */
  kill(): void {
    this.end(closed());
  }

  private call<T>(answer: Promise<T>): Promise<T> {
    return Promise.race([answer, this.died]);
  }
}

const closed = () => new RunError('This run was closed here: open it again.');
