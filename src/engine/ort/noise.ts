/**
 * @file Random numbers that depend on what they are for, not on when they are drawn.
 *
 * A token's noise is a hash of (seed, prompt, sample, position, token id). So a completion comes out the same whether
 * it was sampled alone, in a batch, or after others, and nothing random has to be stored or kept in order. The GPU
 * kernel in kernels.ts computes the same function.
 */

/** A mixing function of 32 bits in which every input bit moves every output bit (Wellons' lowbias32). */
export function mix(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/** The key of one random stream among many: order matters, equal numbers do not cancel. */
export function streamKey(seed: number, ...path: number[]): number {
  let key = mix(mix(seed | 0) ^ Math.floor(seed / 2 ** 32)); // seeds beyond 32 bits count too
  for (const part of path) key = mix((key + 0x9e3779b9 + part) | 0);
  return key;
}

/**
 * A standard Gumbel number: -log of an exponential one, which is -log(1 - w) of a uniform w. Small w are resolved to
 * 2^-33, so rare tokens keep their chance.
 */
export function gumbel(key: number, index: number): number {
  const bits = mix((key ^ Math.imul(index + 1, 0x9e3779b9)) | 0);
  const w = Math.min((bits + 0.5) * 2 ** -32, 0.99999994);
  return -fastLog(w < 1e-3 ? w + 0.5 * w * w : -fastLog(1 - w));
}

// ---- A logarithm for noise -------------------------------------------------------------------------------------------

/**
 * Sampling on a processor draws a number for every token of the vocabulary at every step, with two logarithms each: a
 * quarter of its time with Math.log. A float is 2^e (1 + m); e is read off its bits, and log(1 + m) from a table with a
 * straight line between neighbours, which is within 3e-8.
 */
const TABLE_BITS = 11;
const REST_BITS = 23 - TABLE_BITS;
const table = Float64Array.from({ length: 2 ** TABLE_BITS + 1 }, (_, i) => Math.log1p(i / 2 ** TABLE_BITS));
const asFloat = new Float32Array(1);
const asBits = new Uint32Array(asFloat.buffer);

/** The natural logarithm of a positive number that is normal in float32. */
export function fastLog(x: number): number {
  asFloat[0] = x;
  const bits = asBits[0];
  const place = (bits >>> REST_BITS) & (2 ** TABLE_BITS - 1);
  const rest = (bits & (2 ** REST_BITS - 1)) * 2 ** -REST_BITS;
  const low = table[place];
  return ((bits >>> 23) - 127) * Math.LN2 + low + (table[place + 1] - low) * rest;
}
