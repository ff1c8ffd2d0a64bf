/**
 * Sampling noise: the right distribution, from the seed and the place alone.
 */
import { describe, expect, it } from 'vitest';
import { openNodeDevice } from '../../../src/engine/ort/node';
import { gumbel, mix, streamKey } from '../../../src/engine/ort/noise';

const DRAWS = 1_000_000;
const mean = (x: Float64Array) => x.reduce((a, b) => a + b, 0) / x.length;

describe('a million Gumbel numbers', () => {
  // Along the tokens of one position, along the positions of one token, along the samples of one prompt.
  const streams: [string, (i: number) => number][] = [
    ['along the vocabulary', (i) => gumbel(streamKey(7, 0, 0), i)],
    ['along positions', (i) => gumbel(mix((streamKey(7, 0, 0) + i) | 0), 3)],
    ['along samples', (i) => gumbel(streamKey(7, 0, i), 3)],
    ['along seeds', (i) => gumbel(streamKey(i, 0, 0), 3)],
  ];
  describe.each(streams)('%s', (_, at) => {
    const draws = Float64Array.from({ length: DRAWS }, (_, i) => at(i));

    it('have the mean and the variance of the distribution', () => {
      const center = mean(draws);
      const variance = mean(draws.map((x) => (x - center) ** 2));
      expect(Math.abs(center - 0.577_215_66)).toBeLessThan(0.005); // four standard errors
      expect(Math.abs(variance - Math.PI ** 2 / 6)).toBeLessThan(0.015);
    });

    it('are as many below each level as exp(-exp(-x)) says', () => {
      for (const level of [-2, -1, 0, 1, 2, 4, 6, 8]) {
        const p = Math.exp(-Math.exp(-level));
        const below = draws.reduce((count, x) => count + (x < level ? 1 : 0), 0) / DRAWS;
        expect(Math.abs(below - p), `below ${level}`).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / DRAWS));
      }
    });

    it('are finite, and no two neighbours know of each other', () => {
      expect(draws.every(Number.isFinite)).toBe(true);
      const center = mean(draws);
      for (const lag of [1, 2, 64]) {
        let product = 0;
        for (let i = lag; i < DRAWS; i++) product += (draws[i] - center) * (draws[i - lag] - center);
        expect(Math.abs(product / DRAWS / (Math.PI ** 2 / 6)), `lag ${lag}`).toBeLessThan(0.005);
      }
    });
  });
});

it('the largest and the smallest that there can be are finite', () => {
  const goldenRatio = 0x9e3779b9; // what the first index turns into: the key can cancel it
  const withHash = (bits: number) => gumbel(unmix(bits) ^ goldenRatio, 0);
  expect(withHash(0)).toBeCloseTo(Math.log(2 ** 33), 5); // half a step above nothing
  expect(withHash(0xffffffff)).toBeCloseTo(-Math.log(-Math.log(1 - 0.999_999_94)), 5);
  expect(Math.fround(withHash(0xffffffff))).toBeLessThan(-2.8);
});

/** The inverse of `mix`. */
function unmix(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x43021123);
  x = Math.imul(x ^ (x >>> 15) ^ (x >>> 30), 0x1d69e2a5);
  return (x ^ (x >>> 16)) >>> 0;
}

it('the most probable token after noise is a sample of the softmax', () => {
  const logits = [2, 1, 0, -1, -3, 1.5, 0.3, -0.5];
  const temperature = 0.7;
  const sum = logits.reduce((total, x) => total + Math.exp(x / temperature), 0);
  const counts = new Array<number>(logits.length).fill(0);
  const samples = 200_000;
  for (let i = 0; i < samples; i++) {
    const key = mix((streamKey(3, i % 10, Math.floor(i / 100)) + (i % 100)) | 0);
    const noisy = logits.map((x, token) => x + temperature * gumbel(key, token));
    counts[noisy.indexOf(Math.max(...noisy))]++;
  }
  const chiSquare = logits.reduce((total, x, token) => {
    const expected = (samples * Math.exp(x / temperature)) / sum;
    return total + (counts[token] - expected) ** 2 / expected;
  }, 0);
  expect(chiSquare).toBeLessThan(24.3); // seven degrees of freedom: one in a thousand is larger
});

describe('what noise depends on', () => {
  it('is its own row and temperature, not the batch that the row is in', async () => {
    const device = await openNodeDevice(1);
    const noise = async (keys: number[], temperature = 1) => {
      const block = device.allocate('float32', keys.length * 16);
      device.noise(block, Uint32Array.from(keys), 16, temperature);
      return [...(await device.read(block))].map(Number);
    };
    const together = await noise([11, 22, 33]);
    expect(together.slice(16, 32)).toEqual(await noise([22]));
    expect(together).toEqual([...(await noise([11])), ...(await noise([22, 33]))]);
    expect(await noise([22], 0)).toEqual(new Array(16).fill(0));
    (await noise([22], 0.5)).forEach((x, i) => {
      expect(x).toBeCloseTo(together[16 + i] / 2, 6);
    });
    await device.close();
  });

  it('is every part of the path, and the order of the parts', () => {
    const keys = [
      streamKey(1),
      streamKey(1, 0),
      streamKey(1, 0, 0),
      streamKey(1, 0, 1),
      streamKey(1, 1, 0),
      streamKey(1, 1, 1),
      streamKey(0, 1, 1),
      streamKey(2, 0, 0),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(streamKey(1, 2, 3)).toBe(streamKey(1, 2, 3));
  });

  it('is all of a seed, beyond 32 bits and below zero', () => {
    const seeds = [
      0,
      1,
      -1,
      2 ** 31,
      2 ** 32,
      2 ** 32 + 1,
      2 ** 33,
      -(2 ** 32),
      2 ** 52,
      Number.MAX_SAFE_INTEGER,
    ];
    expect(new Set(seeds.map((seed) => streamKey(seed, 0, 0))).size).toBe(seeds.length);
  });

  it('almost never is the same for two of many prompts, samples and seeds', () => {
    const keys = new Set<number>();
    for (let seed = 0; seed < 10; seed++) {
      for (let prompt = 0; prompt < 100; prompt++) {
        for (let sample = 0; sample < 64; sample++) keys.add(streamKey(seed, prompt, sample));
      }
    }
    expect(keys.size).toBeGreaterThan(64_000 - 5); // of 2^32 keys, chance alone makes half a pair coincide
  });
});

it('the mixing function is the published one', () => {
  // lowbias32 by Chris Wellons, in exact arithmetic.
  const exact = (x: bigint) => {
    const u32 = (y: bigint) => BigInt.asUintN(32, y);
    let y = u32(x);
    y = u32((y ^ (y >> 16n)) * 0x7feb352dn);
    y = u32((y ^ (y >> 15n)) * 0x846ca68bn);
    return Number(y ^ (y >> 16n));
  };
  for (const x of [0, 1, 2, 12_345, 2 ** 31, 2 ** 32 - 1]) {
    expect(mix(x)).toBe(exact(BigInt(x)));
    expect(unmix(mix(x)), 'and no two numbers have the same').toBe(x);
  }
});
