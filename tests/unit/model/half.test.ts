import { describe, expect, test } from 'vitest';
import {
  bfloat16FromFloats,
  float16FromFloats,
  floatsFromBfloat16,
  floatsFromFloat16,
} from '../../../src/model/half';

const all = Uint16Array.from({ length: 0x10000 }, (_, i) => i);
const formats = [
  { name: 'float16', read: floatsFromFloat16, write: float16FromFloats, infinity: 0x7c00, one: 0x3c00 },
  { name: 'bfloat16', read: floatsFromBfloat16, write: bfloat16FromFloats, infinity: 0x7f80, one: 0x3f80 },
];

const float32 = new Float32Array(1);
const float32Bits = new Int32Array(float32.buffer);

/** The float32 next to x, further from zero for a positive step. */
function neighbour(x: number, step: number): number {
  float32[0] = x;
  float32Bits[0]! += step;
  return float32[0]!;
}

describe.each(formats)('$name', ({ read, write, infinity, one }) => {
  test('every value is written back as it was read', () => {
    const floats = read(all);
    const bits = write(floats);
    for (const half of all) {
      if (Number.isNaN(floats[half]!))
        expect(Number.isNaN(read(bits.subarray(half, half + 1))[0])).toBe(true);
      else if (bits[half] !== half) expect(bits[half]).toBe(half);
    }
  });

  test('the known ones', () => {
    const at = (half: number) => read(Uint16Array.of(half))[0];
    expect(at(0)).toBe(0);
    expect(at(0x8000)).toBe(-0);
    expect(at(one)).toBe(1);
    expect(at(one | 0x8000)).toBe(-1);
    expect(at(infinity)).toBe(Number.POSITIVE_INFINITY);
    expect(at(infinity | 0x8000)).toBe(Number.NEGATIVE_INFINITY);
    expect(at(infinity + 1)).toBeNaN();
    expect([...read(Uint16Array.of(one + 1, one - 1))].map((x) => x - 1)).toEqual(
      one === 0x3c00 ? [2 ** -10, -(2 ** -11)] : [2 ** -7, -(2 ** -8)],
    );
  });

  test('values grow with their bits, from the smallest subnormal to infinity', () => {
    const floats = read(all);
    for (let half = 0; half < infinity; half++) {
      if (!(floats[half]! < floats[half + 1]!)) expect.fail(`${half} is not below ${half + 1}`);
      if (floats[half] !== -floats[half | 0x8000]!) expect.fail(`${half} has no opposite`);
    }
  });

  test('between two values the nearer one is written, and half-way the even one, on both sides of zero', () => {
    const floats = read(all);
    const middles: number[] = [];
    const wanted: number[] = [];
    for (let half = 0; half < infinity; half++) {
      const [low, high] = [floats[half]!, floats[half + 1]!];
      // Beyond the largest value lies, for rounding, the next power of two and not infinity.
      const middle =
        high === Number.POSITIVE_INFINITY ? low + (low - floats[half - 1]!) / 2 : (low + high) / 2;
      if (Math.fround(middle) !== middle) continue; // no float32 lies there (bfloat16's smallest)
      const even = half % 2 === 0 ? half : half + 1;
      for (const [value, result] of [
        [middle, even],
        [neighbour(middle, -1), half],
        [neighbour(middle, 1), half + 1],
      ] as const) {
        middles.push(value, -value);
        wanted.push(result, result | 0x8000);
      }
    }
    const written = write(Float32Array.from(middles));
    const wrong = wanted.findIndex((half, i) => written[i] !== half);
    if (wrong >= 0)
      expect(`${middles[wrong]} -> ${written[wrong]}`).toBe(`${middles[wrong]} -> ${wanted[wrong]}`);
    expect(middles.length).toBeGreaterThan(180_000);
  });

  test('the largest float32 becomes infinity, the smallest zero, NaN stays NaN', () => {
    const smallest = 2 ** -149;
    const extremes = Float32Array.of(3.4028234663852886e38, smallest, -smallest, Number.NaN);
    const [largest, tiny, minusTiny, nan] = read(write(extremes));
    expect([largest, tiny, minusTiny, nan]).toEqual([Number.POSITIVE_INFINITY, 0, -0, Number.NaN]);
  });
});
