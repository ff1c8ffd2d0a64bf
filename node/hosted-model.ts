/**
 * @file A model on the node: its operations in the order of their numbers, each once, whatever the network repeats, mixes up or loses.
 *
 * An operation is on the disk before it is acknowledged. Weights are written from time to time, always just after a step of the
 * optimizer, when there are no gradients that would be lost. A node that was killed takes the last weights and repeats the operations
 * after them; since the engine is deterministic, every number is what it was. The client needs to know nothing of it: it asks again.
 */

import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Engine, ModelId, Rollout, SampleRequest } from '../src/engine/engine';
import { InvalidRequestError } from '../src/engine/errors';
import type { Sequence } from '../src/engine/remote/wire/sampling';
import type { Limits } from './limits';
import type { ModelFolder, Snapshot } from './model-folder';
import { digestOf, type Numbered, type Operation, operationBytes } from './operations';
import { type Performer, perform } from './performing';
import { asRefusal, type Failure, failureOf, Refusal } from './refusal';
import { type Result, resultFromText, resultToText } from './results';

/** Results that are kept; a client that asks later has lost its place. */
const keptResults = 32;

interface Record {
  digest: string;
  /** On the disk. */
  accepted: Promise<void>;
  result: Promise<Result>;
  settle(result: Result): void;
}

interface Sampling {
  afterSeq: number;
  run(engine: Engine, model: ModelId): Promise<void>;
  fail(error: unknown): void;
}

export interface Surroundings {
  /** The engine as it is now; a new one after the old one was lost. */
  engine(): Promise<Engine>;
  isLost(error: unknown): boolean;
  /** Everything but the engine that operations need. */
  performer: Performer;
  limits: Limits;
  log(line: string): void;
}

export class HostedModel {
  private placed: { engine: Engine; model: ModelId } | null = null;
  private executed = 0;
  /** The last operation that changed the weights. */
  private lastChange = 0;
  private readonly records = new Map<number, Record>();
  private readonly waiting = new Map<number, Operation>();
  private readonly failures = new Map<number, Failure>();
  private samplings: Sampling[] = [];
  /** Operations on their way to the disk. */
  private accepting = 0;
  private running: Promise<void> | null = null;
  private removed = false;
  /** Milliseconds of work that would have to be repeated, and what writing the weights took. */
  private work = 0;
  private snapshotTook = 0;
  /** Why the model could not be made, if it could not. */
  private broken: Failure | null = null;
  /** Settled once the model is there, or cannot be. */
  readonly ready: Promise<Result>;
  private settleReady!: (result: Result) => void;

  constructor(
    readonly id: string,
    private readonly folder: ModelFolder,
    private readonly around: Surroundings,
    snapshot: Snapshot | null,
    journal: { operations: { numbered: Numbered; bytes: Uint8Array }[]; failures: Map<number, Failure> },
  ) {
    this.ready = new Promise((resolve) => {
      this.settleReady = resolve;
    });
    if (snapshot) this.takePlace(snapshot);
    for (const [seq, failure] of journal.failures) this.failures.set(seq, failure);
    for (const { numbered, bytes } of journal.operations) {
      this.waiting.set(numbered.seq, numbered.operation);
      this.records.set(numbered.seq, record(digestOf(bytes), Promise.resolve()));
    }
    this.kick();
  }

  get queued(): number {
    return this.waiting.size + this.samplings.length;
  }

  get session(): string {
    return this.folder.birth.sessionId;
  }

  /** The engine's own name of it, for tests that look inside. */
  get engineModel(): ModelId | null {
    return this.placed?.model ?? null;
  }

  /** Returns when the operation is safe: then it will happen, and once. */
  async accept(numbered: Numbered): Promise<void> {
    const { seq, operation } = numbered;
    if (this.removed) throw gone(this.id);
    const bytes = operationBytes(numbered);
    const digest = digestOf(bytes);
    const known = this.records.get(seq);
    if (known) {
      if (known.digest !== digest)
        throw new Refusal(
          409,
          `Operation ${seq} of this model is another one already: each needs a number of its own.`,
        );
      return known.accepted;
    }
    if (seq <= this.executed)
      throw new Refusal(410, `Operation ${seq} of this model was done long ago, and its result is gone.`);
    const waiting = this.waiting.size + this.accepting;
    if (waiting >= this.around.limits.waiting)
      throw new Refusal(
        429,
        `${waiting} operations of this model wait already: send operation ${this.executed + 1} first.`,
        {
          'Retry-After': '1',
        },
      );
    this.accepting++;
    const accepted = this.folder.journal.append(bytes);
    this.records.set(seq, record(digest, accepted));
    try {
      await accepted;
    } catch (error) {
      this.records.delete(seq);
      throw error;
    } finally {
      this.accepting--;
    }
    if (this.broken) this.records.get(seq)?.settle({ kind: 'failed', failure: this.broken });
    else this.waiting.set(seq, operation);
    this.kick();
  }

