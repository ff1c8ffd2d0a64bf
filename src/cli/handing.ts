/** @file Files handed into the page that a command drives, and fetched out of it: in pieces, as src/app/automation-files.ts takes them. */

import type { Page } from 'playwright';
import type { Bytes, ModelSource } from '../engine/engine';

const pieceSize = 2 ** 22;

/** One file of a folder there; it may be a stream, so that it need not fit into memory here. */
export async function handFile(
  page: Page,
  folder: string,
  file: string,
  bytes: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<void> {
  const parts = bytes instanceof Uint8Array ? slices(bytes) : bytes;
  let empty = true;
  for await (const part of parts) {
    await handPiece(page, folder, file, part);
    empty = false;
  }
  if (empty) await handPiece(page, folder, file, new Uint8Array());
}

export async function handFolder(
  page: Page,
  folder: string,
  files: Readonly<Record<string, Bytes>>,
): Promise<void> {
  for (const [name, file] of Object.entries(files)) {
    await handFile(page, folder, name, file instanceof Blob ? partsOf(file) : file);
  }
}

/** How the page is told of a model: plain data as it is, files ahead of it. */
export async function handModel(page: Page, source: ModelSource): Promise<ModelSource | 'handed'> {
  if (source.kind === 'random') return source;
  await handFolder(page, 'model', source.files);
  return 'handed';
}

/** All pieces of a file that `next` gives one by one. */
export async function fetchFile(next: () => Promise<string | null>): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  for (let piece = await next(); piece !== null; piece = await next())
    pieces.push(Buffer.from(piece, 'base64'));
  return new Uint8Array(Buffer.concat(pieces));
}

function* slices(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceSize) yield bytes.subarray(at, at + pieceSize);
}

/** A file that is too large for memory here goes as it is read. */
async function* partsOf(file: Blob): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.size; at += pieceSize)
    yield new Uint8Array(await file.slice(at, at + pieceSize).arrayBuffer());
}

async function handPiece(page: Page, folder: string, file: string, bytes: Uint8Array): Promise<void> {
  const piece = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  await page.evaluate(({ folder, file, piece }) => window.zeroloop.hand(folder, file, piece), {
    folder,
    file,
    piece,
  });
}
