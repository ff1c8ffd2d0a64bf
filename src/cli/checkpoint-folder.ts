/**
 * @file A checkpoint as a folder: what Hugging Face's tools read, the trainer's state, and zeroloop.json, which says what the weights
 * belong to. It is replaced whole: whoever looks at it, or is killed while it is written, finds the old one or the new one.
 */

import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CommandError } from './command';

/** What is in zeroloop.json. */
export interface Note {
  run: string;
  step: number;
  at: number;
  bytes: number;
  preset: string;
  config: unknown;
  /** Digest of the file of held-out tasks that the run is tested with; null without one. */
  heldOut: string | null;
}

export const noteFile = 'zeroloop.json';

export function writeFolder(
  folder: string,
  files: Readonly<Record<string, Uint8Array>>,
  note: Note,
): Promise<void> {
  const text = `${JSON.stringify(note, null, 2)}\n`;
  return replaceFolder(folder, { ...files, [noteFile]: new TextEncoder().encode(text) });
}

export async function replaceFolder(
  folder: string,
  files: Readonly<Record<string, Uint8Array>>,
): Promise<void> {
  const [next, old] = [`${folder}.new`, `${folder}.old`];
  await rm(next, { recursive: true, force: true });
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(next, name)), { recursive: true });
    await writeFile(join(next, name), bytes);
  }
  await rm(old, { recursive: true, force: true });
  if (await isThere(folder)) await rename(folder, old);
  await rename(next, folder);
  await rm(old, { recursive: true, force: true });
}

/** Whoever was killed between two names has left the old checkpoint under the other one. */
export async function recoverFolder(folder: string): Promise<void> {
  if (!(await isThere(folder)) && (await isThere(`${folder}.old`))) await rename(`${folder}.old`, folder);
  for (const rest of ['new', 'old']) await rm(`${folder}.${rest}`, { recursive: true, force: true });
}

/** All files of a checkpoint but its note. */
export async function readFolder(folder: string): Promise<Record<string, Uint8Array>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: Record<string, Uint8Array> = {};
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(join(folder, '/').length).split(/[\\/]/).join('/');
    if (name !== noteFile) files[name] = await readFile(path);
  }
  return files;
}

/** Null where there is none: the folder comes from elsewhere, or is none. */
export async function readNote(folder: string): Promise<Note | null> {
  const text = await readFile(join(folder, noteFile), 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return JSON.parse(text) as Note;
  } catch {
    throw new CommandError(`${join(folder, noteFile)} is not JSON: this folder is damaged, use another one.`);
  }
}

export async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}
