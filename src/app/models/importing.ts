/** @file From what somebody dropped to a model that was looked at from all sides. Nothing is kept here. */

import { parseModelConfig } from '../../model/config';
import { wantedFiles } from '../../model/folder';
import { INDEX_FILE, pickleAmong, SINGLE_FILE, shardsIn } from '../../model/shards';
import type { Waiting } from '../state/waiting';
import { readZip } from '../ui/zip';
import { factsOf, type ModelFacts } from './facts';
import { type FoundFile, findModelFolder, ImportError, type ModelFolder } from './folder';

export interface ImportedModel {
  name: string;
  files: Record<string, Blob>;
  facts: ModelFacts;
}

/** `name` is that of the zip or the folder. Whatever is wrong is said with it. */
export async function readModel(
  dropped: readonly FoundFile[],
  name: string,
  { signal, tell }: Waiting,
): Promise<ImportedModel> {
  try {
    const folder = findModelFolder(await unzipped(dropped));
    await checkConfig(folder);
    const wanted = wantedFiles(folder.files.keys(), await shardsOf(folder));
    const found = wanted.flatMap((each) => folder.files.get(each) ?? []);
    const total = found.reduce((sum, { size }) => sum + size, 0);
    let done = 0;
    const files: Record<string, Blob> = {};
    for (const [index, file] of found.entries()) {
      files[wanted[index]] = await file.read({
        signal,
        onBytes: (bytes) => {
          done += bytes;
          tell(done / total, wanted[index]);
        },
      });
    }
    tell(null, 'checking');
    return { name: folder.name ?? name, files, facts: await factsOf(files) };
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ImportError(`${name} was not imported. ${(error as Error).message}`, { cause: error });
  }
}

async function unzipped(dropped: readonly FoundFile[]): Promise<readonly FoundFile[]> {
  const zips: Blob[] = [];
  for (const file of dropped)
    if (/\.zip$/i.test(file.path) || dropped.length === 1) zips.push(...(await asZip(file)));
  if (zips.length === 0) return dropped;
  if (zips.length === 1 && dropped.length === 1) return readZip(zips[0]);
  throw new ImportError('There is a zip among other files: import one zip, or one folder, at a time.');
}

/** By its first bytes, since a zip may have any name. */
async function asZip(file: FoundFile): Promise<Blob[]> {
  const blob = await file.read();
  const head = new TextDecoder('latin1').decode(await blob.slice(0, 2).arrayBuffer());
  return head === 'PK' || /\.zip$/i.test(file.path) ? [blob] : [];
}

/** What can be told before the weights are unpacked, which may take a while. */
async function checkConfig({ files }: ModelFolder): Promise<void> {
  const text = await (await files.get('config.json')?.read())?.text();
  let json: unknown;
  try {
    json = JSON.parse(text ?? '');
  } catch {
    throw new ImportError('Its config.json is not JSON: download it again.');
  }
  parseModelConfig(json);
  const pickle = pickleAmong(files.keys());
  if (pickle && !files.has(SINGLE_FILE) && !files.has(INDEX_FILE)) {
    throw new ImportError(
      `Its weights are a pickle (${pickle}), which may run code: choose its safetensors version.`,
    );
  }
}

/** Null if there is no index, or none is needed. */
async function shardsOf({ files }: ModelFolder): Promise<string[] | null> {
  const index = files.get(INDEX_FILE);
  if (!index || files.has(SINGLE_FILE)) return null;
  return shardsIn(await (await index.read()).text());
}
