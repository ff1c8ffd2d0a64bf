/** @file The files of a checkpoint as one .tar.gz, a file at a time. */

import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { Manifest } from './file-pool';

export function archiveOf(
  files: Manifest,
  read: (sha256: string) => Promise<Uint8Array>,
): AsyncIterable<Uint8Array> {
  async function* tar() {
    for (const [name, { sha256 }] of Object.entries(files)) {
      const bytes = await read(sha256);
      yield header(name, bytes.length);
      yield bytes;
      yield new Uint8Array((512 - (bytes.length % 512)) % 512);
    }
    yield new Uint8Array(1024);
  }
  // Numbers of a model hardly shrink: speed is worth more.
  return Readable.from(tar()).pipe(createGzip({ level: 1 }));
}

/** Of the ustar format: fields at fixed places, numbers in octal, and a sum over all of it. */
function header(name: string, size: number): Uint8Array {
  const block = Buffer.alloc(512);
  const put = (text: string, at: number, length: number) => block.write(text, at, length);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  put(name, 0, 100);
  put(octal(0o644, 7), 100, 8);
  put(octal(0, 7), 108, 8);
  put(octal(0, 7), 116, 8);
  put(octal(size, 11), 124, 12);
  put(octal(0, 11), 136, 12);
  put('        0', 148, 9);
  put('ustar\x0000', 257, 8);
  put(
    `${octal(
      block.reduce((sum, byte) => sum + byte, 0),
      6,
    )} `,
    148,
    8,
  );
  return block;
}
