/**
 * @file Writing .safetensors. The header needs only names, shapes and a type, so it can be written before the
 * numbers are there, and the numbers can come off the GPU one tensor at a time.
 */

import { bfloat16FromFloats, float16FromFloats } from './half';
import { sizeOf } from './parameters';

export type WriteDtype = 'F32' | 'F16' | 'BF16';

export interface TensorEntry {
  name: string;
  shape: readonly number[];
}

export const bytesPerNumber = (dtype: WriteDtype): number => (dtype === 'F32' ? 4 : 2);

/** The file up to its first number, for tensors in this order; padded, so that they lie aligned. */
export function safetensorsHeader(
  entries: readonly TensorEntry[],
  dtype: WriteDtype,
  metadata: Record<string, string> = { format: 'pt' },
): Uint8Array<ArrayBuffer> {
  let offset = 0;
  const header: Record<string, unknown> = { __metadata__: metadata };
  for (const { name, shape } of entries) {
    const end = offset + sizeOf(shape) * bytesPerNumber(dtype);
    header[name] = { dtype, shape, data_offsets: [offset, end] };
    offset = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + padded).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(json, 8);
  return bytes;
}

/** The numbers as bytes of this type, rounded to nearest even; always a copy. */
export function encodeFloats(values: Float32Array, dtype: WriteDtype): Uint8Array<ArrayBuffer> {
  switch (dtype) {
    case 'F32':
      return new Uint8Array(values.slice().buffer);
    case 'F16':
      return new Uint8Array(float16FromFloats(values).buffer);
    case 'BF16':
      return new Uint8Array(bfloat16FromFloats(values).buffer);
    default:
      return dtype satisfies never;
  }
}

/** A whole file in memory, for what is small. */
export function writeSafetensors(
  tensors: Map<string, { shape: readonly number[]; values: Float32Array }>,
  dtype: WriteDtype = 'F32',
  metadata?: Record<string, string>,
): Uint8Array<ArrayBuffer> {
  const entries = [...tensors].map(([name, { shape }]) => ({ name, shape }));
  const chunks = [safetensorsHeader(entries, dtype, metadata)];
  for (const { values } of tensors.values()) chunks.push(encodeFloats(values, dtype));
  const file = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    file.set(chunk, offset);
    offset += chunk.length;
  }
  return file;
}
