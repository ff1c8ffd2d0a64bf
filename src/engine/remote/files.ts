/** @file The files of models on their way to a node and back: by their SHA-256, so that nothing is sent twice or arrives changed. */

import type { Bytes } from '../engine';
import type { Transport } from './transport';
import type { Body } from './wire/body';

export type Manifest = Record<string, { sha256: string; bytes: number }>;

const piece = 8 * 2 ** 20;

const hex = (bytes: ArrayBuffer): string =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');

async function sha256Of(bytes: Uint8Array): Promise<string> {
  return hex(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
}

/** Files do not change; large ones that are sent again and again, as a base model with each adapter, are read once. */
const sums = new WeakMap<Bytes, string>();

async function bytesOf(file: Bytes): Promise<Uint8Array> {
  return file instanceof Uint8Array ? file : new Uint8Array(await file.arrayBuffer());
}

async function sumOf(file: Bytes): Promise<string> {
  const sum = sums.get(file) ?? (await sha256Of(await bytesOf(file)));
  sums.set(file, sum);
  return sum;
}

export async function upload(
  transport: Transport,
  files: Record<string, Bytes>,
  signal?: AbortSignal,
): Promise<Manifest> {
  const manifest: Manifest = {};
  const contents = new Map<string, Bytes>();
  for (const [name, file] of Object.entries(files)) {
    const sha256 = await sumOf(file);
    manifest[name] = { sha256, bytes: file instanceof Uint8Array ? file.length : file.size };
    contents.set(sha256, file);
  }
  const answer = await transport.json(
    'api/v1/zeroloop/missing_files',
    { sha256: [...contents.keys()] },
    signal,
  );
  for (const sha256 of answer.list('missing') as string[]) {
    const file = contents.get(sha256);
    if (file) await send(transport, sha256, await bytesOf(file), signal);
  }
  return manifest;
}

async function send(
  transport: Transport,
  sha256: string,
  bytes: Uint8Array,
  signal?: AbortSignal,
): Promise<void> {
  for (let offset = 0; offset === 0 || offset < bytes.length; offset += piece) {
    const path = `api/v1/zeroloop/files/${sha256}?offset=${offset}&total=${bytes.length}`;
    const part = bytes.subarray(offset, offset + piece);
    await transport.read({ path, body: { type: 'application/octet-stream', bytes: part }, signal }, () => {});
  }
}

export async function download(transport: Transport, files: Body): Promise<Record<string, Uint8Array>> {
  const result: Record<string, Uint8Array> = {};
  for (const name of files.keys()) {
    const sha256 = files.object(name).text('sha256');
    result[name] = await transport.read(
      { method: 'GET', path: `api/v1/zeroloop/files/${sha256}` },
      async ({ bytes }) => {
        if ((await sha256Of(bytes)) !== sha256) throw new Error(`${name} arrived damaged`);
        return bytes;
      },
    );
  }
  return result;
}
