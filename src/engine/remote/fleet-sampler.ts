/**
 * @file A node that samples for a fleet. It comes and goes: while it is away it is looked for again and again, and when it is back it is
 * given the weights of the day.
 */

import type { Engine, ModelId, SampleRequest } from '../engine';
import { EngineClosedError, InvalidRequestError } from '../errors';
import { Copies, NotServingError } from './fleet-copies';
import type { Answerer, Listener } from './fleet-request';
import { Pace } from './fleet-shares';
import type { Weights } from './fleet-weights';
import { sleep } from './transport';

export type ClosableEngine = Engine & { close(): Promise<void> };

export interface SamplerOptions {
  /** For people. */
  name: string;
  /** `gone`: nobody waits for it any more. */
  open(gone: AbortSignal): Promise<ClosableEngine>;
  /** Milliseconds before it is looked for again, at first. */
  pause?: number;
  /** That it is away, or there again, in a sentence. */
  tell?(line: string): void;
}

const longestPause = 30_000;

export class Sampler {
  readonly pace = new Pace();
  /** Of the first attempt to open it. */
  readonly opened: Promise<void>;
  private copies: Copies | null = null;
  private readonly wanted = new Map<ModelId, Weights>();
  private readonly living: Promise<void>;
  private readonly closing = new AbortController();
  private readonly gone = new AbortController();
  private leave = () => {};
  private pause: number;
  private missed = false;

  constructor(private readonly options: SamplerOptions) {
    this.pause = this.firstPause;
    const first = options.open(this.gone.signal);
    this.opened = first.then(() => {});
    this.opened.catch(() => {}); // told by `live`, too
    this.living = this.live(first);
  }

  get isThere(): boolean {
    return this.copies !== null;
  }

  // ---- Coming and going ----------------------------------------------------------------------------------------------

  private async live(opening: Promise<ClosableEngine>): Promise<void> {
    const { signal } = this.closing;
    let opened: Promise<ClosableEngine> | null = opening;
    while (!signal.aborted) {
      try {
        const engine = await (opened ?? this.options.open(this.gone.signal));
        await this.stay(engine);
        await engine.close().catch(() => {}); // it may be out of reach
      } catch (error) {
        this.miss(error);
      }
      opened = null;
      await sleep(this.pause, signal).catch(() => {});
      this.pause = Math.min(2 * this.pause, longestPause);
    }
  }

  /** Until it fails, or the fleet is closed. */
  private async stay(engine: ClosableEngine): Promise<void> {
    if (this.closing.signal.aborted) return;
    const left = new Promise<void>((resolve) => {
      this.leave = resolve;
    });
    const copies = new Copies(engine, (error) => this.lose(copies, error));
    this.copies = copies;
    if (this.missed) this.tell('is there, and samples from now on.');
    this.missed = false;
    for (const [model, weights] of this.wanted) copies.want(model, weights);
    await left;
    copies.end();
    this.copies = null;
  }

  private lose(copies: Copies, error: unknown): void {
    if (this.copies !== copies) return;
    this.copies = null;
    this.miss(error);
    this.leave();
  }

  private miss(error: unknown): void {
    if (this.missed || this.closing.signal.aborted) return;
    this.missed = true;
    this.tell(`is away, and the others do its work: ${error instanceof Error ? error.message : error}`);
  }

  private tell(what: string): void {
    this.options.tell?.(`The node ${this.options.name} ${what}`);
  }

  private get firstPause(): number {
    return this.options.pause ?? 1000;
  }

  async close(): Promise<void> {
    this.closing.abort();
    if (!this.isThere) this.gone.abort(new EngineClosedError());
    this.leave();
    await this.living;
  }

  // ---- Weights and samples -------------------------------------------------------------------------------------------

  want(model: ModelId, weights: Weights): void {
    this.wanted.set(model, weights);
    this.copies?.want(model, weights);
  }

  async forget(model: ModelId): Promise<void> {
    this.wanted.delete(model);
    await this.copies?.forget(model);
  }

  async settled(): Promise<void> {
    await this.copies?.settled();
  }

  /** As one who answers for weights that are no older. */
  answering(model: ModelId, oldest: number): Answerer {
    return {
      pace: this.pace,
      delay: () => this.copies?.delay(model, oldest) ?? null,
      ask: (request, listener) => this.sample(request, oldest, listener),
    };
  }

  private async sample(request: SampleRequest, oldest: number, listener: Listener): Promise<void> {
    const { copies } = this;
    if (!copies) throw new NotServingError('The node is away.');
    try {
      await copies.sample(request, oldest, listener);
      this.pause = this.firstPause; // it works: the next time it is lost is a first one
    } catch (error) {
      const fault = !(error instanceof NotServingError || error instanceof InvalidRequestError);
      if (fault && !listener.signal.aborted) this.lose(copies, error);
      throw error;
    }
  }
}
