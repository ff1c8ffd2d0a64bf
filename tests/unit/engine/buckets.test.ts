import { describe, expect, it } from 'vitest';
import { lengthBucket, rowBucket } from '../../../src/engine/ort/buckets';

describe('buckets', () => {
  it.each([
    [1, 16],
    [16, 16],
    [17, 24],
    [24, 24],
    [25, 32],
    [33, 48],
    [49, 64],
    [96, 96],
    [97, 128],
    [1025, 1536],
    [4096, 4096],
  ])('a length of %d goes into %d', (length, bucket) => {
    expect(lengthBucket(length)).toBe(bucket);
  });

  it('waste at most a third of a length, and are few', () => {
    const buckets = new Set<number>();
    for (let length = 1; length <= 4096; length++) {
      const bucket = lengthBucket(length);
      buckets.add(bucket);
      expect(bucket).toBeGreaterThanOrEqual(length);
      expect(lengthBucket(bucket)).toBe(bucket);
      if (length > 16) expect((bucket - length) / bucket).toBeLessThan(1 / 3);
    }
    expect(buckets.size).toBe(17);
  });

  it.each([
    [0, 1],
    [1, 1],
    [2, 2],
    [3, 4],
    [4, 4],
    [5, 8],
    [64, 64],
    [65, 128],
  ])('%d rows go into %d', (rows, bucket) => {
    expect(rowBucket(rows)).toBe(bucket);
  });
});
