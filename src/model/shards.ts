/**
 * @file A checkpoint's weights as one set of tensors, whether they lie in model.safetensors or in several
 * files that model.safetensors.index.json lists; and the other way, how tensors are dealt out to files of
 * limited size.
 */

import { type ByteSource, readText } from './bytes';
import { InvalidSafetensorsError, MissingFileError, MissingTensorError } from './errors';
import { isJsonObject } from './fields';
import { sizeOf } from './parameters';
import { openSafetensors, type Safetensors, type TensorInfo } from './safetensors';
import { bytesPerNumber, type TensorEntry, type WriteDtype } from './safetensors-write';

export const SINGLE_FILE = 'model.safetensors';
export const INDEX_FILE = 'model.safetensors.index.json';

/** The tensors of a checkpoint, each with the file that it lies in. */
export interface Weights {
  tensors: Map<string, TensorInfo & { file: string }>;
  read(name: string): Promise<Float32Array>;
  readRaw(name: string): Promise<ArrayBuffer>;
}

export async function openWeights(files: ReadonlyMap<string, ByteSource>): Promise<Weights> {
  const single = files.get(SINGLE_FILE);
  if (single) return join(new Map([[SINGLE_FILE, await openSafetensors(single, SINGLE_FILE)]]));
  const index = files.get(INDEX_FILE);
  if (!index) throw missingWeights(files);

  const placed = parseIndex(await readText(index));
  const opened = new Map<string, Safetensors>();
  for (const file of [...new Set(placed.values())].sort()) {
    const source = files.get(file);
    if (!source) {
      throw new MissingFileError(
        `${INDEX_FILE} lists ${file}, which is not there; add it to the checkpoint.`,
      );
    }
    opened.set(file, await openSafetensors(source, file));
  }
  for (const [name, file] of placed) {
    if (!opened.get(file)?.tensors.has(name)) {
      throw new MissingTensorError(
        `${INDEX_FILE} promises "${name}" in ${file}, which lacks it; take all files from one checkpoint.`,
      );
    }
  }
  return join(opened, placed);
}

function join(opened: Map<string, Safetensors>, placed?: Map<string, string>): Weights {
  const tensors: Weights['tensors'] = new Map();
  for (const [file, { tensors: own }] of opened) {
    for (const [name, info] of own) {
      if (!placed || placed.get(name) === file) tensors.set(name, { ...info, file });
    }
  }
  const holder = (name: string): Safetensors => {
    const found = opened.get(tensors.get(name)?.file ?? '');
    if (!found) throw new MissingTensorError(`The checkpoint has no tensor "${name}"; use a complete one.`);
    return found;
  };
  return {
    tensors,
    read: async (name) => holder(name).read(name),
    readRaw: async (name) => holder(name).readRaw(name),
  };
}

/** Names of the files that an index lists. */
export const shardsIn = (index: string | null): string[] => [...new Set(parseIndex(index).values())].sort();

function parseIndex(text: string | null): Map<string, string> {
  let json: unknown;
  try {
    json = JSON.parse(text ?? '');
  } catch {
    json = null;
  }
  const placed = isJsonObject(json) ? json.weight_map : undefined;
  if (!isJsonObject(placed) || !Object.values(placed).every((file) => typeof file === 'string')) {
    throw new InvalidSafetensorsError(
      `${INDEX_FILE} must be JSON whose weight_map names a file for each tensor; download it again.`,
    );
  }
  return new Map(Object.entries(placed as Record<string, string>));
}

function missingWeights(files: ReadonlyMap<string, ByteSource>): MissingFileError {
  const pickled = pickleAmong(files.keys());
  return new MissingFileError(
    pickled
      ? `The checkpoint has ${pickled}, a pickle, which may run code; use its safetensors version.`
      : `The checkpoint has neither ${SINGLE_FILE} nor ${INDEX_FILE}; add its weights.`,
  );
}

/** May run code when it is opened: where there is nothing else, a model is refused for it. */
export const pickleAmong = (names: Iterable<string>): string | undefined =>
  [...names].find((name) => /^pytorch_model.*\.bin(\.index\.json)?$/.test(name));

export interface Shard {
  file: string;
  entries: TensorEntry[];
}

/** Deals tensors out in order, each whole; one that is larger than the limit gets a file of its own. */
export function planShards(entries: readonly TensorEntry[], dtype: WriteDtype, maxBytes: number): Shard[] {
  const groups: TensorEntry[][] = [];
  let room = 0;
  for (const entry of entries) {
    const bytes = sizeOf(entry.shape) * bytesPerNumber(dtype);
    if (groups.length === 0 || bytes > room) {
      groups.push([]);
      room = maxBytes;
    }
    groups.at(-1)?.push(entry);
    room -= bytes;
  }
  const number = (n: number) => String(n).padStart(5, '0');
  return groups.map((group, i) => ({
    file:
      groups.length === 1 ? SINGLE_FILE : `model-${number(i + 1)}-of-${number(groups.length)}.safetensors`,
    entries: group,
  }));
}

export function shardIndex(shards: readonly Shard[], dtype: WriteDtype): string {
  const entries = shards.flatMap((shard) => shard.entries);
  const totalSize = entries.reduce((sum, { shape }) => sum + sizeOf(shape) * bytesPerNumber(dtype), 0);
  const placed = shards.flatMap(({ file, entries }) => entries.map(({ name }) => [name, file] as const));
  const weightMap = Object.fromEntries(placed.sort(([a], [b]) => (a < b ? -1 : 1)));
  return `${JSON.stringify({ metadata: { total_size: totalSize }, weight_map: weightMap }, null, 2)}\n`;
}
