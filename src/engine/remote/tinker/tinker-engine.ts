/**
 * @file The Engine on a server that speaks Tinker and is none of ours: SkyRL, OpenRL, TuFT, a hosted one. It has base models of its own and
 * trains adapters beside them.
 *
 * What is to be learned is worked out here, from the log-probabilities of a forward pass, and sent with the step of the optimizer as
 * one batch that pushes each token by as much as our loss does (slopes.ts). So every server learns by the same losses, and how it
 * puts batches together matters in one place (averaging.ts).
 */

import { ADAPTER_TARGETS } from '../../../model/adapter';
import { type ModelConfig, parseModelConfig } from '../../../model/config';
import { isJsonObject } from '../../../model/fields';
import type {
  AdamParams,
  AdapterOptions,
  Bytes,
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
} from '../../engine';
import { EngineClosedError, EngineError, InvalidRequestError, UnknownModelError } from '../../errors';
import { checkLoss, policyMetrics } from '../../losses';
import { checkBatch } from '../../ort/batches';
import { stream } from '../../queues';
import { samplingSettings } from '../../sampling-settings';
import { orAbort, rethrow, rolloutOf } from '../answers';
import { NodeRefusedError, NodeUnreachableError, UnsupportedByServerError } from '../errors';
import { createSession, keepAlive } from '../session';
import { asEngineError, Transport, type TransportOptions } from '../transport';
import type { Sequence } from '../wire/sampling';
import { divisors } from './averaging';
import { calibrate, type Found } from './calibrate';
import { gone, type Pointer, pointerFiles, pointerIn, tinkerAlpha } from './checkpoint';
import { sampleAll } from './sampling';
import { slopesOf } from './slopes';
import { type Push, TinkerModel, type Wire } from './tinker-model';

export interface TinkerOptions extends TransportOptions {
  /** What the server calls the base model. Needed only where it has several. */
  serverModel?: string;
  wire?: Wire['form'];
}

/** Of the model that measures, and of models that only answer. */
const smallRank = 8;

interface ServedModel {
  id: string;
  maxContext: number | null;
}

interface Placed {
  model: TinkerModel;
  config: ModelConfig;
  trainable: boolean;
  /** Where it came from, and what it came with. */
  about: Pick<Pointer, 'baseModel' | 'rank'>;
  files: Record<string, Bytes>;
  steps: number;
  waiting: Push[];
  version: number;
  changed: boolean;
  /** Where the weights as they are can be sampled. */
  sampler: Promise<string> | null;
}

export class TinkerEngine implements Engine {
  /** Nothing: a server of others lets go of what its client left, when it has heard nothing for a while. */
  readonly recovered: readonly ModelId[] = [];
  private readonly models = new Map<ModelId, Placed>();
  private readonly endHeartbeat: () => void;
  private readonly wire: Wire;
  private measured: Promise<Found> | null = null;
  private nextModel = 1;
  private nextSampler = 1;
  private closed = false;

  private constructor(
    readonly transport: Transport,
    private readonly session: string,
    private readonly served: ServedModel[],
    private readonly options: TinkerOptions,
  ) {
    this.wire = { form: options.wire ?? 'protobuf', settled: options.wire !== undefined };
    this.endHeartbeat = keepAlive(transport, session);
  }

  static async open(options: TinkerOptions): Promise<TinkerEngine> {
    const transport = new Transport(options);
    try {
      const found = await transport.get('api/v1/get_server_capabilities');
      const served = found.objects('supported_models').map((each) => ({
        id: each.text('model_name'),
        maxContext: each.has('max_context_length') ? each.whole('max_context_length', undefined, 1) : null,
      }));
      return new TinkerEngine(transport, await createSession(transport), served, options);
    } catch (error) {
      throw asEngineError(error);
    }
  }

  async capabilities(): Promise<Capabilities> {
    this.refuseClosed();
    const served = this.choose(null);
    const { clipping } = await this.measure(served.id);
    return {
      backend: 'remote',
      device: `${served.id}, on the Tinker server ${new URL(this.transport.url).host}`,
      threads: 0,
      families: [],
      maxContext: served.maxContext ?? Number.MAX_SAFE_INTEGER,
      losses: ['cross-entropy', 'policy'],
      entropyBonus: false,
      savesWeights: false,
      training: ['lora'],
      base: ['float32'],
      gradientClipping: clipping,
      concurrency: 1,
      memory: Number.MAX_SAFE_INTEGER,
    };
  }

  /** What the server is like, found out once. */
  measure(baseModel: string): Promise<Found> {
    this.measured ??= this.calibrated(baseModel).catch((error) => {
      this.measured = null;
      throw error;
    });
    return this.measured;
  }

