/**
 * @file The Engine on this machine: one device, its models, and a queue that lets one call at a time touch them.
 */

import { isCacheInPlace } from '../graph/artifacts';
import { isAdapterAlone } from '../model/adapter-base';
import { type BuiltShape, basePrecisions } from '../model/build';
import { parseModelConfig } from '../model/config';
import type { JsonObject } from '../model/fields';
import { longestContext, type MemoryPlan, type MemoryUse, planMemory } from '../model/memory';
import { unpackParameter } from '../model/parameters';
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
} from './engine';
import { EngineClosedError, InvalidRequestError, OutOfMemoryError, UnknownModelError } from './errors';
import { type Device, limitsOf } from './ort/device';
import { Programs } from './ort/programs';
import { ResidentModel } from './ort/resident-model';
import { Sampler } from './ort/sampler';
import { Trainer } from './ort/trainer';
import { baseOfTrainerState, readTrainerState, TRAINER_STATE } from './ort/trainer-state';
import { Serial, stream } from './queues';
import { modelFiles } from './saving';
import { type Origin, openSource } from './sources';

/** What `inspect` reads. */
export type ModelPart = 'weights' | 'gradients';

interface Entry {
  model: ResidentModel;
  extras: CheckpointRef['files'];
  adapterSource: JsonObject;
}

export class LocalEngine implements Engine {
  private readonly queue = new Serial();
  private readonly models = new Map<ModelId, Entry>();
  private readonly programs: Programs;
  private readonly trainer: Trainer;
  private readonly sampler: Sampler;
  private created = 0;
  private closed = false;

  constructor(private readonly device: Device) {
    this.programs = new Programs(device);
    this.trainer = new Trainer(device, this.programs);
    this.sampler = new Sampler(device, this.programs);
  }

  async capabilities(): Promise<Capabilities> {
    const { backend, description, threads, memory } = this.device.info;
    return {
      backend,
      device: description,
      threads,
      families: ['llama', 'qwen2', 'qwen3'],
      maxContext: longestContext,
      losses: ['cross-entropy', 'policy'],
      training: ['full', 'lora'],
      base: basePrecisions.filter((base) => base !== 'float16' || this.device.info.float16),
      gradientClipping: true,
      concurrency: 1,
      memory,
    };
  }

  /** The memory that a model will need, from its config.json alone: nothing is loaded or allocated. */
  async plan(configJson: unknown, options: ModelOptions & Partial<MemoryUse> = {}): Promise<MemoryPlan> {
    return this.planFor(
      { ...parseModelConfig(configJson), adapter: options.adapter, base: options.base },
      options,
    );
  }

  createModel(source: ModelSource, options: ModelOptions = {}, control: Control = {}): Promise<ModelId> {
    return this.exclusive(async () => this.place(await openSource(source, options), options, control));
  }

  async *sample(request: SampleRequest, control: Control = {}): AsyncGenerator<Rollout> {
    // Sampling runs ahead of its reader, within one turn of the queue: all rollouts come from one policy, and a
    // reader that trains between two of them waits for nobody.
    yield* stream<Rollout>((push, left) =>
      this.exclusive(async () => {
        const { model } = this.entry(request.model);
        if (model.changed) this.advance(model);
        const signal = control.signal ? AbortSignal.any([control.signal, left]) : left;
        await this.sampler.sample(model, request, push, { ...control, signal });
      }),
    );
  }

  forward(model: ModelId, batch: Datum[], control: Control = {}): Promise<Float32Array[]> {
    return this.exclusive(() => this.trainer.forward(this.entry(model).model, batch, control));
  }

  forwardBackward(
    model: ModelId,
    batch: Datum[],
    loss: LossSpec,
    control: Control = {},
  ): Promise<LossReport> {
    return this.exclusive(() => this.trainer.forwardBackward(this.entry(model).model, batch, loss, control));
  }

  optimStep(model: ModelId, adam: AdamParams): Promise<OptimReport> {
    return this.exclusive(() => this.trainer.optimStep(this.entry(model).model, adam));
  }

  publish(id: ModelId): Promise<PolicyRef> {
    return this.exclusive(async () => {
      const { model } = this.entry(id);
      this.advance(model);
      return { model: id, version: model.version };
    });
  }

  save(id: ModelId, name: string, _control: Control = {}, options: SaveOptions = {}): Promise<CheckpointRef> {
    return this.exclusive(async () => {
      const { model, extras, adapterSource } = this.entry(id);
      return {
        name,
        files: { ...extras, ...(await modelFiles(this.device, model, adapterSource, options)) },
      };
    });
  }

