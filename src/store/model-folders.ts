/**
 * @file Folders of models in the browser's own file system (OPFS). Weights of gigabytes are written there as they arrive, in place, and read
 * from there in parts; a database would have them twice. Only a worker may write, since only it is given files that it need not copy first.
 */

import type { Appender, FileCache } from '../model/hub/cache';
import { isQuota } from './database';
import { StoreError, StoreUnavailableError } from './errors';
import { ModelBusyError, NoRoomForModelError } from './model-errors';
import { storageUsage } from './storage';

/** What TypeScript's library has for workers only, or not yet. */
interface WritableFile {
  getSize(): number;
  write(bytes: Uint8Array<ArrayBuffer>, options: { at: number }): number;
  truncate(size: number): void;
  flush(): void;
  close(): void;
}
interface FileHandle extends FileSystemFileHandle {
  createSyncAccessHandle(): Promise<WritableFile>;
  move(name: string): Promise<void>;
}

/** Not whole yet, or not checked. */
const ending = '.part';
/** There while the folder is not done, with what it takes to go on. */
const noteFile = '.unfinished';

export class ModelFolders {
  constructor(
    private readonly root = () => navigator.storage.getDirectory(),
    private readonly top = 'models',
  ) {}

  /** Those that were begun and are not done, with the notes that `begin` left; null where one was cut off. */
  async unfinished(): Promise<{ folder: string; note: unknown; bytes: number }[]> {
    return explained(async () => {
      const found: { folder: string; note: unknown; bytes: number }[] = [];
      for await (const [folder, handle] of (await this.all()).entries()) {
        if (handle.kind !== 'directory') continue;
        const files = await filesIn(handle as FileSystemDirectoryHandle);
        const note = files.get(noteFile);
        if (!note) continue;
        files.delete(noteFile);
        const bytes = [...files.values()].reduce((sum, { size }) => sum + size, 0);
        found.push({ folder, note: parsed(await note.text()), bytes });
      }
      return found;
    });
  }

  /** Worker only. */
  async begin(folder: string, note: unknown): Promise<void> {
    await explained(async () => {
      const file = await openFile(await this.one(folder), noteFile);
      try {
        file.truncate(0);
        file.write(new TextEncoder().encode(JSON.stringify(note)), { at: 0 });
        file.flush();
      } finally {
        file.close();
      }
    });
  }

  async end(folder: string): Promise<void> {
    await explained(async () => (await this.one(folder)).removeEntry(noteFile));
  }

  /** Those that are whole and were checked; null where there is no such folder. */
  async files(folder: string): Promise<Record<string, File> | null> {
    return explained(async () => {
      const handle = await (await this.all()).getDirectoryHandle(folder).catch(ifMissing);
      if (handle === null) return null;
      const files = [...(await filesIn(handle))];
      return Object.fromEntries(files.filter(([name]) => name !== noteFile && !name.endsWith(ending)));
    });
  }

  async delete(folder: string): Promise<void> {
    await explained(async () => (await this.all()).removeEntry(folder, { recursive: true }).catch(ifMissing));
  }

  /** To write into, which only a worker may. */
  cache(folder: string): FileCache {
    const directory = () => this.one(folder);
    const file = async (name: string) =>
      (await (await directory()).getFileHandle(name).catch(ifMissing))?.getFile();
    return {
      state: (name) =>
        explained(async () => {
          const whole = await file(name);
          if (whole) return { bytes: whole.size, isChecked: true };
          return { bytes: (await file(name + ending))?.size ?? 0, isChecked: false };
        }),
      read: (name) => explained(async () => (await file(name)) ?? (await file(name + ending)) ?? new Blob()),
      append: (name) => explained(async () => appenderTo(await openFile(await directory(), name + ending))),
      seal: (name) =>
        explained(async () =>
          ((await (await directory()).getFileHandle(name + ending)) as FileHandle).move(name),
        ),
      forget: (name) =>
        explained(async () => {
          for (const each of [name, name + ending])
            await (await directory()).removeEntry(each).catch(ifMissing);
        }),
    };
  }

  private async all(): Promise<FileSystemDirectoryHandle> {
    return (await this.root()).getDirectoryHandle(this.top, { create: true });
  }

  private async one(folder: string): Promise<FileSystemDirectoryHandle> {
    return (await this.all()).getDirectoryHandle(folder, { create: true });
  }
}

function parsed(note: string): unknown {
  try {
    return JSON.parse(note);
  } catch {
    return null;
  }
}

/** A worker may be at work there: what is renamed between the two questions is left out. */
async function filesIn(directory: FileSystemDirectoryHandle): Promise<Map<string, File>> {
  const files = new Map<string, File>();
  for await (const [name, handle] of directory.entries()) {
    if (handle.kind !== 'file') continue;
    const file = await (handle as FileSystemFileHandle).getFile().catch(ifMissing);
    if (file) files.set(name, file);
  }
  return files;
}

async function openFile(directory: FileSystemDirectoryHandle, name: string): Promise<WritableFile> {
  const handle = await directory.getFileHandle(name, { create: true });
  return (handle as FileHandle).createSyncAccessHandle();
}

function appenderTo(file: WritableFile): Appender {
  let at = file.getSize();
  return {
    write: (bytes) =>
      explained(async () => {
        const written = file.write(bytes, { at });
        at += written;
        // Some browsers say by a smaller number that there is no room.
        if (written < bytes.length) throw new DOMException('', 'QuotaExceededError');
      }),
    close: async () => {
      file.flush();
      file.close();
    },
  };
}

function ifMissing(error: unknown): null {
  if (error instanceof DOMException && error.name === 'NotFoundError') return null;
  throw error;
}

async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isQuota(error)) throw new NoRoomForModelError(await storageUsage());
    if (error instanceof StoreError) throw error;
    if (error instanceof DOMException && error.name === 'NoModificationAllowedError')
      throw new ModelBusyError();
    const { message, name } = error as Error;
    throw new StoreUnavailableError(
      `This browser cannot keep models' files now (${message || name}): leave private mode, allow site data for this page, or free space on the disk, then try again.`,
      { cause: error },
    );
  }
}
