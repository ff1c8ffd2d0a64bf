/**
 * @file Few shapes instead of many: a model file has static shapes, and compiling one takes longer than padding.
 */

/** The smallest of 16, 24, 32, 48, 64, 96, ... that holds `length`: at most a third is padding. */
export function lengthBucket(length: number): number {
  let size = 16;
  while (size < length) size = Number.isInteger(Math.log2(size)) ? size * 1.5 : (size / 3) * 4;
  return size;
}

/** The next power of two. */
export const rowBucket = (rows: number): number => 2 ** Math.ceil(Math.log2(Math.max(1, rows)));
