/**
 * @file The Engine on this machine: one device, its models, and a queue that lets one call at a time touch them.
 */

import { isCacheInPlace } from '../graph/artifacts';
import { type CheckpointFiles, readCheckpoint, writeCheckpoint } from '../model/checkpoint';
import { type ModelConfig, parseModelConfig } from '../model/config';
import { type MemoryPlan, type MemoryUse, planMemory } from '../model/memory';
import { initialParameter, unpackParameter } from '../model/parameters';
import type {
  AdamParams,
  Capabilities,
  CheckpointRef,
  Control,
  Datum,
  Engine,
  LossReport,
  LossSpec,
  ModelId,
  ModelOptions,
  ModelSource,
  OptimReport,
  PolicyRef,
  Rollout,
  SampleRequest,
} from './engine';
import { EngineClosedError, InvalidRequestError, OutOfMemoryError, UnknownModelError } from './errors';
import type { Device } from './ort/device';
import { Programs } from './ort/programs';
import { ResidentModel } from './ort/resident-model';
import { Sampler } from './ort/sampler';
import { Trainer } from './ort/trainer';
import { readTrainerState, TRAINER_STATE, writeTrainerState } from './ort/trainer-state';
import { Serial, stream } from './queues';

/** What `inspect` reads. */
export type ModelPart = 'weights' | 'gradients';

/** Files of a Hugging Face folder that the engine does not use and hands back: tokenizers, templates, licences. */
const OWN_FILES = /^(config|generation_config)\.json$|\.safetensors(\.index\.json)?$/;

interface Entry {
  model: ResidentModel;
  extras: CheckpointRef['files'];
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
      maxContext: 4096,
      losses: ['cross-entropy', 'policy'],
      training: ['full'],
      gradientClipping: true,
      concurrency: 1,
      memory,
    };
  }

  /** The memory that a model will need, from its config.json alone: nothing is loaded or allocated. */
  async plan(configJson: unknown, options: ModelOptions & Partial<MemoryUse> = {}): Promise<MemoryPlan> {
    return this.planFor(parseModelConfig(configJson), options);
  }

  createModel(source: ModelSource, options: ModelOptions = {}, control: Control = {}): Promise<ModelId> {
    return this.exclusive(async () => {
      switch (source.kind) {
        case 'random': {
          const config = parseModelConfig(source.config);
          return this.place(
            config,
            options,
            (parameter) => initialParameter(parameter, source.seed),
            {},
            control,
          );
        }
        case 'files':
          return this.placeFiles(source.files, options, control);
        default:
          return source satisfies never;
      }
    });
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

  save(id: ModelId, name: string): Promise<CheckpointRef> {
    return this.exclusive(async () => {
      const { model, extras } = this.entry(id);
      const read = async (parameter: { name: string }) => {
        const found = model.parameters.find((each) => each.name === parameter.name);
        if (!found) throw new UnknownModelError(id);
        return (await this.device.read(found.weight)) as Float32Array;
      };
      const files: CheckpointRef['files'] = {
        ...extras,
        ...Object.fromEntries(await writeCheckpoint(model.config, read)),
      };
      if (model.trainable) files[TRAINER_STATE] = await writeTrainerState(this.device, model);
      return { name, files };
    });
  }

  load(ref: CheckpointRef, { optimizer }: { optimizer: boolean }, control: Control = {}): Promise<ModelId> {
    return this.exclusive(async () => {
      const state = ref.files[TRAINER_STATE];
      if (optimizer && !state) {
        throw new InvalidRequestError(
          `Checkpoint "${ref.name}" has no ${TRAINER_STATE}: load it with optimizer: false to start the optimizer anew.`,
        );
      }
      const id = await this.placeFiles(ref.files, { trainable: true }, control);
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

  /** A model's numbers by Hugging Face name: for looking inside, and for checking us against others. */
  inspect(id: ModelId, part: ModelPart): Promise<Record<string, Float32Array>> {
    return this.exclusive(async () => {
      const { model } = this.entry(id);
      const result: Record<string, Float32Array> = {};
      for (const parameter of model.parameters) {
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
    config: ModelConfig,
    { trainable = true, ...use }: ModelOptions & Partial<MemoryUse>,
  ): MemoryPlan {
    const { memory, largestTensor } = this.device.info;
    const context = Math.min(config.maxPositions, 512);
    const cacheCopies = this.device.updatesInPlace && isCacheInPlace(config) ? 1 : 2;
    return planMemory(
      config,
      {
        training: trainable ? 'full' : 'none',
        batch: 4,
        context,
        sampleBatch: 4,
        sampleContext: context,
        cacheCopies,
        ...use,
      },
      { maxBufferSize: largestTensor, maxBindingSize: largestTensor, budgetBytes: memory },
    );
  }

  private async placeFiles(
    files: CheckpointRef['files'],
    options: ModelOptions,
    control: Control,
  ): Promise<ModelId> {
    const checkpoint = await readCheckpoint(files as CheckpointFiles);
    const extras = Object.fromEntries(Object.entries(files).filter(([name]) => !OWN_FILES.test(name)));
    return this.place(checkpoint.config, options, checkpoint.read, extras, control);
  }

  private async place(
    config: ModelConfig,
    options: ModelOptions,
    read: (parameter: ResidentModel['parameters'][number]) => Promise<Float32Array> | Float32Array,
    extras: Entry['extras'],
    { signal, onProgress }: Control,
  ): Promise<ModelId> {
    const { verdict } = this.planFor(config, options);
    if (!verdict.fits) throw new OutOfMemoryError(verdict.reason);
    const model = await this.device.guardMemory(
      'this model',
      () => new ResidentModel(this.device, config, options.trainable ?? true),
    );
    try {
      for (const [i, parameter] of model.parameters.entries()) {
        signal?.throwIfAborted();
        onProgress?.({ phase: 'loading', done: i, total: model.parameters.length });
        this.device.write(parameter.weight, await read(parameter));
      }
    } catch (error) {
      model.free();
      throw error;
    }
    onProgress?.({ phase: 'loading', done: model.parameters.length, total: model.parameters.length });
    const id = `model-${++this.created}`;
    this.models.set(id, { model, extras });
    return id;
  }
}
