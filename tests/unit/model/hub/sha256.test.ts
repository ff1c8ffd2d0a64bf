/** SHA-256 piece by piece, against OpenSSL's. */
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { Sha256 } from '../../../../src/model/hub/sha256';

const openssl = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const noise = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 2654435761) >>> 13);

function inPieces(bytes: Uint8Array, size: number): string {
  const hash = new Sha256();
  for (let at = 0; at < bytes.length; at += size) hash.add(bytes.subarray(at, at + size));
  return hash.hex();
}

it.each([0, 1, 55, 56, 63, 64, 65, 119, 120, 127, 128, 1000])('of %d bytes', (length) => {
  expect(inPieces(noise(length), 7)).toBe(openssl(noise(length)));
});

it.each([1, 63, 64, 65, 4096, 1e6])('in pieces of %d, however they are cut', (size) => {
  const bytes = noise(100_003);
  expect(inPieces(bytes, size)).toBe(openssl(bytes));
});
