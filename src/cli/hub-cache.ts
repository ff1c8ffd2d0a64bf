/**
 * @file The command line's copies of models from the Hub: each a folder of its own, of Hugging Face's form, so that other programs can open
 * it too. What is not whole yet has an ending that says so.
 */

import { openAsBlob } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { publicHub } from '../model/hub/address';
import type { Appender, FileCache } from '../model/hub/cache';
import type { Pinned } from '../model/hub/client';

/** Of a file that is not whole, or was not checked. */
export const partEnding = '.part';

/** `ZEROLOOP_CACHE` names another place. */
export function folderOf({ endpoint, id, commit }: Pinned, cache = process.env.ZEROLOOP_CACHE): string {
  const top = cache || join(homedir(), '.cache', 'zeroloop');
  const host = endpoint === publicHub ? [] : [new URL(endpoint).host.replace(':', '_')];
  return join(top, 'hub', ...host, id.replace('/', '--'), commit);
}

export class FolderCache implements FileCache {
  constructor(readonly folder: string) {}

  async state(name: string) {
    const whole = await sizeOf(join(this.folder, name));
    if (whole !== null) return { bytes: whole, isChecked: true };
    return { bytes: (await sizeOf(this.part(name))) ?? 0, isChecked: false };
  }

  async read(name: string): Promise<Blob> {
    const { isChecked } = await this.state(name);
    return openAsBlob(isChecked ? join(this.folder, name) : this.part(name));
  }

  async append(name: string): Promise<Appender> {
    await mkdir(this.folder, { recursive: true });
    const file: FileHandle = await open(this.part(name), 'a');
    return {
      write: async (bytes) => {
        await file.write(bytes);
      },
      close: () => file.close(),
    };
  }

  async seal(name: string): Promise<void> {
    await rename(this.part(name), join(this.folder, name));
  }

  async forget(name: string): Promise<void> {
    for (const path of [join(this.folder, name), this.part(name)]) await rm(path, { force: true });
  }

  private part(name: string): string {
    return join(this.folder, name + partEnding);
  }
}

const sizeOf = (path: string) =>
  stat(path).then(
    ({ size }) => size,
    () => null,
  );
