/**
 * @file A run under way, with the buttons that people press: play, single step, pause, stop. A step that is cut short, by a person, a
 * lost GPU, a node out of reach or a full disk, costs itself and nothing else: the run goes on from its store.
 */

import type { Control, ModelId, ModelSource, Progress } from '../engine/engine';
import { DeviceLostError, OutOfReachError } from '../engine/errors';
import type { Alert, RunInfo } from '../store/records';
import type { RunChange, RunWriter } from '../store/store';
import { RunError } from './errors';
import { Loop } from './loop';
import { placesOf } from './places';
import type { Players } from './players';
import type { Seed } from './seeds';

/** Who plays, and how they are sent home, models and all. Opened again after a device was lost. */
export interface Company {
  players: Players;
  /** Somebody stops: whatever waits for an answer from afar is to give up soon. */
  hurry?(): void;
  close(): Promise<void>;
}

export type SessionEvent =
  | { kind: 'status'; status: SessionStatus; step: number; message: string | null }
  | { kind: 'progress'; step: number; progress: Progress }
  | { kind: 'step'; step: number; metrics: Record<string, number>; alerts: Alert[] };

export type SessionStatus =
  | 'opening'
  | 'running'
  | 'pausing'
  | 'paused'
  | 'recovering'
  | 'waiting' //    for what computes, which is out of reach
  | 'finished'
  | 'failed';

export interface SessionOptions {
  run: RunWriter;
  /** Whoever waits meanwhile for something out of reach gives up at the signal. */
  open: (signal: AbortSignal) => Promise<Company>;
  /** For a run that has no step yet. */
  start: { source: ModelSource; seeds?: readonly Seed[]; rewards?: string } | null;
  listen?: (event: SessionEvent) => void;
}

/** Times that a lost device is replaced without a step in between. */
const patience = 3;

export class Session {
  private readonly options: SessionOptions;
  private loop: Loop | null = null;
  private company: Company | null = null;
  private playing: Promise<void> | null = null;
  private wanted = false;
  private abort: AbortController | null = null;
  private current: SessionStatus = 'paused';
  private last = 0;

  constructor(options: SessionOptions) {
    this.options = options;
  }

  get status(): SessionStatus {
    return this.current;
  }

  /** The last step that is stored. */
  get step(): number {
    return this.last;
  }

  /** The model as it is after the last step, and who asks it; null while nothing is open. Ask it only while the session is paused. */
  get model(): { id: ModelId; players: Players } | null {
    return this.loop && this.company ? { id: this.loop.policy, players: this.company.players } : null;
  }

  /** Plays until it is paused or the run is finished, or for so many steps. Rejects with what went wrong, after telling it. */
  play(steps = Number.POSITIVE_INFINITY): Promise<void> {
    if (this.playing && !this.wanted) {
      // A pause that still waits for its step would end this play, too.
      return this.playing.catch(() => undefined).then(() => this.play(steps));
    }
    this.playing ??= this.work(steps).finally(() => {
      this.playing = null;
    });
    return this.playing;
  }

  /** After the step under way. */
  async pause(): Promise<void> {
    if (!this.playing) return;
    this.wanted = false;
    this.tell('pausing');
    await this.playing.catch(() => undefined); // told to whoever plays
  }

  /** At once: the step under way is lost, and played again when the run goes on. */
  async stop(): Promise<void> {
    if (!this.playing) return;
    this.wanted = false;
    this.abort?.abort(new DOMException('The run was stopped.', 'AbortError'));
    this.company?.hurry?.();
    await this.playing.catch(() => undefined); // told to whoever plays
  }

  /** What people call the run, and think of it. */
  async label(change: Pick<RunChange, 'name' | 'note' | 'colour'>): Promise<void> {
    await this.options.run.update(change);
  }

  /** The weights after the last step, in the files of a Hugging Face folder. */
  async weights(): Promise<Record<string, Uint8Array>> {
    if (!this.loop || this.playing) throw new RunError('Pause the run before its weights are taken out.');
    return this.loop.weights();
  }

  /** Stops, and lets go of everything. */
  async close(): Promise<void> {
    await this.stop();
    await this.leave();
    await this.options.run.release();
  }

  private async work(steps: number): Promise<void> {
    this.wanted = true;
    this.abort = new AbortController();
    let lost = 0;
    let left = steps;
    try {
      while (this.wanted && left > 0) {
        try {
          const loop = await this.enter(this.abort.signal);
          if (loop.finished) break;
          await this.mark('running');
          const { step, metrics, alerts } = await loop.advance(this.control(loop.step + 1));
          this.options.listen?.({ kind: 'step', step, metrics, alerts });
          this.last = step;
          left--;
          lost = 0;
        } catch (error) {
          await this.leave();
          if (error instanceof OutOfReachError) {
            this.tell('waiting', error.message);
            continue;
          }
          if (!(error instanceof DeviceLostError) || ++lost > patience) throw error;
          this.tell('recovering', error.message);
        }
      }
      await this.mark(this.loop?.finished ? 'finished' : 'paused', this.loop?.ended ?? null);
    } catch (error) {
      const stopped = this.abort.signal.aborted;
      const message = error instanceof Error ? error.message : String(error);
      await this.mark(stopped ? 'paused' : 'failed', stopped ? null : message);
      if (!stopped) throw error;
    }
  }

  private async enter(signal: AbortSignal): Promise<Loop> {
    if (this.loop) return this.loop;
    const { run, open, start } = this.options;
    this.last = (await run.info()).step;
    if (this.current !== 'waiting') this.tell('opening');
    this.company = await open(signal);
    if (this.current === 'waiting') this.tell('opening'); // now that it is back
    const { players } = this.company;
    const { backend, device } = await players.engine.capabilities();
    await run.update({ backend, device, places: placesOf(await run.info(), { backend, device }) });
    const fresh = (await run.checkpoints()).length === 0 && (await run.snapshot()).nextEpisode === 1;
    const control = this.control(0);
    if (!fresh) this.loop = await Loop.resume(run, players, control);
    else if (start) this.loop = await Loop.begin(run, start.source, players, start, control);
    else throw new RunError('This run has not begun: say which model it starts from.');
    this.last = this.loop.step;
    return this.loop;
  }

  private async leave(): Promise<void> {
    const { company } = this;
    this.loop = null;
    this.company = null;
    await company?.close().catch(() => undefined); // of a lost device there is nothing to let go of
  }

  private control(step: number): Control {
    return {
      signal: this.abort?.signal,
      onProgress: (progress) => this.options.listen?.({ kind: 'progress', step, progress }),
    };
  }

  private tell(status: SessionStatus, message: string | null = null): void {
    this.current = status;
    this.options.listen?.({ kind: 'status', status, step: this.step, message });
  }

  /** Also in the store, where other tabs see it. */
  private async mark(status: RunInfo['status'], message: string | null = null): Promise<void> {
    if (this.current === status) return;
    this.tell(status, message);
    // The status is for looking at; a store that fails says so where steps are stored.
    await this.options.run.update({ status }).catch(() => undefined);
  }
}
