/** Records come back from JSON as they were. */
import { expect, it } from 'vitest';
import { parse, stringify } from '../../../src/store/json';

const back = (value: unknown) => parse(stringify(value));

it.each([
  ['numbers JSON has no words for', [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0]],
  ['numbers at the edges', [5e-324, 1.7976931348623157e308, 2 ** 53 - 1, 0.1 + 0.2]],
  ['large integers', { state: 0xfedcba9876543210n }],
  [
    'typed arrays',
    [Int32Array.of(-1, 2 ** 31 - 1), Float32Array.of(0.1, Number.NaN, -0), Uint8Array.of(0, 255)],
  ],
  ['views of larger buffers', new Float32Array([1, 2, 3, 4]).subarray(1, 3)],
  ['objects that have the sign itself', { $: 'Int32Array', value: { $: 'x', deep: [{ $: 1 }] } }],
  ['texts', ['\u0000', '\ud83d', '🐍', '\u2028', '"\\']],
  ['names that objects have', JSON.parse('{"__proto__": {"$": 1}, "constructor": 2}')],
])('%s', (_, value) => {
  expect(back(value)).toEqual(value);
});

it('an array of more than an argument list can hold', () => {
  const long = Int32Array.from({ length: 300_000 }, (_, index) => index * 7919);
  expect(back(long)).toEqual(long);
});

it('what has no form is refused, not lost', () => {
  expect(() => stringify({ seen: new Map() })).toThrow(/Map cannot be written/);
  expect(() => stringify(new BigInt64Array(1))).toThrow(/BigInt64Array cannot be written/);
});
