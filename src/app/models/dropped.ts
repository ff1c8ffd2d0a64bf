/** @file Files from a person's disk: dropped as a folder, a zip or one by one, or chosen with a button. */

import type { FoundFile } from './folder';

export interface Dropped {
  name: string;
  files: Promise<FoundFile[]>;
}

const found = (file: File, path: string): FoundFile => ({ path, size: file.size, read: async () => file });

/** Null where no files were dropped. To be called while the event is handled: afterwards browsers take it all away. */
export function droppedFiles({ items, files }: DataTransfer): Dropped | null {
  const entries = [...items].flatMap((item) => (item.kind === 'file' ? (item.webkitGetAsEntry() ?? []) : []));
  const [first] = entries;
  if (!first) return files.length > 0 ? chosenFiles(files) : null;
  return { name: title(entries.length === 1 ? first.name : 'model'), files: gather(entries) };
}

/** Of an <input>: with `webkitdirectory` each file says where in its folder it is. */
export function chosenFiles(files: FileList): Dropped | null {
  const all = [...files];
  const [first] = all;
  if (!first) return null;
  const folder = first.webkitRelativePath.split('/', 1)[0];
  return {
    name: title(folder || (all.length === 1 ? first.name : 'model')),
    files: Promise.resolve(all.map((file) => found(file, file.webkitRelativePath || file.name))),
  };
}

async function gather(entries: readonly FileSystemEntry[]): Promise<FoundFile[]> {
  const all: FoundFile[] = [];
  for (const entry of entries) {
    if (isFile(entry)) {
      const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
      all.push(found(file, entry.fullPath.replace(/^\//, '')));
    } else if (isFolder(entry)) all.push(...(await gather(await childrenOf(entry))));
  }
  return all;
}

/** Browsers tell a hundred at a time. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return all;
    all.push(...some);
  }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;
const title = (name: string) => name.replace(/\.zip$/i, '');
