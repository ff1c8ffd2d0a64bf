/**
 * @file Lists of numbers on the wire: little-endian bytes with the name of their type. We keep integers in 32 bits, which is plenty for
 * token ids; what does not fit is refused.
 */

import { InvalidRequestError } from '../../errors';

export type Numbers = Float32Array | Int32Array;

/** The numbers of the enum DType. */
export const dtypes = { float32: 1, int64: 2, int32: 3 } as const;
export type Dtype = keyof typeof dtypes;

export function dtypeOf(number: number, what: string): Dtype {
  for (const [name, value] of Object.entries(dtypes)) if (value === number) return name as Dtype;
  throw new InvalidRequestError(`${what} has the type ${number}: float32, int64 and int32 can be read.`);
}

export const bytesOfNumbers = (values: Numbers): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

/** Integers of 64 bits, as tokens to be predicted are sent. */
export function widened(values: Int32Array): Uint8Array {
  const wide = new Int32Array(values.length * 2);
  values.forEach((value, i) => {
    wide[2 * i] = value;
    wide[2 * i + 1] = value < 0 ? -1 : 0;
  });
  return bytesOfNumbers(wide);
}

export function numbersFrom(bytes: Uint8Array, dtype: Dtype, what: string): Numbers {
  const size = dtype === 'int64' ? 8 : 4;
  if (bytes.length % size !== 0)
    throw new InvalidRequestError(`${what} has ${bytes.length} bytes, which is no whole number of ${dtype}.`);
  const { buffer } = new Uint8Array(bytes); // aligned, which a Buffer of Node is not, nor is its slice()
  if (dtype === 'float32') return new Float32Array(buffer);
  const words = new Int32Array(buffer);
  if (dtype === 'int32') return words;
  return Int32Array.from({ length: words.length / 2 }, (_, i) => {
    const [low, high] = [words[2 * i], words[2 * i + 1]];
    if (high !== (low < 0 ? -1 : 0))
      throw new InvalidRequestError(`${what} has a number that does not fit into 32 bits.`);
    return low;
  });
}

export const int32From = (bytes: Uint8Array, what: string) => numbersFrom(bytes, 'int32', what) as Int32Array;
export const float32From = (bytes: Uint8Array, what: string) =>
  numbersFrom(bytes, 'float32', what) as Float32Array;
