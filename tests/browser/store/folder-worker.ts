/** Writes into folders of models as a download does, one order at a time: only a worker may. */
import { expose } from 'comlink';
import type { Appender } from '../../../src/model/hub/cache';
import { ModelFolders } from '../../../src/store/model-folders';

const folders = new ModelFolders();
let open: Appender | null = null;

/** Browsers hold a bucket to its quota, but not the files that are written in place there: so it is said in their stead. */
declare const FileSystemSyncAccessHandle: { prototype: { write(): number } };

const writer = {
  fillDisk: () => {
    FileSystemSyncAccessHandle.prototype.write = () => {
      throw new DOMException('No space', 'QuotaExceededError');
    };
  },
  begin: (folder: string, note: unknown) => folders.begin(folder, note),
  open: async (folder: string, name: string) => {
    open = await folders.cache(folder).append(name);
  },
  write: async (bytes: Uint8Array<ArrayBuffer>) => open?.write(bytes),
  close: async () => open?.close(),
  seal: (folder: string, name: string) => folders.cache(folder).seal(name),
};
export type FolderWriter = typeof writer;

expose(writer);
