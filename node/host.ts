/**
 * @file Everything that a node keeps: sessions with their leases, models, samplings under way, checkpoints and files. Knows no HTTP.
 */

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Capabilities, Engine } from '../src/engine/engine';
import { DeviceLostError, EngineClosedError, EngineError } from '../src/engine/errors';
import type { Sequence, WireSampleRequest } from '../src/engine/remote/wire/sampling';
import { Checkpoints } from './checkpoints';
import type { Disk } from './disk';
import { FilePool, type Manifest } from './file-pool';
import { HostedModel, type Surroundings } from './hosted-model';
import type { Limits } from './limits';
import { type Birth, ModelFolder, type Thrift } from './model-folder';
import { asRefusal, failureOf, Refusal } from './refusal';
import type { Result } from './results';

export interface HostOptions {
  disk: Disk;
  folder: string;
  limits: Limits;
  thrift: Thrift;
  /** Models that may be asked for by name, as files in the pool once they have been read. */
  models: Record<string, () => Promise<Record<string, Uint8Array>>>;
  openEngine(): Promise<Engine & { close(): Promise<void> }>;
  log(line: string): void;
}

interface SamplingFuture {
  digest: string;
  result: Promise<Result>;
  cancel: AbortController;
  settled: boolean;
}

/** Samplings that are done and were not fetched yet, or were fetched by an answer that got lost. */
const keptSamplings = 128;

export class Host {
  private readonly sessions = new Map<string, number>();
  private readonly models = new Map<string, HostedModel>();
  private readonly folders = new Map<string, ModelFolder>();
  private readonly samplings = new Map<string, SamplingFuture>();
  private readonly frozen = new Map<string, HostedModel>();
  private engineNow: Promise<Engine & { close(): Promise<void> }> | null = null;
  private readonly sweeper: NodeJS.Timeout;
  private creations: Promise<unknown> = Promise.resolve();
  /** Samplings that were begun and are not over, cancelled ones too. */
  private readonly underWay = new Set<Promise<Result>>();
  private closing = false;

  private constructor(
    readonly options: HostOptions,
    readonly pool: FilePool,
    readonly checkpoints: Checkpoints,
  ) {
    const every = Math.min(30_000, options.limits.lease / 2);
    this.sweeper = setInterval(() => void this.sweep().catch((error) => options.log(String(error))), every);
    this.sweeper.unref();
  }

  static async open(options: HostOptions): Promise<Host> {
    const { disk, folder, limits } = options;
    await disk.makeFolder(join(folder, 'files'));
    await disk.makeFolder(join(folder, 'models'));
    const pool = new FilePool(disk, join(folder, 'files'), limits.file);
    const host = new Host(options, pool, await Checkpoints.open(disk, join(folder, 'checkpoints'), pool));
    for (const id of await disk.list(join(folder, 'models'))) await host.adopt(id);
    return host;
  }

  // ---- The engine ----------------------------------------------------------------------------------------------------

  engine(): Promise<Engine & { close(): Promise<void> }> {
    this.engineNow ??= this.options.openEngine().catch((error) => {
      this.engineNow = null;
      throw error;
    });
    return this.engineNow;
  }

  async capabilities(): Promise<Capabilities> {
    return (await this.engine()).capabilities();
  }

  /** A lost engine takes its models with it; they come back from the disk in the next one. */
  private isLost(error: unknown): boolean {
    const lost =
      error instanceof DeviceLostError ||
      error instanceof EngineClosedError ||
      (error instanceof EngineError && /worker stopped/.test(error.message));
    if (lost && this.engineNow) {
      const old = this.engineNow;
      this.engineNow = null;
      void old.then((engine) => engine.close()).catch(() => {});
      this.options.log(`The engine was lost (${(error as Error).message}), and is opened again.`);
    }
    return lost;
  }

  private get surroundings(): Surroundings {
    return {
      engine: () => this.engine(),
      isLost: (error) => this.isLost(error),
      performer: { checkpoints: this.checkpoints },
      limits: this.options.limits,
      log: this.options.log,
    };
  }

  // ---- Sessions ------------------------------------------------------------------------------------------------------

