/**
 * @file Caps the memory of a WebAssembly program. Python asks for memory until it gets none, and its own MemoryError is the
 * only clean end of a program that wants too much; the maximum stands in the module itself, so it is changed there.
 */

const pageSize = 65_536;
const memorySection = 5;
const hasMaximum = 1;

/** A copy of `wasm` whose only memory grows to `bytes` at most (or to its own maximum, if that is less). */
export function withMemoryLimit(wasm: Uint8Array, bytes: number): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(wasm);
  let at = 8; // behind magic number and version
  while (at < copy.length) {
    const section = copy[at];
    const size = readNumber(copy, at + 1);
    if (section !== memorySection) {
      at = size.end + size.value;
      continue;
    }
    const count = readNumber(copy, size.end);
    const minimum = readNumber(copy, count.end + 1);
    const maximum = readNumber(copy, minimum.end);
    if (count.value !== 1 || copy[count.end] !== hasMaximum) break;
    const pages = Math.floor(bytes / pageSize);
    if (pages < minimum.value) {
      throw new RangeError(
        `A memory limit of ${bytes} bytes is less than the ${minimum.value * pageSize} bytes that Python starts with.`,
      );
    }
    writeNumber(copy, minimum.end, maximum.end, Math.min(pages, maximum.value));
    return copy;
  }
  throw new Error('This WebAssembly module has no memory of its own with a maximum to lower.');
}

/** An unsigned LEB128 number, and where it ends. */
function readNumber(bytes: Uint8Array, start: number): { value: number; end: number } {
  let value = 0;
  for (let end = start, shift = 0; ; shift += 7) {
    const byte = bytes[end++];
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return { value, end };
  }
}

/** Padded to the length of the number that it replaces, so that nothing behind it moves. */
function writeNumber(bytes: Uint8Array, start: number, end: number, value: number): void {
  for (let at = start; at < end; at++) {
    bytes[at] = (value & 0x7f) | (at < end - 1 ? 0x80 : 0);
    value = Math.floor(value / 128);
  }
}