  private async calibrated(baseModel: string): Promise<Found> {
    const model = await this.make(baseModel, smallRank, 0);
    try {
      return await calibrate(model, async (prompt, temperature) => {
        const settings = {
          temperature,
          topK: Infinity,
          topP: 1,
          stop: [],
          samples: 1,
          maxTokens: 6,
          seed: 1,
        };
        const found: Sequence[] = [];
        const sampler = await model.publish(this.nextSampler++);
        await sampleAll(this.transport, sampler, [prompt], settings, (_, sequences) => {
          found.push(...sequences);
        });
        return found;
      });
    } catch (error) {
      throw asEngineError(error);
    } finally {
      await model.unload().catch(() => {});
    }
  }

  private make(baseModel: string, rank: number, seed?: number): Promise<TinkerModel> {
    const number = this.nextModel++;
    return TinkerModel.create(this.transport, this.wire, {
      session: this.session,
      number,
      baseModel,
      rank,
      seed,
    });
  }

  /** The server's own model that a folder is about: its weights are the server's, the words are the folder's. */
  private choose(config: unknown): ServedModel {
    const { served } = this;
    const { serverModel } = this.options;
    const given = isJsonObject(config) ? config._name_or_path : undefined;
    const found =
      serverModel !== undefined
        ? served.find(({ id }) => id === serverModel)
        : (served.find(({ id }) => id === given) ?? (served.length === 1 ? served[0] : undefined));
    if (found) return found;
    const names = served.map(({ id }) => id).join(', ') || 'none';
    throw new UnsupportedByServerError(
      `Say which of its models this server is to train (${serverModel ?? given ?? 'none was named'} is not among them): it has ${names}.`,
    );
  }

  // ---- Models --------------------------------------------------------------------------------------------------------

  async createModel(
    source: ModelSource,
    options: ModelOptions = {},
    control: Control = {},
  ): Promise<ModelId> {
    this.refuseClosed();
    if (source.kind === 'random')
      throw new UnsupportedByServerError(
        'This server trains models of its own: give the folder of one of them, since it makes none from a seed.',
      );
    const { trainable = true, adapter, base = 'float32' } = options;
    if (base !== 'float32')
      throw new UnsupportedByServerError(
        'How exactly weights are held is decided by this server: set model.base to float32.',
      );
    if (adapter) refuseOtherAdapters(adapter);
    const pointer = await pointerIn(source.files);
    if (pointer) return this.restore(pointer, source.files, { trainable, optimizer: false }, control);
    const rank = adapter?.rank ?? (trainable ? 0 : smallRank);
    const config = await configIn(source.files);
    const { id: baseModel } = this.choose(config);
    const placed = this.place({ baseModel, rank }, source.files, { trainable, seed: adapter?.seed }, control);
    return rank === 0 ? placed.catch(adviseAdapter) : placed;
  }

  async load(
    { name, files }: CheckpointRef,
    { optimizer, baseModel }: LoadOptions,
    control: Control = {},
  ): Promise<ModelId> {
    this.refuseClosed();
    const pointer = await pointerIn(files);
    if (!pointer)
      throw new UnsupportedByServerError(
        `The checkpoint ${name} holds weights, and this server takes none from outside: go on where it was made, or begin a new run.`,
      );
    const below = baseModel?.kind === 'files' ? baseModel.files : {};
    return this.restore(pointer, { ...below, ...files }, { trainable: true, optimizer }, control);
  }

  private async restore(
    pointer: Pointer,
    files: Record<string, Bytes>,
    { trainable, optimizer }: { trainable: boolean; optimizer: boolean },
    control: Control,
  ): Promise<ModelId> {
    const { baseModel, rank, path, steps } = pointer;
    const id = await this.place({ baseModel, rank }, files, { trainable }, control);
    const placed = this.model(id);
    try {
      await placed.model.load(path, optimizer);
    } catch (error) {
      await this.dispose(id).catch(() => {});
      throw error instanceof Error && !isAboutTheLine(error) ? gone(pointer, error.message) : error;
    }
    placed.steps = optimizer ? steps : 0;
    return id;
  }

  private async place(
    about: Placed['about'],
    files: Record<string, Bytes>,
    { trainable, seed }: { trainable: boolean; seed?: number },
    { onProgress, signal }: Control,
  ): Promise<ModelId> {
    onProgress?.({ phase: 'loading', done: 0, total: 1 });
    const config = parseModelConfig(await configIn(files));
    await this.measure(about.baseModel);
    signal?.throwIfAborted();
    const model = await this.make(about.baseModel, about.rank, seed);
    this.models.set(model.id, {
      model,
      config,
      trainable,
      about,
      files,
      steps: 0,
      waiting: [],
      version: 0,
      changed: false,
      sampler: null,
    });
    onProgress?.({ phase: 'loading', done: 1, total: 1 });
    return model.id;
  }