  createSession(): string {
    const id = `session-${randomBytes(8).toString('hex')}`;
    this.sessions.set(id, Date.now());
    return id;
  }

  /** Any sign of life; a session that a restart forgot is known again. */
  touch(session: string): void {
    if (!/^session-[0-9a-f]{16}$/.test(session))
      throw new Refusal(404, 'There is no such session: create one.');
    this.sessions.set(session, Date.now());
  }

  private async sweep(): Promise<void> {
    const { lease, unusedFile } = this.options.limits;
    const oldest = Date.now() - lease;
    for (const [session, seen] of this.sessions) {
      if (seen >= oldest) continue;
      this.sessions.delete(session);
      for (const model of [...this.models.values()]) {
        if (model.session !== session) continue;
        this.options.log(
          `${model.id} is unloaded: its client was not heard of for ${Math.round(lease / 1000)} s.`,
        );
        await this.unload(model.id);
      }
    }
    await this.pool.sweep(this.used(), [], unusedFile);
  }

  private used(): Set<string> {
    const manifests = [
      ...[...this.folders.values()].flatMap(({ needs }) => needs),
      ...this.checkpoints.list().map(({ files }) => files),
    ];
    return new Set(manifests.flatMap((files) => Object.values(files).map(({ sha256 }) => sha256)));
  }

  // ---- Models --------------------------------------------------------------------------------------------------------

  /** The same request a second time gives the model of the first. */
  async createModel(request: Omit<Birth, 'id'>): Promise<string> {
    const created = this.creations.then(() => this.create(request));
    this.creations = created.catch(() => {});
    return created;
  }

  private async create(request: Omit<Birth, 'id'>): Promise<string> {
    if (this.closing) throw new Refusal(503, 'This node is closing: ask again when it is back.');
    this.touch(request.sessionId);
    for (const [id, { birth }] of this.folders) {
      if (birth.sessionId !== request.sessionId || birth.modelSeqId !== request.modelSeqId) continue;
      if (birth.digest === request.digest) return id;
      throw new Refusal(409, `Model ${request.modelSeqId} of this session is another one already.`);
    }
    if (this.models.size >= this.options.limits.models)
      throw new Refusal(
        409,
        `This node holds ${this.models.size} models already: unload one first.`,
        {},
        'EngineError',
      );
    const id = `model-${randomBytes(8).toString('hex')}`;
    await ModelFolder.create(this.options.disk, this.pathOf(id), { ...request, id });
    await this.adopt(id);
    return id;
  }

  private pathOf(id: string): string {
    return join(this.options.folder, 'models', id);
  }

  private async adopt(id: string): Promise<void> {
    const { disk, thrift } = this.options;
    const collect = (no: Manifest) =>
      this.pool.sweep(
        this.used(),
        Object.values(no).map(({ sha256 }) => sha256),
        Infinity,
      );
    const folder = await ModelFolder.open(disk, this.pathOf(id), this.pool, thrift, collect);
    if (!folder) {
      await disk.remove(this.pathOf(id));
      return;
    }
    const { snapshot, journal } = await folder.read();
    this.folders.set(id, folder);
    this.sessions.set(folder.birth.sessionId, Date.now());
    this.models.set(id, new HostedModel(id, folder, this.surroundings, snapshot, journal));
  }

  model(id: string): HostedModel {
    const model = this.models.get(id);
    if (!model)
      throw new Refusal(
        404,
        `There is no model "${id.slice(0, 80)}" here: it was unloaded.`,
        {},
        'UnknownModelError',
      );
    this.touch(model.session);
    return model;
  }

  birthOf(id: string): Birth {
    this.model(id);
    return this.folders.get(id)!.birth;
  }

  list(): { id: string; base: string; queued: number }[] {
    return [...this.models.values()].map(({ id, queued }) => ({
      id,
      queued,
      base: this.folders.get(id)!.birth.base,
    }));
  }

  async unload(id: string): Promise<void> {
    const model = this.models.get(id);
    if (!model) return;
    this.models.delete(id);
    this.folders.delete(id);
    for (const [path, frozen] of this.frozen) if (frozen === model) this.frozen.delete(path);
    await model.remove();
  }

