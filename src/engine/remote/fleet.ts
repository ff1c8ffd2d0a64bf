/**
 * @file Several nodes as one Engine. The first trains; all of them sample, each a share of every request, with weights that go to the
 * others by version as they are published. Sampling being deterministic, what a fleet of nodes of one kind answers is what the first
 * would have answered alone, to the last bit, unless a request allows older weights (`staleness`).
 */

import type {
  AdamParams,
  Capabilities,
  CheckpointRef,
  Control,
  Datum,
  Engine,
  LoadOptions,
  LossReport,
  LossSpec,
  ModelId,
  ModelOptions,
  ModelSource,
  OptimReport,
  PolicyRef,
  Rollout,
  SampleRequest,
  SaveOptions,
} from '../engine';
import { EngineClosedError, InvalidRequestError, UnknownModelError } from '../errors';
import { Serial, stream } from '../queues';
import { FleetMeasures } from './fleet-measures';
import { type Answerer, askTogether } from './fleet-request';
import type { ClosableEngine, Sampler } from './fleet-sampler';
import { Pace } from './fleet-shares';
import { type Below, belowCreated, belowLoaded, Weights } from './fleet-weights';

interface Led {
  /** Calls are handed to the trainer in the order in which they came. */
  order: Serial;
  /** Settled when the steps of the optimizer that were handed over are done. */
  stepping: Promise<void>;
  /** Samplings under way: weights do not change below them. */
  reading: Set<Promise<void>>;
  weights: Weights;
  /** Since these weights. */
  changed: boolean;
  /** Null of a model that is not trained: it stays with the trainer alone. */
  below: Below | null;
}

/** By its place: the trainer is 1. */
type Numbered = Answerer & { number: number };

export class Fleet implements Engine {
  private readonly models = new Map<ModelId, Led>();
  private readonly pace = new Pace();
  private readonly measured = new FleetMeasures();
  private closed = false;

  constructor(
    private readonly trainer: ClosableEngine,
    private readonly samplers: readonly Sampler[],
  ) {}

  /** What the nodes did since this was last asked. */
  measures(): Record<string, number> {
    const there = this.samplers.filter(({ isThere }) => isThere).length;
    return this.measured.take({ nodes: 1 + this.samplers.length, there: 1 + there });
  }

  async capabilities(): Promise<Capabilities> {
    this.refuseClosed();
    const capabilities = await this.trainer.capabilities();
    const count = this.samplers.length;
    const more = `and ${count} more ${count === 1 ? 'node' : 'nodes'} to sample`;
    return { ...capabilities, device: `${capabilities.device}, ${more}` };
  }

  // ---- Models --------------------------------------------------------------------------------------------------------

  async createModel(source: ModelSource, options: ModelOptions = {}, control?: Control): Promise<ModelId> {
    this.refuseClosed();
    const id = await this.trainer.createModel(source, options, control);
    return this.lead(id, options.trainable === false ? null : belowCreated(source, options));
  }

  async load(ref: CheckpointRef, options: LoadOptions, control?: Control): Promise<ModelId> {
    this.refuseClosed();
    const id = await this.trainer.load(ref, options, control);
    return this.lead(id, await belowLoaded(ref.files, options));
  }

  private lead(id: ModelId, below: Below | null): ModelId {
    this.models.set(id, {
      order: new Serial(),
      stepping: Promise.resolve(),
      reading: new Set(),
      weights: this.weightsOf(id, 0, below),
      changed: false,
      below,
    });
    return id;
  }

  private weightsOf(id: ModelId, version: number, below: Below | null): Weights {
    return new Weights(version, below ?? { base: undefined }, async () => {
      const { files } = await this.trainer.save(id, `version-${version}`, {}, { optimizer: false });
      return files;
    });
  }

  save(id: ModelId, name: string, control?: Control, options?: SaveOptions): Promise<CheckpointRef> {
    return this.inTurn(this.led(id), () => this.trainer.save(id, name, control, options));
  }

  async dispose(id: ModelId): Promise<void> {
    this.led(id);
    this.models.delete(id);
    for (const sampler of this.samplers) void sampler.forget(id);
    await this.trainer.dispose(id);
  }

  // ---- Training ------------------------------------------------------------------------------------------------------

  async forward(id: ModelId, batch: Datum[], control?: Control): Promise<Float32Array[]> {
    return this.inTurn(this.led(id), () => this.trainer.forward(id, batch, control));
  }

  async forwardBackward(id: ModelId, batch: Datum[], loss: LossSpec, control?: Control): Promise<LossReport> {
    return this.inTurn(this.led(id), () => this.trainer.forwardBackward(id, batch, loss, control));
  }

