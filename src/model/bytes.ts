/**
 * @file Where bytes come from: memory, or a file of which only the parts asked for are read. And how many
 * they are, in words for a person.
 */

export type ByteSource = Uint8Array | Sliced;

/** A file of which parts can be asked for: a Blob is one, and so is a file on another machine. */
export interface Sliced {
  readonly size: number;
  slice(start: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

export const byteLength = (source: ByteSource): number =>
  source instanceof Uint8Array ? source.byteLength : source.size;

/** A fresh copy of these bytes, so that it is aligned for any typed array. */
export async function readBytes(source: ByteSource, start: number, end: number): Promise<ArrayBuffer> {
  if (source instanceof Uint8Array) return new Uint8Array(source.subarray(start, end)).buffer;
  return source.slice(start, end).arrayBuffer();
}

/** The text of a whole file; null where the bytes are not UTF-8. */
export async function readText(source: ByteSource): Promise<string | null> {
  return decodeText(await readBytes(source, 0, byteLength(source)));
}

export function decodeText(bytes: ArrayBuffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** "1.86 GiB", "12.0 MiB", "640 bytes": three digits, binary units, as browsers and GPUs count. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${units[unit]}`;
}
