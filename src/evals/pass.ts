/**
 * @file How good a model is at tasks, and how sure one can be of it. pass@k is the chance that one of k answers is right. A figure
 * without an interval says little: on 30 tasks one more solved is 3 points.
 */

import { RandomStream } from '../model/random';

/**
 * The unbiased estimate from `n` answers of which `c` are right: the chance that k of them, drawn without replacement, hold a right
 * one, 1 - C(n-c, k) / C(n, k). As a product, since binomials overflow.
 */
export function passAtK(n: number, c: number, k: number): number {
  if (![n, c, k].every(Number.isInteger) || c < 0 || c > n || k < 1 || k > n) {
    throw new RangeError(`pass@${k} cannot be told from ${n} answers of which ${c} are right.`);
  }
  // Symmetric in c and k: whichever product is shorter. Where fewer than k are wrong, one of its factors is 0.
  const [few, many] = c < k ? [c, k] : [k, c];
  let none = 1;
  for (let i = 0; i < few; i++) none *= 1 - many / (n - i);
  return 1 - none;
}

export type Interval = [low: number, high: number];

/**
 * Wilson's score interval: the shares p from which `successes` of `trials` are no more than z deviations away. Unlike p ± z·s it
 * holds for few trials, and for none or all successes.
 */
export function wilson(successes: number, trials: number, z = 1.96): Interval {
  if (trials === 0) return [0, 1];
  const share = successes / trials;
  const squared = z * z;
  const centre = share + squared / (2 * trials);
  const half = z * Math.sqrt((share * (1 - share)) / trials + squared / (4 * trials * trials));
  const scale = 1 + squared / trials;
  // Rounding would leave a trace of the ends.
  const low = successes === 0 ? 0 : (centre - half) / scale;
  const high = successes === trials ? 1 : (centre + half) / scale;
  return [low, high];
}

const resamples = 2000;

/**
 * 95 % for the mean of what was measured at each task, where it was measured with several answers. Answers to one task are not
 * independent, so whole tasks are drawn again: a bootstrap with percentiles, the same for the same seed.
 */
export function interval(rates: readonly number[], seed: number): Interval {
  const count = rates.length;
  if (count === 0) return [0, 1];
  const random = new RandomStream(seed, 'bootstrap over tasks');
  let drawn = 0;
  const means = Float64Array.from({ length: resamples }, () => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += rates[Math.floor((random.at(drawn++) / 2 ** 32) * count)];
    return sum / count;
  }).sort();
  return [quantile(means, 0.025), quantile(means, 0.975)];
}

/** Between the two nearest, as numpy has it. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}
