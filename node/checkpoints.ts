/**
 * @file Checkpoints that clients have asked for by name: a small list of files each, whose contents are in the pool. What a path means
 * is looked up here and is never a path on the disk.
 */

import { join } from 'node:path';
import type { Bytes } from '../src/engine/engine';
import { InvalidRequestError } from '../src/engine/errors';
import type { Disk } from './disk';
import type { FilePool, Manifest } from './file-pool';
import { Refusal } from './refusal';

export type CheckpointKind = 'weights' | 'sampler_weights';

/** What a model is to be made from before a checkpoint is loaded into it. */
export interface Below {
  base: string;
  /** Of its adapter; 0 for none. */
  rank: number;
}

export interface Checkpoint {
  model: string;
  below: Below;
  kind: CheckpointKind;
  name: string;
  at: number;
  files: Manifest;
}

const pathPattern = /^tinker:\/\/([a-z0-9-]{1,64})\/(weights|sampler_weights)\/([A-Za-z0-9_-]{1,64})$/;

export const isCheckpointName = (name: string): boolean => /^[A-Za-z0-9_-]{1,64}$/.test(name);

export class Checkpoints {
  private readonly all = new Map<string, Checkpoint>();

  private constructor(
    private readonly disk: Disk,
    private readonly folder: string,
    private readonly pool: FilePool,
  ) {}

  static async open(disk: Disk, folder: string, pool: FilePool): Promise<Checkpoints> {
    const checkpoints = new Checkpoints(disk, folder, pool);
    await disk.makeFolder(folder);
    for (const file of await disk.list(folder)) {
      const text = file.endsWith('.json') && (await disk.read(join(folder, file)));
      if (!text) continue;
      const checkpoint: Checkpoint = JSON.parse(new TextDecoder().decode(text));
      checkpoint.below ??= { base: checkpoint.model, rank: 0 }; // written before it was kept
      checkpoints.all.set(pathOf(checkpoint), checkpoint);
    }
    return checkpoints;
  }

  async write(
    { model, below }: Pick<Checkpoint, 'model' | 'below'>,
    kind: CheckpointKind,
    name: string,
    files: Record<string, Bytes>,
  ): Promise<{ path: string; manifest: Manifest }> {
    const manifest = await this.pool.put(files);
    const checkpoint: Checkpoint = { model, below, kind, name, at: Date.now(), files: manifest };
    await this.disk.replace(this.fileOf(checkpoint), Buffer.from(JSON.stringify(checkpoint)));
    this.all.set(pathOf(checkpoint), checkpoint);
    return { path: pathOf(checkpoint), manifest };
  }

  get(path: string): Checkpoint {
    if (!pathPattern.test(path))
      throw new InvalidRequestError(
        `"${path.slice(0, 80)}" is no path of a checkpoint: it is like tinker://MODEL/weights/NAME.`,
      );
    const found = this.all.get(path);
    if (!found) throw new Refusal(404, `There is no checkpoint ${path}.`);
    return found;
  }

  files(path: string): Promise<Record<string, Uint8Array>> {
    return this.pool.readAll(this.get(path).files);
  }

  list(model?: string): Checkpoint[] {
    return [...this.all.values()].filter((each) => model === undefined || each.model === model);
  }

  async remove(path: string): Promise<void> {
    const found = this.get(path);
    this.all.delete(path);
    await this.disk.remove(this.fileOf(found));
  }

  private fileOf({ model, kind, name }: Checkpoint): string {
    return join(this.folder, `${model}.${kind}.${name}.json`);
  }
}

export const pathOf = ({ model, kind, name }: Pick<Checkpoint, 'model' | 'kind' | 'name'>): string =>
  `tinker://${model}/${kind}/${name}`;