  async optimStep(id: ModelId, adam: AdamParams): Promise<OptimReport> {
    const led = this.led(id);
    const stepped = this.inTurn(
      led,
      () => {
        const report = this.trainer.optimStep(id, adam);
        led.stepping = report.then(
          ({ applied }) => {
            led.changed ||= applied;
          },
          () => {},
        );
        return report;
      },
      () => Promise.all([...led.reading, led.weights.supersede()]),
    );
    const report = await stepped;
    await led.stepping;
    return report;
  }

  /** Does not wait until the others have the weights. */
  async publish(id: ModelId): Promise<PolicyRef> {
    const led = this.led(id);
    return led.order.run(async () => {
      await Promise.all(led.reading);
      return this.advance(id, led);
    });
  }

  private async advance(id: ModelId, led: Led): Promise<PolicyRef> {
    await led.stepping;
    const published = await this.trainer.publish(id);
    const { version } = published;
    led.weights = led.changed ? this.weightsOf(id, version, led.below) : led.weights.again(version);
    led.changed = false;
    this.spread(id, led);
    return published;
  }

  private spread(id: ModelId, { weights, below }: Led): void {
    if (!below) return;
    // Also for those that are busy with earlier ones: later, these may be nowhere any more.
    if (this.samplers.some(({ isThere }) => isThere)) void weights.files();
    for (const sampler of this.samplers) sampler.want(id, weights);
  }

  /** Resolves when every node that is there has the weights that were published last. */
  async settled(): Promise<void> {
    await Promise.all(this.samplers.map((sampler) => sampler.settled()));
  }

  /** Begins when all calls before have begun; `after` is waited for by those that follow, too. */
  private async inTurn<T>(led: Led, begin: () => Promise<T>, after?: () => Promise<unknown>): Promise<T> {
    const { under } = await led.order.run(async () => {
      await after?.();
      return { under: begin() };
    });
    return under;
  }

  // ---- Sampling ------------------------------------------------------------------------------------------------------

  async *sample(request: SampleRequest, control: Control = {}): AsyncGenerator<Rollout> {
    yield* stream<Rollout>(async (push, left) => {
      const { model: id, prompts, samples } = request;
      const led = this.led(id);
      const signal = control.signal ? AbortSignal.any([control.signal, left]) : left;
      const { weights, leave } = await led.order.run(() => this.enter(id, led));
      try {
        const total = prompts.length * samples;
        let done = 0;
        control.onProgress?.({ phase: 'sampling', done, total });
        await askTogether(this.answerers(request, weights), request, {
          push: (rollout, { number }) => {
            this.measured.answered(number, weights.version - rollout.policy);
            push(rollout);
            control.onProgress?.({ phase: 'sampling', done: ++done, total });
          },
          askedAgain: (completions) => this.measured.askedAgain(completions),
          signal,
        });
      } catch (error) {
        // What is wrong with a part is said in terms of the whole.
        if (error instanceof InvalidRequestError) await this.refuse(request, signal);
        throw error;
      } finally {
        leave();
      }
    });
  }

  private async refuse(request: SampleRequest, signal: AbortSignal): Promise<void> {
    for await (const _ of this.trainer.sample(request, { signal })) return;
  }

  /** The weights of this moment, which stay what they are until `leave`. */
  private async enter(id: ModelId, led: Led): Promise<{ weights: Weights; leave(): void }> {
    await led.stepping;
    if (led.changed) await this.advance(id, led);
    let leave!: () => void;
    const reading = new Promise<void>((resolve) => {
      leave = resolve;
    }).then(() => {
      led.reading.delete(reading);
    });
    led.reading.add(reading);
    return { weights: led.weights, leave };
  }

  private answerers(request: SampleRequest, { version }: Weights): Numbered[] {
    const { model, staleness = 0 } = request;
    const trainer: Numbered = {
      number: 1,
      pace: this.pace,
      essential: true,
      delay: () => 0,
      ask: async (share, { push, begun, signal }) => {
        begun();
        for await (const rollout of this.trainer.sample(share, { signal })) push(rollout);
      },
    };
    const others = this.samplers.map((sampler, i) => ({
      ...sampler.answering(model, version - staleness),
      number: i + 2,
    }));
    return [trainer, ...others];
  }

  // ---- The end -------------------------------------------------------------------------------------------------------

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await Promise.all([this.trainer.close(), ...this.samplers.map((sampler) => sampler.close())]);
  }

  private led(id: ModelId): Led {
    this.refuseClosed();
    const led = this.models.get(id);
    if (!led) throw new UnknownModelError(id);
    return led;
  }

  private refuseClosed(): void {
    if (this.closed) throw new EngineClosedError();
  }
}