  // ---- Sampling ------------------------------------------------------------------------------------------------------

  async *sample(request: SampleRequest, control: Control = {}): AsyncGenerator<Rollout> {
    yield* stream<Rollout>(async (push, left) => {
      const placed = this.model(request.model);
      const { samples, prompts } = request;
      const settings = samplingSettings(request, placed.config);
      const signal = control.signal ? AbortSignal.any([control.signal, left]) : left;
      signal.throwIfAborted();
      const total = prompts.length * samples;
      control.onProgress?.({ phase: 'sampling', done: 0, total });
      const { ownLogProbs } = await this.measure(placed.about.baseModel);
      if (placed.changed) advance(placed);
      const policy = placed.version;
      const sampler = await this.samplerOf(placed);
      let done = 0;
      const found = async (prompt: number, sequences: Sequence[]) => {
        refuseOthers(sequences, settings.stop);
        const known = ownLogProbs ? sequences : await scored(placed.model, prompts[prompt], sequences);
        for (const [sample, sequence] of known.entries())
          push(rolloutOf(sequence, prompt * samples + sample, samples, policy));
        done += sequences.length;
        control.onProgress?.({ phase: 'sampling', done, total });
      };
      await sampleAll(this.transport, sampler, prompts, settings, found, signal).catch(rethrow);
    });
  }

  private samplerOf(placed: Placed): Promise<string> {
    placed.sampler ??= placed.model.publish(this.nextSampler++).catch((error) => {
      placed.sampler = null;
      throw error;
    });
    return placed.sampler;
  }

  async publish(id: ModelId): Promise<PolicyRef> {
    const placed = this.model(id);
    await this.samplerOf(placed);
    advance(placed);
    return { model: id, version: placed.version };
  }

  // ---- Training ------------------------------------------------------------------------------------------------------

  async forward(id: ModelId, batch: Datum[], { signal, onProgress }: Control = {}): Promise<Float32Array[]> {
    const { model, config } = this.model(id);
    signal?.throwIfAborted();
    checkBatch(batch, config.vocabSize, config.maxPositions);
    onProgress?.({ phase: 'scoring', done: 0, total: 1 });
    const logProbs = await orAbort(model.score(batch), signal);
    onProgress?.({ phase: 'scoring', done: 1, total: 1 });
    return logProbs;
  }

  async forwardBackward(
    id: ModelId,
    batch: Datum[],
    loss: LossSpec,
    { signal, onProgress }: Control = {},
  ): Promise<LossReport> {
    const placed = this.model(id);
    const { config, trainable, model, waiting } = placed;
    signal?.throwIfAborted();
    if (!trainable)
      throw new InvalidRequestError('This model was created without gradients: create it with trainable.');
    if (loss.kind === 'policy' && loss.entropy)
      throw new UnsupportedByServerError(
        'The loss has an entropy bonus, which a Tinker server cannot compute: set loss.entropy to 0.',
      );
    checkBatch(batch, config.vocabSize, config.maxPositions);
    checkLoss(batch, loss);
    onProgress?.({ phase: 'training', done: 0, total: 1 });
    const begun = performance.now();
    const logProbs = await orAbort(model.score(batch), signal);
    const slopes = slopesOf(batch, logProbs, loss);
    for (const [i, { tokens, targets }] of batch.entries())
      waiting.push({ tokens, targets, logProbs: logProbs[i], pushes: slopes.pushes[i] });
    onProgress?.({ phase: 'training', done: 1, total: 1 });
    return {
      loss: slopes.loss,
      logProbs,
      entropy: null,
      metrics: {
        tokens: slopes.weights.reduce((sum, row) => sum + row.filter((weight) => weight !== 0).length, 0),
        computedTokens: batch.reduce((sum, { tokens }) => sum + tokens.length, 0),
        seconds: (performance.now() - begun) / 1000,
        ...(loss.kind === 'policy' && policyMetrics(batch, slopes.weights, logProbs, null, loss)),
      },
    };
  }

