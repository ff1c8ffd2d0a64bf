/**
 * @file The two 16-bit floats that checkpoints are kept in, from and to float32. Reading is exact; writing
 * rounds to the nearest, ties to even, subnormals included, as PyTorch does it. Both work on whole arrays of
 * bits, because a model has a hundred million of them.
 */

const floats = new Float32Array(1);
const bits = new Uint32Array(floats.buffer);

/** bfloat16 is the upper half of a float32. */
export function floatsFromBfloat16(source: Uint16Array): Float32Array {
  const target = new Float32Array(source.length);
  const targetBits = new Uint32Array(target.buffer);
  for (let i = 0; i < source.length; i++) targetBits[i] = source[i]! << 16;
  return target;
}

export function bfloat16FromFloats(source: Float32Array): Uint16Array<ArrayBuffer> {
  const sourceBits = new Uint32Array(source.buffer, source.byteOffset, source.length);
  const target = new Uint16Array(source.length);
  for (let i = 0; i < source.length; i++) target[i] = roundToBfloat16(sourceBits[i]!);
  return target;
}

function roundToBfloat16(x: number): number {
  const notANumber = (x & 0x7fffffff) > 0x7f800000;
  if (notANumber) return (x >>> 16) | 0x40; // rounding could turn a NaN into an infinity
  const lastKept = (x >>> 16) & 1;
  return (x + 0x7fff + lastKept) >>> 16;
}

/** All 65536 values of float16, made when first needed: reading one is then a look-up. */
let float16Table: Float32Array | undefined;

export function floatsFromFloat16(source: Uint16Array): Float32Array {
  float16Table ??= Float32Array.from({ length: 0x10000 }, (_, half) => floatFromFloat16(half));
  const target = new Float32Array(source.length);
  for (let i = 0; i < source.length; i++) target[i] = float16Table[source[i]!]!;
  return target;
}

function floatFromFloat16(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

export function float16FromFloats(source: Float32Array): Uint16Array<ArrayBuffer> {
  const target = new Uint16Array(source.length);
  for (let i = 0; i < source.length; i++) target[i] = roundToFloat16(source[i]!);
  return target;
}

function roundToFloat16(value: number): number {
  floats[0] = value;
  const x = bits[0]!;
  const sign = (x >>> 16) & 0x8000;
  const magnitude = x & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // 65520 and above round to infinity
  if (magnitude < 0x38800000) {
    // Below 2^-14 a half is a whole number of 2^-24. Adding 2^23 of them (0.5) puts that number into the last
    // bits of a float32, and the addition itself rounds to nearest even.
    floats[0] = Math.abs(value) + 0.5;
    return sign | (bits[0]! - 0x3f000000);
  }
  const lastKept = (magnitude >>> 13) & 1;
  return sign | ((magnitude - 0x38000000 + 0xfff + lastKept) >>> 13);
}