  // ---- Sampling ------------------------------------------------------------------------------------------------------

  /** Sampling changes nothing, so it is not written down: whoever asks a node that forgot it asks again. */
  sample(key: string, digest: string, request: WireSampleRequest): string {
    const id = `sample-${key}`;
    const known = this.samplings.get(id);
    if (known) {
      if (known.digest === digest) return id;
      throw new Refusal(409, `Sampling ${request.seqId} of this session is another one already.`);
    }
    this.forgetSamplings();
    const cancel = new AbortController();
    const result = this.sampled(request, cancel.signal).then(
      (sequences): Result => ({ kind: 'sample', sequences }),
      (error): Result => ({ kind: 'failed', failure: failureOf(asRefusal(error)) }),
    );
    const future: SamplingFuture = { digest, result, cancel, settled: false };
    this.underWay.add(result);
    void result.then(() => {
      future.settled = true;
      this.underWay.delete(result);
    });
    this.samplings.set(id, future);
    return id;
  }

  samplingResult(id: string): Promise<Result> {
    const future = this.samplings.get(id);
    if (!future) throw new Refusal(410, 'This sampling was forgotten: ask for it again.');
    return future.result;
  }

  cancel(id: string): void {
    this.samplings.get(id)?.cancel.abort();
    this.samplings.delete(id);
  }

  private forgetSamplings(): void {
    const under = [...this.samplings].filter(([, { settled }]) => !settled).length;
    const { samplings: most } = this.options.limits;
    if (under >= most)
      throw new Refusal(429, `${under} samplings are under way: wait for one.`, { 'Retry-After': '1' });
    for (const [id, { settled }] of this.samplings) {
      if (this.samplings.size < keptSamplings + under) return;
      if (settled) this.samplings.delete(id);
    }
  }

  private async sampled(request: WireSampleRequest, signal: AbortSignal): Promise<Sequence[]> {
    const { target, prompts, samples, maxTokens, temperature, topK, topP, stop, seed } = request;
    const asked = {
      prompts,
      samples,
      maxTokens,
      temperature,
      topP,
      seed,
      ...(stop && { stop }),
      ...(topK !== null && { topK }),
    };
    switch (target.kind) {
      case 'model':
        return this.model(target.modelId).sample(target.afterSeq, asked, signal);
      case 'session': {
        const [, id, seq] = /^(model-[0-9a-f]{16})\.s(\d{1,9})$/.exec(target.samplingSessionId) ?? [];
        if (id === undefined)
          throw new Refusal(404, 'There is no such sampling session: publish the weights again.');
        return this.model(id).sample(Number(seq), asked, signal);
      }
      case 'path':
        return (await this.frozenModel(target.modelPath)).sample(0, asked, signal);
      default:
        return target satisfies never;
    }
  }

  /** Of a checkpoint or a base model: loaded when first asked, and the one that is loaded makes room for the next. */
  private async frozenModel(path: string): Promise<HostedModel> {
    const known = this.frozen.get(path);
    if (known) return known;
    const files = Object.hasOwn(this.options.models, path)
      ? await this.pool.put(await this.options.models[path]())
      : this.checkpoints.get(path).files;
    for (const { id } of this.frozen.values()) await this.unload(id);
    const sessionId = this.createSession();
    const source = { kind: 'files', files } as const;
    const birth = {
      sessionId,
      modelSeqId: 0,
      digest: path,
      base: path,
      source,
      options: { trainable: false },
      optimizer: false,
      baseModel: null,
    };
    const model = this.model(await this.createModel(birth));
    this.frozen.set(path, model);
    return model;
  }

  /** Once it returns, nothing is written any more. */
  async close(): Promise<void> {
    this.closing = true;
    clearInterval(this.sweeper);
    for (const { cancel } of this.samplings.values()) cancel.abort();
    await this.creations;
    const engine = this.engineNow;
    await Promise.all([...this.models.values()].map((model) => model.rest()));
    await Promise.all(this.underWay);
    this.engineNow = null;
    await (await engine)?.close();
  }
}