  async optimStep(id: ModelId, adam: AdamParams): Promise<OptimReport> {
    const placed = this.model(id);
    const { averaging, clipping } = await this.measure(placed.about.baseModel);
    const { maxGradNorm } = adam;
    const limited = maxGradNorm !== undefined && Number.isFinite(maxGradNorm);
    if (limited && !clipping)
      throw new UnsupportedByServerError(
        'This server takes no notice of a limit on the gradient: set optimizer.clip to 0.',
      );
    if (placed.waiting.length === 0)
      throw new InvalidRequestError(
        'There are no gradients to apply: call forwardBackward before optimStep.',
      );
    const waiting = placed.waiting.splice(0);
    const told = waiting.filter(({ pushes }) => pushes.some((push) => push !== 0));
    const batch = told.length > 0 ? told : waiting.slice(0, 1);
    const times = divisors(
      averaging,
      batch.map(({ tokens }) => tokens.length),
    );
    const scaled = batch.map((push, i) => ({ ...push, pushes: push.pushes.map((each) => each * times[i]) }));
    if (
      !scaled.every(
        ({ pushes, logProbs }) => pushes.every(Number.isFinite) && logProbs.every(Number.isFinite),
      )
    )
      return { step: placed.steps, gradNorm: Number.NaN, applied: false };
    await placed.model.push(scaled);
    const norm = await placed.model.step({
      learning_rate: adam.learningRate,
      beta1: adam.beta1 ?? 0.9,
      beta2: adam.beta2 ?? 0.95,
      eps: adam.epsilon ?? 1e-8,
      weight_decay: adam.weightDecay ?? 0,
      ...(limited && { grad_clip_norm: maxGradNorm }),
    });
    placed.steps++;
    placed.changed = true;
    placed.sampler = null;
    return { step: placed.steps, gradNorm: norm ?? Number.NaN, applied: true };
  }

  // ---- Checkpoints ---------------------------------------------------------------------------------------------------

  async save(
    id: ModelId,
    name: string,
    _control: Control = {},
    { merged = false }: SaveOptions = {},
  ): Promise<CheckpointRef> {
    const { model, about, steps, files, trainable } = this.model(id);
    if (merged)
      throw new UnsupportedByServerError(
        'This server does not hand out whole models: save the adapter alone.',
      );
    if (!trainable) return { name, files };
    const path = await model.save(`zeroloop-${steps}-${randomName()}`);
    return { name, files: pointerFiles({ url: this.transport.url, path, ...about, steps }, files) };
  }

  async dispose(id: ModelId): Promise<void> {
    const { model } = this.model(id);
    this.models.delete(id);
    await model.unload().catch(rethrow);
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.endHeartbeat();
    const left = [...this.models.values()];
    this.models.clear();
    await Promise.all(left.map(({ model }) => model.unload().catch(() => {})));
  }

  private model(id: ModelId): Placed {
    this.refuseClosed();
    const placed = this.models.get(id);
    if (!placed) throw new UnknownModelError(id);
    return placed;
  }

  private refuseClosed(): void {
    if (this.closed) throw new EngineClosedError();
  }
}

function advance(placed: Placed): void {
  placed.version++;
  placed.changed = false;
}

async function configIn(files: Record<string, Bytes>): Promise<unknown> {
  const file = files['config.json'];
  if (!file)
    throw new InvalidRequestError(
      'These files have no config.json: give the folder of the model that the server trains.',
    );
  return JSON.parse(await (file instanceof Uint8Array ? new TextDecoder().decode(file) : file.text()));
}

/** Many servers train adapters only, and each says so in its own way. */
function adviseAdapter(error: unknown): never {
  if (!(error instanceof EngineError) || isAboutTheLine(error) || error instanceof UnsupportedByServerError)
    throw error;
  throw new UnsupportedByServerError(
    `This server would not train all weights (${error.message.replace(/\.$/, '')}): set model.train to adapter.`,
  );
}

const isAboutTheLine = (error: unknown): boolean =>
  error instanceof NodeUnreachableError || error instanceof NodeRefusedError;

/** Tinker has no word for the others, and servers pass over the words that it has. */
function refuseOtherAdapters({ alpha, targets }: AdapterOptions): void {
  if (alpha !== tinkerAlpha)
    throw new UnsupportedByServerError(
      `Adapters have an alpha of ${tinkerAlpha} on a Tinker server: set adapter.alpha to ${tinkerAlpha}.`,
    );
  if (targets.length !== ADAPTER_TARGETS.length)
    throw new UnsupportedByServerError(
      `Adapters are beside all matrices on a Tinker server: set adapter.targets to ${ADAPTER_TARGETS.join(', ')}.`,
    );
}

function refuseOthers(sequences: Sequence[], stop: readonly number[]): void {
  for (const { tokens, stopReason } of sequences)
    if (stopReason === 'stop' && stop.length > 0 && !stop.includes(tokens[tokens.length - 1]))
      throw new UnsupportedByServerError(
        'This server leaves out the token that ended a completion, so it could not be learned: use another server.',
      );
}

async function scored(model: TinkerModel, prompt: Int32Array, sequences: Sequence[]): Promise<Sequence[]> {
  const data = sequences.map(({ tokens }) => {
    const whole = Int32Array.of(...prompt, ...tokens);
    return { tokens: whole.slice(0, -1), targets: whole.slice(1) };
  });
  const logProbs = await model.score(data);
  return sequences.map((sequence, i) => ({ ...sequence, logProbs: logProbs[i].slice(prompt.length - 1) }));
}

const randomName = (): string => Math.floor(Math.random() * 2 ** 48).toString(36);
