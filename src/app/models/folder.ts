/** @file Where in what somebody dropped is the model? Files come from a zip, a folder, or one by one; a model is a folder with a config.json. */

import type { Watch } from '../ui/zip';

/** A file that may be read, wherever it is. */
export interface FoundFile {
  /** With slashes, from the top of what was dropped. */
  path: string;
  size: number;
  read(watch?: Watch): Promise<Blob>;
}

/** What was dropped is no model. One sentence, or two. */
export class ImportError extends Error {
  override name = 'ImportError';
}

export interface ModelFolder {
  /** Of the folder; null at the top. */
  name: string | null;
  files: ReadonlyMap<string, FoundFile>;
}

/** The topmost folder that has a config.json. */
export function findModelFolder(found: readonly FoundFile[]): ModelFolder {
  const visible = found.filter(({ path }) => !path.split('/').some(isHidden));
  const configs = visible
    .filter(({ path }) => nameOf(path) === 'config.json')
    .map(({ path }) => folderOf(path));
  if (configs.length === 0) throw new ImportError(whyNone(visible));
  const least = Math.min(...configs.map(depth));
  const topmost = configs.filter((folder) => depth(folder) === least);
  if (topmost.length > 1) {
    throw new ImportError(
      `There are ${topmost.length} models in it (${topmost.join(', ')}): import one at a time.`,
    );
  }
  const [folder] = topmost;
  const files = visible
    .filter(({ path }) => folderOf(path) === folder)
    .map((file) => [nameOf(file.path), file] as const);
  return { name: folder === '' ? null : nameOf(folder), files: new Map(files) };
}

function whyNone(files: readonly FoundFile[]): string {
  const ending = (...endings: string[]) =>
    files.some(({ path }) => endings.some((end) => path.endsWith(end)));
  if (files.length === 0) return 'There are no files in it: choose a model’s folder, or a zip of it.';
  if (ending('.jsonl', '.jsonl.gz'))
    return 'This is the log of a run, and no model: import it where the runs are.';
  if (ending('.gguf'))
    return 'This is a GGUF file, which is not read here: choose the original model in safetensors.';
  if (ending('.safetensors', '.bin', '.pt', '.pth'))
    return 'There is no config.json beside the weights: choose the whole folder of the model.';
  return 'There is no config.json in it, so it is no model: choose a folder as Hugging Face has them, or a zip of it.';
}

const isHidden = (part: string) => part.startsWith('.') || part === '__MACOSX';
const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);
const folderOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('/')));
const depth = (folder: string) => (folder === '' ? 0 : folder.split('/').length);
