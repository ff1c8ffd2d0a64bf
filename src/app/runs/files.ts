/**
 * @file What somebody dropped or chose, sorted: logs of runs, and a checkpoint from which one of them can go on. A zip is taken for
 * what is in it.
 */

import { trainerStateFile } from '../../model/folder';
import { type FoundFile, ImportError } from '../models/folder';
import { readZip, type Watch } from '../ui/zip';
import type { Weights } from './importing';

export interface Found {
  logs: FoundFile[];
  checkpoint: CheckpointFolder | null;
}

export interface CheckpointFolder {
  step: number;
  files: ReadonlyMap<string, FoundFile>;
}

/** Written beside a checkpoint by the command line: which step it is of. */
const noteFile = 'zeroloop.json';

/** Throws a sentence if there is nothing among them that can be imported here. */
export async function sortFiles(given: readonly FoundFile[]): Promise<Found> {
  const all = (await Promise.all(given.map(unzipped))).flat().filter(({ path }) => !isHidden(path));
  const states = all.filter(({ path }) => nameOf(path) === trainerStateFile);
  if (states.length > 1)
    throw new ImportError('There are several checkpoints in it: import one at a time, with its log.');
  const folder = states.length === 1 ? folderOf(states[0].path) : null;
  const rest = all.filter(({ path }) => folder === null || !isIn(folder, path) || isLog(path));
  const logs = rest.filter(({ path }) => isLog(path));
  // A single file may have any name: what is in it decides.
  if (logs.length === 0 && rest.length === 1 && all.length === 1) logs.push(rest[0]);
  if (logs.length === 0) throw new ImportError(whyNone(all, folder !== null));
  if (folder === null) return { logs, checkpoint: null };
  if (logs.length > 1)
    throw new ImportError(
      'A checkpoint belongs to one run, and there are several logs: import it with its own.',
    );
  return { logs, checkpoint: await checkpointIn(folder, all) };
}

async function unzipped(file: FoundFile): Promise<FoundFile[]> {
  if (!/\.zip$/i.test(file.path)) return [file];
  const top = file.path.replace(/\.zip$/i, '');
  return (await readZip(await file.read())).map((entry) => ({ ...entry, path: `${top}/${entry.path}` }));
}

async function checkpointIn(folder: string, all: readonly FoundFile[]): Promise<CheckpointFolder> {
  const start = folder === '' ? 0 : folder.length + 1;
  const files = new Map(
    all
      .filter(({ path }) => isIn(folder, path) && !isLog(path))
      .map((file) => [file.path.slice(start), file] as const),
  );
  const note = files.get(noteFile);
  const step = note ? await stepOf(note) : stepIn(folder);
  if (step === null) {
    throw new ImportError(
      `Nobody can tell which step this checkpoint is of: keep ${noteFile} beside it, or "step-20" in the name of its folder or zip.`,
    );
  }
  files.delete(noteFile);
  return { step, files };
}

async function stepOf(note: FoundFile): Promise<number | null> {
  try {
    const { step } = JSON.parse(await (await note.read()).text()) as { step?: unknown };
    return typeof step === 'number' && Number.isInteger(step) && step >= 0 ? step : null;
  } catch {
    return null;
  }
}

/** "zeroloop-swift-otter-step-20-with-optimizer" */
function stepIn(folder: string): number | null {
  const found = [...folder.matchAll(/step[-_ ]?(\d{1,9})/gi)].at(-1);
  return found ? Number(found[1]) : null;
}

export async function readWeights({ step, files }: CheckpointFolder, watch: Watch): Promise<Weights> {
  const read: Weights['files'] = {};
  for (const [name, file] of files) {
    watch.signal?.throwIfAborted();
    read[name] = new Uint8Array(await (await file.read(watch)).arrayBuffer());
  }
  return { step, files: read };
}

function whyNone(files: readonly FoundFile[], hasState: boolean): string {
  if (files.length === 0)
    return 'There are no files in it: choose the log of a run, a .jsonl or .jsonl.gz file.';
  if (hasState)
    return 'This is a checkpoint without the log of its run: drop both together, or import it as a model under Models.';
  if (files.some(({ path }) => /\.(safetensors|gguf)$|(^|\/)config\.json$/i.test(path)))
    return 'This is a model, and not the log of a run: import it under Models.';
  return 'There is no log of a run among these files: choose a .jsonl or .jsonl.gz file.';
}

const isLog = (path: string) => /\.jsonl(\.gz)?$/i.test(path);
const isHidden = (path: string) =>
  path.split('/').some((part) => part.startsWith('.') || part === '__MACOSX');
const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);
const folderOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('/')));
const isIn = (folder: string, path: string) => folder === '' || path.startsWith(`${folder}/`);
