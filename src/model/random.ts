/**
 * @file Random numbers that are the same on every machine: a counter-based generator (the n-th number is a
 * function of the key and n, so tensors can be filled in any order) and a normal deviate made of + - * / and
 * sqrt alone, which IEEE rounds the same everywhere, while Math.log and Math.cos may differ in the last bit
 * between browsers.
 */

/** A well-mixed 32-bit hash (Chris Wellons' triple32). */
function mix(x: number): number {
  x ^= x >>> 17;
  x = Math.imul(x, 0xed5ad4bb);
  x ^= x >>> 11;
  x = Math.imul(x, 0xac4c1b51);
  x ^= x >>> 15;
  x = Math.imul(x, 0x31848bab);
  return (x ^ (x >>> 14)) >>> 0;
}

/** FNV-1a: a name as a 32-bit number. */
function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** The random stream of this seed and name: `at(n)` is its n-th number, 0 <= at(n) < 2^32. */
export class RandomStream {
  private readonly low: number;
  private readonly high: number;

  constructor(seed: number, name: string) {
    this.low = mix((seed >>> 0) ^ hashName(name));
    this.high = mix((Math.floor(seed / 2 ** 32) >>> 0) ^ mix(this.low + 0x9e3779b9));
  }

  at(n: number): number {
    return mix(mix((n ^ this.low) >>> 0) ^ this.high ^ Math.floor(n / 2 ** 32));
  }

  /** A standard normal deviate: the inverse of the normal distribution at a point of (0, 1). */
  normal(n: number): number {
    return inverseNormal((this.at(n) + 0.5) / 2 ** 32);
  }
}

/** Peter Acklam's rational approximation of the inverse normal distribution, good to 1.2e-9 relative. */
function inverseNormal(p: number): number {
  if (p > 0.5) return -inverseNormal(1 - p);
  if (p >= 0.02425) {
    const q = p - 0.5;
    const r = q * q;
    const over =
      ((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r + 138.357751867269) * r -
        30.66479806614716) *
        r +
      2.506628277459239;
    const under =
      ((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r + 66.80131188771972) * r -
        13.28068155288572) *
        r +
      1;
    return (over / under) * q;
  }
  const t = Math.sqrt(-2 * naturalLog(p));
  const over =
    ((((-0.007784894002430293 * t - 0.3223964580411365) * t - 2.400758277161838) * t - 2.549732539343734) *
      t +
      4.374664141464968) *
      t +
    2.938163982698783;
  const under =
    (((0.007784695709041462 * t + 0.3224671290700398) * t + 2.445134137142996) * t + 3.754408661907416) * t +
    1;
  return over / under;
}

/** ln(x) for 0 < x < 1, from ln(x) = 2 artanh((x - 1) / (x + 1)) once x is scaled to [1/2, 1). */
function naturalLog(x: number): number {
  let halvings = 0;
  while (x < 0.5) {
    x *= 2;
    halvings++;
  }
  const s = (x - 1) / (x + 1);
  let sum = 0;
  for (let k = 33; k >= 1; k -= 2) sum = sum * s * s + 1 / k;
  return 2 * s * sum - halvings * Math.LN2;
}
