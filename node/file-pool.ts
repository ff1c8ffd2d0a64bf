/**
 * @file The files of models, by what is in them: a file's name on the disk is the SHA-256 of its bytes, so that a path never comes from a
 * request, a file that is there is not sent again, and what was received is what was sent.
 */

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Bytes } from '../src/engine/engine';
import { InvalidRequestError } from '../src/engine/errors';
import { Serial } from '../src/engine/queues';
import type { Disk } from './disk';
import { Refusal } from './refusal';

/** The files of a model by their names in its folder. */
export type Manifest = Record<string, { sha256: string; bytes: number }>;

export const isSha256 = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

/** Files are written in pieces of this size. */
const piece = 16 * 2 ** 20;

export class FilePool {
  /** Uploads of the same file wait for each other. */
  private readonly writing = new Map<string, Serial>();

  constructor(
    private readonly disk: Disk,
    private readonly folder: string,
    private readonly largest: number,
  ) {}

  private pathOf(sha256: string): string {
    if (!isSha256(sha256))
      throw new InvalidRequestError('A file is named by the 64 hexadecimal digits of its SHA-256.');
    return join(this.folder, sha256);
  }

  async has(sha256: string): Promise<boolean> {
    return (await this.disk.size(this.pathOf(sha256))) !== null;
  }

  async read(sha256: string): Promise<Uint8Array> {
    const bytes = await this.disk.read(this.pathOf(sha256));
    if (!bytes) throw new Refusal(404, `There is no file ${sha256.slice(0, 12)} here: upload it first.`);
    return bytes;
  }

  async readAll(manifest: Manifest): Promise<Record<string, Uint8Array>> {
    const files = Object.entries(manifest).map(
      async ([name, { sha256 }]) => [name, await this.read(sha256)] as const,
    );
    return Object.fromEntries(await Promise.all(files));
  }

  async put(files: Record<string, Bytes>): Promise<Manifest> {
    const manifest: Manifest = {};
    for (const [name, file] of Object.entries(files)) manifest[name] = await this.putFile(file);
    return manifest;
  }

  private async putFile(file: Bytes): Promise<Manifest[string]> {
    const blob = file instanceof Uint8Array ? new Blob([file as Uint8Array<ArrayBuffer>]) : file;
    const hash = createHash('sha256');
    const pieceAt = async (at: number) => new Uint8Array(await blob.slice(at, at + piece).arrayBuffer());
    for (let at = 0; at < blob.size; at += piece) hash.update(await pieceAt(at));
    const sha256 = hash.digest('hex');
    const path = this.pathOf(sha256);
    await this.exclusive(sha256, async () => {
      if (await this.disk.size(path)) return;
      const next = `${path}.new`;
      await this.disk.remove(next);
      await this.disk.write(next, 0, new Uint8Array());
      for (let at = 0; at < blob.size; at += piece) await this.disk.write(next, at, await pieceAt(at));
      await this.disk.move(next, path);
    });
    return { sha256, bytes: blob.size };
  }

  /** One piece of an upload. The piece that makes it whole also has it checked. Sent twice, it is the same as once. */
  async receive(
    sha256: string,
    total: number,
    offset: number,
    bytes: Uint8Array,
  ): Promise<{ complete: boolean }> {
    const path = this.pathOf(sha256);
    if (total > this.largest)
      throw new Refusal(413, `A file may have ${this.largest} bytes here, this one has ${total}.`);
    if (offset + bytes.length > total)
      throw new InvalidRequestError(
        `A piece ends at ${offset + bytes.length}, but the file has ${total} bytes.`,
      );
    return this.exclusive(sha256, async () => {
      if (await this.disk.size(path)) return { complete: true };
      const part = `${path}.part`;
      const there = (await this.disk.size(part))?.bytes ?? 0;
      if (offset > there)
        throw new Refusal(409, `The pieces of a file come in order: ${there} bytes are here, not ${offset}.`);
      await this.disk.write(part, offset, bytes);
      if (Math.max(there, offset + bytes.length) < total) return { complete: false };
      const found = createHash('sha256')
        .update((await this.disk.read(part)) ?? '')
        .digest('hex');
      if (found !== sha256) {
        await this.disk.remove(part);
        throw new Refusal(
          409,
          'What was received is not the file that was announced: upload it again from its beginning.',
        );
      }
      await this.disk.move(part, path);
      return { complete: true };
    });
  }

  /** Removes what nothing refers to: at once where it is named, otherwise when it is old. */
  async sweep(used: ReadonlySet<string>, named: Iterable<string>, age: number): Promise<void> {
    for (const sha256 of named) if (!used.has(sha256)) await this.disk.remove(this.pathOf(sha256));
    for (const name of await this.disk.list(this.folder)) {
      if (used.has(name)) continue;
      const path = join(this.folder, name);
      if (((await this.disk.size(path))?.age ?? 0) > age) await this.disk.remove(path);
    }
  }

  private async exclusive<T>(sha256: string, job: () => Promise<T>): Promise<T> {
    let queue = this.writing.get(sha256);
    if (!queue) {
      queue = new Serial();
      this.writing.set(sha256, queue);
    }
    return queue.run(job);
  }
}
