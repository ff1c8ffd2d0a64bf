/**
 * @file What of a model is on the disk: how it was born, the last weights with the number of the operation after which they were
 * written, and the journal of the operations since. One small file names the weights, so that changing it changes everything at once.
 */

import { join } from 'node:path';
import type { Bytes, Engine, ModelId, ModelOptions, ModelSource } from '../src/engine/engine';
import { isAdapterAlone } from '../src/model/adapter-base';
import type { Disk } from './disk';
import type { FilePool, Manifest } from './file-pool';
import { failureBytes, type JournalRecord, readRecord } from './operations';
import { RecordFile } from './records';
import type { Failure } from './refusal';

export type Source = { kind: 'random'; config: unknown; seed: number } | { kind: 'files'; files: Manifest };

export interface Birth {
  id: string;
  sessionId: string;
  modelSeqId: number;
  /** Of the request, so that it can be told from another one. */
  digest: string;
  /** The name of the base model, for those who ask. */
  base: string;
  source: Source;
  options: ModelOptions;
  /** Whether the moments come with the files. */
  optimizer: boolean;
  /** Of files that are an adapter alone: the model that it belongs to. */
  baseModel: Source | null;
}

export interface Snapshot {
  seq: number;
  lastChange: number;
  files: Manifest;
  results: { seq: number; digest: string; text: string }[];
}

export interface Thrift {
  /** Milliseconds of work that are rather repeated than written. */
  leastWork: number;
  /** Bytes. */
  largestJournal: number;
}

export const defaultThrift: Thrift = { leastWork: 15_000, largestJournal: 256 * 2 ** 20 };

export class ModelFolder {
  private constructor(
    private readonly disk: Disk,
    private readonly path: string,
    private readonly pool: FilePool,
    readonly thrift: Thrift,
    readonly birth: Birth,
    readonly journal: RecordFile,
    private current: Snapshot | null,
    private readonly collect: (no: Manifest) => Promise<void>,
  ) {}

  static async create(disk: Disk, path: string, birth: Birth): Promise<void> {
    await disk.makeFolder(path);
    await disk.replace(join(path, 'birth.json'), Buffer.from(JSON.stringify(birth)));
  }

  /** Null for a folder that was never finished. `collect` removes files of the pool that nothing refers to any more. */
  static async open(
    disk: Disk,
    path: string,
    pool: FilePool,
    thrift: Thrift,
    collect: (no: Manifest) => Promise<void>,
  ): Promise<ModelFolder | null> {
    const birth = await readJson<Birth>(disk, join(path, 'birth.json'));
    if (!birth) return null;
    const snapshot = await readJson<Snapshot>(disk, join(path, 'snapshot.json'));
    const { file } = await RecordFile.open(disk, join(path, 'journal'));
    return new ModelFolder(disk, path, pool, thrift, birth, file, snapshot, collect);
  }

  /** Files of the pool that this model needs. */
  get needs(): Manifest[] {
    const { source, baseModel } = this.birth;
    const { current } = this;
    if (current && !isAdapterAlone(current.files)) return [current.files];
    const sources = [source, ...(baseModel ? [baseModel] : [])];
    return [
      ...(current ? [current.files] : []),
      ...sources.flatMap((each) => (each.kind === 'files' ? [each.files] : [])),
    ];
  }

  async read() {
    const records = (await this.journal.read()).map(readRecord);
    const after = this.current?.seq ?? 0;
    const operations = records.flatMap((each) => (isOperationAfter(each, after) ? [each] : []));
    const failures = new Map<number, Failure>();
    for (const each of records)
      if (each.kind === 'failure')
        failures.set(each.failed.seq, { error: each.failed.error, category: each.failed.category });
    return { snapshot: this.current, journal: { operations, failures } };
  }

  async open(engine: Engine): Promise<ModelId> {
    const { source, options, optimizer, baseModel, base: name } = this.birth;
    const { base } = options;
    if (this.current) {
      const files = await this.pool.readAll(this.current.files);
      return engine.load(
        { name: 'snapshot', files },
        { optimizer: true, baseModel: await this.below(files), base },
      );
    }
    const opened = await this.sourceOf(source);
    if (opened.kind !== 'files' || !(optimizer || baseModel)) return engine.createModel(opened, options);
    const below = baseModel ? await this.sourceOf(baseModel) : undefined;
    return engine.load({ name, files: opened.files }, { optimizer, baseModel: below, base });
  }

  /** The model that an adapter belongs to, where these files are one alone. */
  async below(files: Record<string, unknown>): Promise<ModelSource | undefined> {
    const { source, baseModel } = this.birth;
    return isAdapterAlone(files) ? this.sourceOf(baseModel ?? source) : undefined;
  }

  private async sourceOf(source: Source): Promise<ModelSource> {
    return source.kind === 'random'
      ? source
      : { kind: 'files', files: await this.pool.readAll(source.files) };
  }

  async snapshot(files: Record<string, Bytes>, about: Omit<Snapshot, 'files'>): Promise<void> {
    const before = this.needs;
    const next: Snapshot = { ...about, files: await this.pool.put(files) };
    await this.disk.replace(join(this.path, 'snapshot.json'), Buffer.from(JSON.stringify(next)));
    this.current = next;
    // From here on the journal's beginning is history. Killed before this line, it is passed over when it is read.
    await this.journal.keep((bytes) => isOperationAfter(readRecord(bytes), next.seq));
    for (const manifest of before) await this.collect(manifest);
  }

  async noteFailure(seq: number, { error, category }: Failure): Promise<void> {
    await this.journal.append(failureBytes({ seq, error, category }));
  }

  async remove(): Promise<void> {
    const before = this.needs;
    await this.disk.remove(this.path);
    for (const manifest of before) await this.collect(manifest);
  }
}

const isOperationAfter = (
  record: JournalRecord,
  seq: number,
): record is Extract<JournalRecord, { kind: 'operation' }> =>
  record.kind === 'operation' && record.numbered.seq > seq;

async function readJson<T>(disk: Disk, path: string): Promise<T | null> {
  const bytes = await disk.read(path);
  return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as T);
}