  result(seq: number): Promise<Result> {
    if (seq === 0) return this.ready;
    const known = this.records.get(seq);
    if (known) return known.result;
    throw seq <= this.executed
      ? new Refusal(410, `The result of operation ${seq} is gone.`)
      : new Refusal(404, `There is no operation ${seq} of this model: send it again.`, {}, 'ForgottenError');
  }

  /** Sampled as the model is after that operation: too early waits, too late is refused. */
  sample(afterSeq: number, request: Omit<SampleRequest, 'model'>, signal: AbortSignal): Promise<Sequence[]> {
    return new Promise((resolve, reject) => {
      if (this.removed || this.broken) throw this.removed ? gone(this.id) : this.failure();
      this.samplings.push({
        afterSeq,
        run: async (engine, model) => resolve(await sampled(engine, { ...request, model }, signal)),
        fail: reject,
      });
      this.kick();
    });
  }

  async remove(): Promise<void> {
    this.removed = true;
    for (const { fail } of this.samplings.splice(0)) fail(gone(this.id));
    await this.running;
    if (this.placed) await this.placed.engine.dispose(this.placed.model).catch(() => {});
    this.placed = null;
    await this.folder.remove();
  }

  /** Stops after what is under way, and leaves everything on the disk. */
  async rest(): Promise<void> {
    this.removed = true;
    await this.running;
    for (const { fail } of this.samplings.splice(0)) fail(gone(this.id));
  }

  // ---- One thing after another ---------------------------------------------------------------------------------------

  private kick(): void {
    this.running ??= this.run().finally(() => {
      this.running = null;
      if (!this.removed && this.next()) this.kick();
    });
  }

  private next(): boolean {
    if (this.broken) return false;
    if (!this.placed) return true;
    return (
      this.waiting.has(this.executed + 1) || this.samplings.some(({ afterSeq }) => afterSeq <= this.executed)
    );
  }

  private async run(): Promise<void> {
    await nextTurn(); // what came in one go is looked at together
    let pause = 50;
    while (!this.removed && this.next()) {
      try {
        const { engine, model } = await this.place();
        if (await this.sampleNext(engine, model)) continue;
        await this.executeNext(engine, model);
      } catch (error) {
        if (this.removed || this.broken) return;
        this.tell('begins again from the disk', error);
        await sleep(pause);
        pause = Math.min(2 * pause, 30_000);
        await this.startOver().catch((error) => this.tell('could not be read', error));
      }
    }
  }

  private failure(): Refusal {
    const { error, category } = this.broken ?? failureOf(null);
    return new Refusal(400, error, {}, category);
  }

  private tell(what: string, error: unknown): void {
    this.around.log(`${this.id} ${what}: ${error instanceof Error ? error.message : error}`);
  }

  /** In the engine: as it was born, or as it was written down. */
  private async place(): Promise<{ engine: Engine; model: ModelId }> {
    if (this.placed) return this.placed;
    const engine = await this.around.engine();
    try {
      this.placed = { engine, model: await this.folder.open(engine) };
      this.settleReady({ kind: 'json', json: { model_id: this.id, type: 'create_model' } });
    } catch (error) {
      if (this.around.isLost(error)) throw error;
      this.broken = failureOf(error);
      this.settleReady({ kind: 'failed', failure: this.broken });
      for (const seq of this.waiting.keys())
        this.records.get(seq)?.settle({ kind: 'failed', failure: this.broken });
      this.waiting.clear();
      for (const { fail } of this.samplings.splice(0)) fail(error);
      throw error;
    }
    return this.placed;
  }

  private async sampleNext(engine: Engine, model: ModelId): Promise<boolean> {
    const index = this.samplings.findIndex(({ afterSeq }) => afterSeq <= this.executed);
    if (index < 0) return false;
    const sampling = this.samplings[index];
    try {
      if (sampling.afterSeq < this.lastChange)
        throw new Refusal(
          409,
          'These weights are gone: the model has learned since. Publish them again, then sample.',
        );
      await sampling.run(engine, model);
    } catch (error) {
      if (this.around.isLost(error)) throw error; // it stays in its place, and is asked again of the next engine
      sampling.fail(error);
    }
    this.samplings = this.samplings.filter((each) => each !== sampling);
    return true;
  }

