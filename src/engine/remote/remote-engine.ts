/**
 * @file The Engine on one of our nodes, over plain fetch. Futures, numbers, retries and the journal are hidden in here: what the loop
 * sees is the same Engine as in the worker beside it, and what it gets is the same to the last bit.
 */

import type {
  AdamParams,
  Capabilities,
  CheckpointRef,
  Control,
  Datum,
  Engine,
  LoadOptions,
  LossMetrics,
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
import { EngineClosedError, UnknownModelError } from '../errors';
import { stream } from '../queues';
import { jsonRequest, orAbort, rethrow, rolloutOf, sequencesIn, trainingResultIn } from './answers';
import { DiskFullError, UnsupportedByServerError } from './errors';
import { download, upload } from './files';
import {
  type Journal,
  MemoryJournal,
  type ModelNote,
  modelKey,
  type SessionNote,
  sessionKey,
} from './journal';
import { future, RemoteModel, requestId, type Write } from './remote-model';
import { createSession, keepAlive } from './session';
import { asEngineError, Failed, sleep, Transport, type TransportOptions } from './transport';
import { Body, metricsToJson } from './wire/body';
import { datumToWire, ownLoss } from './wire/losses';
import { sampleRequestToJson } from './wire/sampling';
import {
  encodeTrainingRequest,
  type TrainingRequest,
  type TrainingResult,
  trainingRequestToJson,
} from './wire/training';

export interface RemoteOptions extends TransportOptions {
  journal?: Journal;
  /** How batches are sent. By default protocol buffers, and JSON to a server that does not read them. */
  wire?: 'protobuf' | 'json';
}

/** How a model comes to be on the node. */
interface Creation {
  options: ModelOptions;
  optimizer: boolean;
  baseModel?: ModelSource;
  /** Of the checkpoint, for what is said about it. */
  name?: string;
}

export class RemoteEngine implements Engine {
  private readonly models = new Map<ModelId, RemoteModel>();
  private readonly endHeartbeat: () => void;
  private closed = false;
  /** Samplings have numbers of their own; a client that comes back begins elsewhere. */
  private nextSampling = 1 + Math.floor(Math.random() * 2 ** 40);

  private constructor(
    readonly transport: Transport,
    private readonly journal: Journal,
    private readonly session: SessionNote,
    private wire: 'protobuf' | 'json',
  ) {
    this.endHeartbeat = keepAlive(transport, session.session);
  }

  /** With a journal that knows this node: whatever was under way is done first, and the models are there as they were. */
  static async open(options: RemoteOptions): Promise<RemoteEngine> {
    const { journal = new MemoryJournal(), wire = 'protobuf' } = options;
    const transport = new Transport(options);
    try {
      const found = await transport.get('api/v1/get_server_capabilities');
      if (!found.has('zeroloop'))
        throw new UnsupportedByServerError(
          `${transport.url} is a Tinker server, but no node of Zeroloop: it can train a run alone, but be none of several nodes.`,
        );
      const kept = new Map(await journal.entries());
      const known = kept.get(sessionKey) as SessionNote | undefined;
      const session = known?.url === transport.url ? known : await newSession(transport, journal);
      const engine = new RemoteEngine(transport, journal, session, wire);
      if (known === session) await engine.recover(kept);
      return engine;
    } catch (error) {
      throw asEngineError(error);
    }
  }

  private async recover(kept: Map<string, unknown>): Promise<void> {
    for (const [key, value] of kept) {
      if (!key.startsWith(modelKey(''))) continue;
      const note = value as ModelNote;
      const model = new RemoteModel(this.transport, this.journal, note);
      try {
        await model.recover();
        this.models.set(note.id, model);
      } catch (error) {
        if (!(error instanceof Failed)) throw error;
        await this.journal.delete(key); // unloaded since
      }
    }
  }

  /** Models that were there before this client was opened. */
  get recovered(): ModelId[] {
    return [...this.models.keys()];
  }

  async capabilities(): Promise<Capabilities> {
    this.refuseClosed();
    const found = await this.transport.get('api/v1/get_server_capabilities').catch(rethrow);
    const engine = found.object('zeroloop').raw('engine') as Capabilities;
    return {
      ...engine,
      backend: 'remote',
      device: `${engine.device}, on ${new URL(this.transport.url).host}`,
    };
  }

  createModel(source: ModelSource, options: ModelOptions = {}, control: Control = {}): Promise<ModelId> {
    return this.create(source, { options, optimizer: false }, control);
  }

  load(
    { name, files }: CheckpointRef,
    { optimizer, baseModel, base }: LoadOptions,
    control: Control = {},
  ): Promise<ModelId> {
    return this.create({ kind: 'files', files }, { options: { base }, optimizer, baseModel, name }, control);
  }

  private async create(
    source: ModelSource,
    { options, optimizer, baseModel, name }: Creation,
    { signal, onProgress }: Control,
  ): Promise<ModelId> {
    this.refuseClosed();
    try {
      onProgress?.({ phase: 'loading', done: 0, total: 1 });
      const sent = async (source: ModelSource) =>
        source.kind === 'files'
          ? { kind: 'files', files: await upload(this.transport, source.files, signal) }
          : source;
      const own = {
        source: await sent(source),
        options,
        optimizer,
        base_model: baseModel && (await sent(baseModel)),
      };
      const json = {
        session_id: this.session.session,
        model_seq_id: this.session.nextModel++,
        base_model: name ?? 'zeroloop',
        lora_config: { rank: 0 },
        zeroloop: own,
      };
      await this.journal.set(sessionKey, this.session);
      const id = await this.transport.read({ path: 'api/v1/create_model', body: { json } }, ({ bytes }) =>
        Body.parse(bytes).text('model_id'),
      );
      const note = { id, next: 1, under: [], version: 0, changed: false };
      const model = new RemoteModel(this.transport, this.journal, note);
      await model.keep();
      try {
        await future(
          this.transport,
          `${id}.0`,
          async () => `${id}.0`,
          () => {},
        );
      } catch (error) {
        await this.unload(id);
        throw error;
      }
      this.models.set(id, model);
      onProgress?.({ phase: 'loading', done: 1, total: 1 });
      return id;
    } catch (error) {
      throw asEngineError(error);
    }
  }

  // ---- Sampling ------------------------------------------------------------------------------------------------------

  async *sample(request: SampleRequest, control: Control = {}): AsyncGenerator<Rollout> {
    yield* stream<Rollout>(async (push, left) => {
      const model = this.model(request.model);
      const { note } = model;
      const signal = control.signal ? AbortSignal.any([control.signal, left]) : left;
      const total = request.prompts.length * request.samples;
      control.onProgress?.({ phase: 'sampling', done: 0, total });
      const { json, id, policy } = await model
        .inTurn(async () => {
          signal.throwIfAborted();
          if (note.changed) this.advance(note);
          const json = this.samplingOf(request, model.last);
          return { json, policy: note.version, id: await this.postSampling(json) };
        })
        .catch(rethrow);
      const stop = () =>
        void this.transport.json('api/v1/zeroloop/cancel', { request_id: id }).catch(() => {});
      signal.addEventListener('abort', stop, { once: true });
      try {
        const sequences = await future(
          this.transport,
          id,
          () => this.postSampling(json),
          sequencesIn,
          signal,
        );
        for (const [index, sequence] of sequences.entries()) {
          push(rolloutOf(sequence, index, request.samples, policy));
          control.onProgress?.({ phase: 'sampling', done: index + 1, total });
        }
      } catch (error) {
        throw asEngineError(error);
      } finally {
        signal.removeEventListener('abort', stop);
      }
    });
  }

  private samplingOf(request: SampleRequest, afterSeq: number): unknown {
    const {
      model,
      prompts,
      samples,
      maxTokens,
      temperature = 1,
      topK,
      topP = 1,
      stop = null,
      seed,
    } = request;
    const target = { kind: 'model', modelId: model, afterSeq } as const;
    const seqId = this.nextSampling++;
    return sampleRequestToJson({
      target,
      seqId,
      prompts,
      samples,
      maxTokens,
      temperature,
      topK: topK ?? null,
      topP,
      stop,
      seed,
    });
  }

  private postSampling(json: unknown): Promise<string> {
    return this.transport.read({ path: 'api/v1/asample', body: { json } }, requestId);
  }

  // ---- Training ------------------------------------------------------------------------------------------------------

  async forward(id: ModelId, batch: Datum[], control: Control = {}): Promise<Float32Array[]> {
    const result = await this.train(id, batch, { lossFn: 'cross_entropy', lossConfig: {} }, true, control);
    return result.outputs.map((output) => output.logprobs as Float32Array);
  }

  async forwardBackward(
    id: ModelId,
    batch: Datum[],
    loss: LossSpec,
    control: Control = {},
  ): Promise<LossReport> {
    const { outputs, metrics } = await this.train(id, batch, ownLoss(loss), false, control);
    const { 'loss:sum': sum, ...rest } = metrics;
    return {
      loss: sum,
      logProbs: outputs.map((output) => output.logprobs as Float32Array),
      entropy: loss.kind === 'policy' ? outputs.map((output) => output.entropies as Float32Array) : null,
      metrics: rest as unknown as LossMetrics,
    };
  }

  private async train(
    id: ModelId,
    batch: Datum[],
    loss: Pick<TrainingRequest, 'lossFn' | 'lossConfig'>,
    forwardOnly: boolean,
    { signal, onProgress }: Control,
  ): Promise<TrainingResult> {
    const model = this.model(id);
    signal?.throwIfAborted();
    const phase = forwardOnly ? 'scoring' : 'training';
    onProgress?.({ phase, done: 0, total: 1 });
    const data = batch.map(datumToWire);
    const write: Write = (seq) => this.writeTraining({ modelId: id, seqId: seq, data, ...loss, forwardOnly });
    const done = model.operate(write, trainingResultIn).catch((error) => {
      if (!(this.wire === 'protobuf' && error instanceof UnsupportedByServerError)) throw error;
      this.wire = 'json';
      return model.operate(write, trainingResultIn);
    });
    const result = await orAbort(done, signal);
    onProgress?.({ phase, done: 1, total: 1 });
    return result;
  }

  private writeTraining(request: TrainingRequest): ReturnType<Write> {
    const path = `api/v1/${request.forwardOnly ? 'forward' : 'forward_backward'}`;
    return this.wire === 'protobuf'
      ? { path, type: 'application/x-protobuf', bytes: encodeTrainingRequest(request) }
      : jsonRequest(path, trainingRequestToJson(request));
  }

  async optimStep(id: ModelId, adam: AdamParams): Promise<OptimReport> {
    const model = this.model(id);
    const given = Object.entries(adam).filter(([, value]) => value !== undefined);
    const write: Write = (seq) =>
      jsonRequest('api/v1/optim_step', {
        model_id: id,
        seq_id: seq,
        zeroloop: metricsToJson(Object.fromEntries(given)),
      });
    const stepped = model.operate(write, ({ bytes }) => {
      const metrics = Body.parse(bytes).object('metrics');
      return {
        step: metrics.number('step'),
        gradNorm: metrics.number('grad_norm'),
        applied: metrics.number('applied') === 1,
      };
    });
    model.changing = stepped.then(
      ({ applied }) => {
        model.note.changed ||= applied;
      },
      () => {},
    );
    const report = await stepped;
    await model.changing;
    return report;
  }

  async publish(id: ModelId): Promise<PolicyRef> {
    const model = this.model(id);
    return model.inTurn(async () => {
      await model.changing;
      this.advance(model.note);
      await model.keep();
      return { model: id, version: model.note.version };
    });
  }

  private advance(note: ModelNote): void {
    note.version++;
    note.changed = false;
  }

  // ---- Checkpoints ---------------------------------------------------------------------------------------------------

  async save(
    id: ModelId,
    name: string,
    _control: Control = {},
    { merged = false, optimizer = true }: SaveOptions = {},
  ): Promise<CheckpointRef> {
    const model = this.model(id);
    const write: Write = (seq) =>
      jsonRequest('api/v1/save_weights', {
        model_id: id,
        seq_id: seq,
        path: `save-${seq}`,
        zeroloop: { merged, optimizer },
      });
    const { path, files } = await persistently(() =>
      model.operate(write, ({ bytes }) => {
        const body = Body.parse(bytes);
        return { path: body.text('path'), files: body.object('zeroloop').object('files') };
      }),
    );
    const saved = { name, files: await download(this.transport, files).catch(rethrow) };
    // It is here now: the node need not keep it as well.
    const [, run, kind, checkpoint] = /^tinker:\/\/(.+)\/(.+)\/(.+)$/.exec(path) ?? [];
    const there = `api/v1/training_runs/${run}/checkpoints/${kind}/${checkpoint}`;
    await this.transport.read({ method: 'DELETE', path: there }, () => {}).catch(() => {});
    return saved;
  }

  async dispose(id: ModelId): Promise<void> {
    this.model(id);
    this.models.delete(id);
    await this.unload(id).catch(rethrow);
  }

  private async unload(id: ModelId): Promise<void> {
    await this.transport.json('api/v1/unload_model', { model_id: id });
    await this.journal.delete(modelKey(id));
  }

  /** Unloads what is left; every later call is refused. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.endHeartbeat();
    const left = [...this.models.keys()];
    this.models.clear();
    await Promise.all(left.map((id) => this.unload(id).catch(() => {})));
    await this.journal.delete(sessionKey);
  }

  private model(id: ModelId): RemoteModel {
    this.refuseClosed();
    const model = this.models.get(id);
    if (!model) throw new UnknownModelError(id);
    return model;
  }

  private refuseClosed(): void {
    if (this.closed) throw new EngineClosedError();
  }
}

async function newSession(transport: Transport, journal: Journal): Promise<SessionNote> {
  const session = await createSession(transport);
  for (const [key] of await journal.entries()) await journal.delete(key);
  return { url: transport.url, session, nextModel: 1 };
}

/** Somebody makes room on a full disk, or nobody does. */
async function persistently<T>(job: () => Promise<T>, attempts = 20): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await job();
    } catch (error) {
      if (!(error instanceof DiskFullError) || attempt === attempts) throw error;
      await sleep(Math.min(100 * 2 ** attempt, 15_000));
    }
  }
}
