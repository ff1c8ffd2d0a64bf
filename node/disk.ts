/**
 * @file The few things that a node does with its disk, each so that a crash in its middle leaves either the old or the new. An interface,
 * so that a test can fill the disk.
 */

import { promises as fs } from 'node:fs';
import { dirname } from 'node:path';

export interface Disk {
  read(path: string): Promise<Uint8Array | null>;
  /** Beside it first, then in its place. */
  replace(path: string, bytes: Uint8Array): Promise<void>;
  /** Returns once the bytes would survive a power cut; a failure leaves the file at `length` bytes. */
  append(path: string, length: number, bytes: Uint8Array): Promise<void>;
  /** At an offset, which makes the file if it is not there. */
  write(path: string, offset: number, bytes: Uint8Array): Promise<void>;
  move(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  list(folder: string): Promise<string[]>;
  makeFolder(path: string): Promise<void>;
  size(path: string): Promise<{ bytes: number; age: number } | null>;
}

const orNull = (error: NodeJS.ErrnoException) => {
  if (error.code === 'ENOENT') return null;
  throw error;
};

export const nodeDisk: Disk = {
  read: (path) => fs.readFile(path).catch(orNull),
  async replace(path, bytes) {
    const next = `${path}.new`;
    await writeThrough(next, 'w', async (file) => void (await file.writeFile(bytes)));
    await nodeDisk.move(next, path);
  },
  append: (path, length, bytes) =>
    writeThrough(path, 'a', async (file) => {
      try {
        await file.writeFile(bytes);
      } catch (error) {
        await file.truncate(length).catch(() => {}); // what is there of it is recognised as damaged anyway
        throw error;
      }
    }),
  write: (path, offset, bytes) =>
    writeThrough(path, 'r+', async (file) => {
      for (let at = 0; at < bytes.length; )
        at += (await file.write(bytes, at, bytes.length - at, offset + at)).bytesWritten;
    }),
  async move(from, to) {
    await fs.rename(from, to);
    const folder = await fs.open(dirname(to), 'r');
    await folder.sync().finally(() => folder.close());
  },
  remove: (path) => fs.rm(path, { recursive: true, force: true }),
  list: async (folder) => (await fs.readdir(folder).catch(orNull)) ?? [],
  makeFolder: async (path) => void (await fs.mkdir(path, { recursive: true, mode: 0o700 })),
  size: async (path) => {
    const stat = await fs.stat(path).catch(orNull);
    return stat && { bytes: stat.size, age: Date.now() - stat.mtimeMs };
  },
};

async function writeThrough(
  path: string,
  flags: string,
  write: (file: fs.FileHandle) => Promise<void>,
): Promise<void> {
  const file = await fs.open(path, flags, 0o600).catch((error: NodeJS.ErrnoException) => {
    if (flags === 'r+' && error.code === 'ENOENT') return fs.open(path, 'w+', 0o600);
    throw error;
  });
  try {
    await write(file);
    await file.datasync();
  } finally {
    await file.close();
  }
}