  private async executeNext(engine: Engine, model: ModelId): Promise<void> {
    const seq = this.executed + 1;
    const operation = this.waiting.get(seq);
    if (!operation) return;
    const began = performance.now();
    let result: Result;
    const failed = this.failures.get(seq);
    if (failed) result = { kind: 'failed', failure: failed };
    else {
      try {
        const { base, options } = this.folder.birth;
        const below = { base, rank: options.adapter?.rank ?? 0 };
        const modelBelow: ModelFolder['below'] = (files) => this.folder.below(files);
        const place = { engine, model, id: this.id, seq, below, modelBelow };
        const done = await perform(operation, place, this.around.performer);
        result = done.result;
        if (done.model) this.placed = { engine, model: done.model };
      } catch (error) {
        if (this.around.isLost(error)) throw error;
        const failure = failureOf(asRefusal(error));
        await this.folder.noteFailure(seq, failure).catch((error) => {
          if (operation.kind === 'train') throw error; // of the others nothing is left behind
        });
        this.failures.set(seq, failure);
        // What failed halfway may have left half of its gradients behind; a bad request is refused before it does anything.
        if (!(error instanceof InvalidRequestError) && operation.kind === 'train') throw error;
        result = { kind: 'failed', failure };
      }
    }
    this.work += performance.now() - began;
    this.executed = seq;
    this.waiting.delete(seq);
    if (changesWeights(operation) && result.kind !== 'failed') this.lastChange = seq;
    const settled = this.records.get(seq);
    settled?.settle(result);
    for (const old of this.records.keys()) if (old <= seq - keptResults) this.records.delete(old);
    if (changesWeights(operation) && this.placed) await this.snapshotIfDue(this.placed);
  }

  /** When repeating would cost far more than writing does, or the journal grows large. */
  private async snapshotIfDue({ engine, model }: { engine: Engine; model: ModelId }): Promise<void> {
    const { leastWork, largestJournal } = this.folder.thrift;
    const due =
      this.work >= Math.max(leastWork, 20 * this.snapshotTook) || this.folder.journal.length > largestJournal;
    if (!due) return;
    const began = performance.now();
    try {
      const { files } = await engine.save(model, 'snapshot');
      await this.folder.snapshot(files, {
        seq: this.executed,
        lastChange: this.lastChange,
        results: await this.settledResults(),
      });
      this.failures.clear();
      this.work = 0;
    } catch (error) {
      if (this.around.isLost(error)) throw error;
      // The journal still has everything: tried again after the next step.
      this.tell('could not write its weights', error);
    }
    this.snapshotTook = performance.now() - began;
  }

  private async settledResults(): Promise<Snapshot['results']> {
    const results: Snapshot['results'] = [];
    for (const [seq, { digest, result }] of this.records) {
      if (seq > this.executed || seq <= this.executed - keptResults) continue;
      const text = resultToText(await result);
      if (text) results.push({ seq, digest, text });
    }
    return results;
  }

  /** After the engine was lost, or an operation failed in its middle: from the disk, as after a restart. */
  private async startOver(): Promise<void> {
    if (this.placed) await this.placed.engine.dispose(this.placed.model).catch(() => {});
    this.placed = null;
    this.executed = 0;
    this.lastChange = 0;
    const { snapshot, journal } = await this.folder.read();
    if (snapshot) this.takePlace(snapshot);
    for (const { numbered } of journal.operations) this.waiting.set(numbered.seq, numbered.operation);
  }

  private takePlace({ seq, lastChange, results }: Snapshot): void {
    this.executed = seq;
    this.lastChange = lastChange;
    for (const { seq, digest, text } of results) {
      if (this.records.has(seq)) continue;
      const kept = record(digest, Promise.resolve());
      kept.settle(resultFromText(text));
      this.records.set(seq, kept);
    }
  }
}

const changesWeights = ({ kind }: Operation): boolean => kind === 'optim' || kind === 'load';

const gone = (id: string) => new Refusal(404, `The model ${id} was unloaded.`, {}, 'UnknownModelError');

function record(digest: string, accepted: Promise<void>): Record {
  let settle!: Record['settle'];
  const result = new Promise<Result>((resolve) => {
    settle = resolve;
  });
  return { digest, accepted, result, settle };
}

async function sampled(engine: Engine, request: SampleRequest, signal: AbortSignal): Promise<Sequence[]> {
  const rollouts: Rollout[] = [];
  for await (const rollout of engine.sample(request, { signal })) rollouts.push(rollout);
  rollouts.sort((a, b) => a.prompt - b.prompt || a.sample - b.sample);
  return rollouts.map(({ tokens, logProbs, stopReason }) => ({ tokens, logProbs, stopReason }));
}