  load(
    ref: CheckpointRef,
    { optimizer, baseModel, base }: LoadOptions,
    control: Control = {},
  ): Promise<ModelId> {
    return this.exclusive(async () => {
      const state = ref.files[TRAINER_STATE];
      if (optimizer && !state) {
        throw new InvalidRequestError(
          `Checkpoint "${ref.name}" has no ${TRAINER_STATE}: load it with optimizer: false to start the optimizer anew.`,
        );
      }
      if (baseModel && !isAdapterAlone(ref.files)) {
        throw new InvalidRequestError(
          `Checkpoint "${ref.name}" is a whole model: load it without a base model.`,
        );
      }
      const options = { trainable: true, base: base ?? (state && (await baseOfTrainerState(state))) };
      const origin = baseModel
        ? await openSource(baseModel, options, ref.files)
        : await openSource({ kind: 'files', files: ref.files }, options);
      const id = await this.place(origin, options, control);
      try {
        if (optimizer) await readTrainerState(this.device, this.entry(id).model, state);
      } catch (error) {
        this.discard(id);
        throw error;
      }
      return id;
    });
  }

  dispose(id: ModelId): Promise<void> {
    return this.exclusive(async () => this.discard(id));
  }

  /**
   * The numbers that a model trains, by Hugging Face (or PEFT) name: for looking inside, and for checking us
   * against others.
   */
  inspect(id: ModelId, part: ModelPart): Promise<Record<string, Float32Array>> {
    return this.exclusive(async () => {
      const { model } = this.entry(id);
      const result: Record<string, Float32Array> = {};
      for (const parameter of model.trained) {
        const block = part === 'weights' ? parameter.weight : parameter.training?.gradient;
        if (!block)
          throw new InvalidRequestError('This model was created without gradients: create it trainable.');
        const values = (await this.device.read(block)) as Float32Array;
        for (const piece of unpackParameter(parameter, values)) result[piece.name] = piece.values;
      }
      return result;
    });
  }

  /** Ends the engine; every later call is refused. */
  async close(): Promise<void> {
    await this.exclusive(async () => {
      this.closed = true;
      await this.programs.release();
      for (const { model } of this.models.values()) model.free();
      this.models.clear();
      await this.device.close();
    });
  }

  private exclusive<T>(job: () => Promise<T>): Promise<T> {
    return this.queue.run(async () => {
      if (this.closed) throw new EngineClosedError();
      return job();
    });
  }

  private entry(id: ModelId): Entry {
    const entry = this.models.get(id);
    if (!entry) throw new UnknownModelError(id);
    return entry;
  }

  private discard(id: ModelId): void {
    this.entry(id).model.free();
    this.models.delete(id);
  }

  private advance(model: ResidentModel): void {
    model.version++;
    model.changed = false;
  }

  private planFor(
    config: BuiltShape,
    { trainable = true, adapter: _, base: __, ...use }: ModelOptions & Partial<MemoryUse>,
  ): MemoryPlan {
    const context = Math.min(config.maxPositions, 512);
    const cacheCopies = this.device.renewsCaches && !isCacheInPlace(config) ? 2 : 1;
    const plan = (recompute: boolean) =>
      planMemory(
        config,
        {
          training: trainable ? 'full' : 'none',
          batch: 4,
          context,
          sampleBatch: 4,
          sampleContext: context,
          cacheCopies,
          longCalls: this.device.decodeSteps > 1,
          ...use,
          recompute,
        },
        limitsOf(this.device.info),
      );
    if (use.recompute !== undefined) return plan(use.recompute);
    const kept = plan(false);
    return kept.verdict.fits ? kept : plan(true);
  }

  private async place(
    { config, read, extras, adapterSource }: Origin,
    options: ModelOptions,
    { signal, onProgress }: Control,
  ): Promise<ModelId> {
    if (config.base === 'float16' && !this.device.info.float16) {
      throw new InvalidRequestError(
        'This GPU holds no numbers of 16 bits (shader-f16): choose float32, int8 or int4 for the base.',
      );
    }
    const { verdict } = this.planFor(config, options);
    if (!verdict.fits) throw new OutOfMemoryError(verdict.reason);
    const model = await this.device.guardMemory(
      'this model',
      () => new ResidentModel(this.device, config, options.trainable ?? true, options.recompute),
    );
    const { parameters } = model;
    try {
      for (const [i, parameter] of parameters.entries()) {
        signal?.throwIfAborted();
        onProgress?.({ phase: 'loading', done: i, total: parameters.length });
        model.write(parameter, await read(parameter));
      }
    } catch (error) {
      model.free();
      throw error;
    }
    onProgress?.({ phase: 'loading', done: parameters.length, total: parameters.length });
    const id = `model-${++this.created}`;
    this.models.set(id, { model, extras, adapterSource });
    return id;
  }
}
