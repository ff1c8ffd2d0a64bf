/**
 * @file Reading .safetensors: eight bytes that say how long the header is, a JSON header that says which
 * tensor lies where, then the numbers. The header is somebody else's, so everything it claims is checked
 * before anything is read, as strictly as the reference implementation does; a tensor's bytes are only
 * fetched when asked for.
 */

import { type ByteSource, byteLength, decodeText, readBytes } from './bytes';
import { InvalidSafetensorsError, MissingTensorError, UnsupportedModelError } from './errors';
import { isJsonObject } from './fields';
import { floatsFromBfloat16, floatsFromFloat16 } from './half';

const BITS = {
  BOOL: 8,
  U8: 8,
  I8: 8,
  F8_E4M3: 8,
  F8_E5M2: 8,
  U16: 16,
  I16: 16,
  F16: 16,
  BF16: 16,
  U32: 32,
  I32: 32,
  F32: 32,
  U64: 64,
  I64: 64,
  F64: 64,
} as const;

export type Dtype = keyof typeof BITS;

export interface TensorInfo {
  dtype: Dtype;
  shape: number[];
  /** Where its bytes lie in the file. */
  start: number;
  end: number;
}

export interface Safetensors {
  metadata: Record<string, string>;
  tensors: Map<string, TensorInfo>;
  /** The tensor's numbers; F16, BF16 and F64 become float32. */
  read(name: string): Promise<Float32Array>;
  /** The tensor's bytes as they are in the file. */
  readRaw(name: string): Promise<ArrayBuffer>;
}

/** The reference implementation's own limit. */
const LARGEST_HEADER = 100_000_000;
const LENGTH_BYTES = 8;

export async function openSafetensors(source: ByteSource, file = 'model.safetensors'): Promise<Safetensors> {
  const { metadata, tensors } = await readHeader(source, file);
  const find = (name: string): TensorInfo => {
    const info = tensors.get(name);
    if (!info) {
      throw new MissingTensorError(
        `${file} has no tensor "${name}"; take all files from the same checkpoint.`,
      );
    }
    return info;
  };
  const readRaw = async (name: string) => {
    const { start, end } = find(name);
    const bytes = await readBytes(source, start, end);
    if (bytes.byteLength !== end - start) throw broken(file, `"${name}" could not be read to its end`);
    return bytes;
  };
  return {
    metadata,
    tensors,
    readRaw,
    read: async (name) => toFloats(await readRaw(name), find(name).dtype, `"${name}" in ${file}`),
  };
}

export function isReadable(dtype: Dtype): boolean {
  return dtype === 'F32' || dtype === 'F16' || dtype === 'BF16' || dtype === 'F64';
}

function toFloats(bytes: ArrayBuffer, dtype: Dtype, what: string): Float32Array {
  switch (dtype) {
    case 'F32':
      return new Float32Array(bytes);
    case 'F16':
      return floatsFromFloat16(new Uint16Array(bytes));
    case 'BF16':
      return floatsFromBfloat16(new Uint16Array(bytes));
    case 'F64':
      return new Float32Array(new Float64Array(bytes));
    default:
      throw new UnsupportedModelError(
        `${what} holds ${dtype} numbers; use a checkpoint in F32, F16 or BF16 (quantised ones are not read).`,
      );
  }
}

function broken(file: string, fault: string): InvalidSafetensorsError {
  return new InvalidSafetensorsError(`${file} is not a sound safetensors file: ${fault}; download it again.`);
}

async function readHeader(
  source: ByteSource,
  file: string,
): Promise<Pick<Safetensors, 'metadata' | 'tensors'>> {
  const fileSize = byteLength(source);
  if (fileSize < LENGTH_BYTES) throw broken(file, `it has only ${fileSize} bytes`);
  const headerSize = Number(new DataView(await readBytes(source, 0, LENGTH_BYTES)).getBigUint64(0, true));
  if (headerSize > LARGEST_HEADER) throw broken(file, `its header claims ${headerSize} bytes`);
  const dataStart = LENGTH_BYTES + headerSize;
  if (dataStart > fileSize) {
    throw broken(file, `its header claims ${headerSize} bytes but the file has ${fileSize}`);
  }
  const json = parseJson(await readBytes(source, LENGTH_BYTES, dataStart));
  if (!isJsonObject(json)) throw broken(file, 'its header is not a JSON object');

  const { __metadata__: metadata = {}, ...entries } = json;
  if (!isJsonObject(metadata) || !Object.values(metadata).every((value) => typeof value === 'string')) {
    throw broken(file, 'its metadata is not a table of texts');
  }
  const tensors = new Map<string, TensorInfo>();
  for (const [name, entry] of Object.entries(entries)) {
    tensors.set(name, checkEntry(name, entry, dataStart, file));
  }
  checkLayout(tensors, dataStart, fileSize, file);
  return { metadata: metadata as Record<string, string>, tensors };
}

function parseJson(bytes: ArrayBuffer): unknown {
  try {
    return JSON.parse(decodeText(bytes) ?? '');
  } catch {
    return undefined;
  }
}

function checkEntry(name: string, entry: unknown, dataStart: number, file: string): TensorInfo {
  if (!isJsonObject(entry)) throw broken(file, `its header says nothing about "${name}"`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string' || !Object.hasOwn(BITS, dtype)) {
    throw broken(file, `"${name}" has the unknown type ${JSON.stringify(dtype)}`);
  }
  if (!isListOfCounts(shape)) throw broken(file, `"${name}" has no proper shape`);
  if (!isListOfCounts(offsets) || offsets.length !== 2) throw broken(file, `"${name}" has no proper place`);
  const known = dtype as Dtype;
  const [start, end] = offsets as [number, number];
  const needed = shape.reduce((product, extent) => product * extent, BITS[known] / 8);
  if (end - start !== needed) {
    throw broken(file, `"${name}" of ${known} [${shape}] needs ${needed} bytes but is given ${end - start}`);
  }
  return { dtype: known, shape, start: dataStart + start, end: dataStart + end };
}

function isListOfCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

/** Tensors follow one another without a hole or an overlap, up to the very end of the file. */
function checkLayout(
  tensors: Map<string, TensorInfo>,
  dataStart: number,
  fileSize: number,
  file: string,
): void {
  let position = dataStart;
  const inOrder = [...tensors].sort(([, a], [, b]) => a.start - b.start || a.end - b.end);
  for (const [name, { start, end }] of inOrder) {
    if (start < position) throw broken(file, `"${name}" overlaps the tensor before it`);
    if (start > position) throw broken(file, `there is a hole of ${start - position} bytes before "${name}"`);
    position = end;
  }
  if (position > fileSize) {
    throw broken(file, `it is cut off after ${fileSize} of ${position} bytes`);
  }
  if (position < fileSize) throw broken(file, `${fileSize - position} bytes at its end belong to no tensor`);
}
