/**
 * @file Frozen weights in few bits. Each row of a matrix is cut into blocks of 32 numbers, and a block is one
 * float32 scale and 32 whole numbers of 8 or 4 bits: w = scale * (code - 128) or scale * (code - 8). The number
 * of the block that is farthest from zero is exact, which spends every code, and makes a scale negative where
 * that number is above zero. Codes lie as onnxruntime's MatMulNBits reads them, of 4 bits two in a byte, the
 * earlier one in the lower half.
 */

import { isAdapters } from './adapter';
import type { BuiltShape } from './build';
import { type Parameter, parameterCount } from './parameters';

export const BLOCK = 32;
export type Bits = 4 | 8;

export interface Quantized {
  codes: Uint8Array<ArrayBuffer>;
  scales: Float32Array<ArrayBuffer>;
}

/**
 * How many bits a parameter is held in; null: as it is. Norms and biases are small; the embedding and the head,
 * which every word's meaning hangs on, stay at 8 bits; a row that does not divide into blocks stays whole.
 */
export function bitsOf({ name, shape }: Parameter, { base = 'float32' }: BuiltShape): Bits | null {
  const [, width] = shape;
  if (
    base === 'float32' ||
    base === 'float16' ||
    isAdapters(name) ||
    width === undefined ||
    width % BLOCK !== 0
  )
    return null;
  return base === 'int4' && name.startsWith('layers.') ? 4 : 8;
}

/** Parameters: 1 GiB of float32. */
const UNPACKED_AT_MOST = 2 ** 28;

/**
 * Whether a decode call of several tokens makes the weights whole once. A processor's kernel for few bits would
 * make them whole for every token, which takes several times longer; a model too large for that has to bear it.
 */
export const isUnpackedForCalls = (shape: BuiltShape): boolean =>
  (shape.base ?? 'float32') !== 'float32' && parameterCount(shape) <= UNPACKED_AT_MOST;

/** Bytes of codes and scales. */
export const quantizedBytes = (size: number, bits: Bits): number => (size * bits) / 8 + (size / BLOCK) * 4;

export function quantize(values: Float32Array, bits: Bits): Quantized {
  const middle = 2 ** (bits - 1);
  const scales = new Float32Array(values.length / BLOCK);
  const codes = new Uint8Array((values.length * bits) / 8);
  for (let block = 0; block < scales.length; block++) {
    const start = block * BLOCK;
    const scale = Math.fround(-farthest(values, start) / middle);
    scales[block] = scale;
    const inverse = scale === 0 ? 0 : 1 / scale;
    for (let i = start; i < start + BLOCK; i++) {
      const code = Math.min(
        2 * middle - 1,
        Math.max(0, Math.round((values[i] as number) * inverse) + middle),
      );
      if (bits === 8) codes[i] = code;
      else (codes[i >> 1] as number) |= code << (4 * (i & 1));
    }
  }
  return { codes, scales };
}

/** The number of a block with the greatest magnitude, with its sign. */
function farthest(values: Float32Array, start: number): number {
  let found = 0;
  for (let i = start; i < start + BLOCK; i++) {
    const value = values[i] as number;
    if (Math.abs(value) > Math.abs(found)) found = value;
  }
  return found;
}

export function dequantize({ codes, scales }: Quantized, bits: Bits): Float32Array {
  const middle = 2 ** (bits - 1);
  return Float32Array.from({ length: scales.length * BLOCK }, (_, i) => {
    const code = bits === 8 ? (codes[i] as number) : ((codes[i >> 1] as number) >> (4 * (i & 1))) & 15;
    return (code - middle) * (scales[Math.floor(i / BLOCK)] as number);
  });
}
