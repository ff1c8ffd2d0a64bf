/**
 * @file Fetches a model from the Hub, file by file. It may end at any byte, by a pause, a closed page or a cut line, and goes on there; and
 * a file counts as here only when its sum is the one that the Hub has for it.
 */

import type { FileCache } from './cache';
import { type HubClient, isPassing } from './client';
import { DamagedDownloadError, HubConnectionError } from './errors';
import { gitSum, type HubFile } from './files';
import { type HubModel, isWeights } from './look';
import { Sha256 } from './sha256';

export interface Progress {
  /** Bytes that are here, of all files. */
  done: number;
  total: number;
  file: string;
  /** `checking`: what was here already is read again, for its sum. */
  phase: 'fetching' | 'checking' | 'waiting';
}

export interface DownloadOptions {
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
  /** Called when everything but the weights is here, so that a model may be refused before they come. */
  beforeWeights?: () => Promise<void>;
}

export async function download(
  client: HubClient,
  model: HubModel,
  cache: FileCache,
  { signal, onProgress = () => {}, beforeWeights }: DownloadOptions = {},
): Promise<void> {
  let before = 0;
  let isAsked = beforeWeights === undefined;
  for (const file of model.files) {
    if (!isAsked && isWeights(file)) {
      isAsked = true;
      await beforeWeights?.();
    }
    signal?.throwIfAborted();
    const base = before;
    const tell = (done: number, phase: Progress['phase']) =>
      onProgress({ done: base + done, total: model.bytes, file: file.name, phase });
    await fetchFile(client, model, file, cache, tell, signal);
    before += file.size;
  }
  onProgress({ done: model.bytes, total: model.bytes, file: '', phase: 'checking' });
}

type Tell = (done: number, phase: Progress['phase']) => void;

async function fetchFile(
  client: HubClient,
  model: HubModel,
  file: HubFile,
  cache: FileCache,
  tell: Tell,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { bytes, isChecked } = await cache.state(file.name);
  if (isChecked && bytes === file.size) return tell(file.size, 'checking');
  if (isChecked || bytes > file.size) await cache.forget(file.name); // of another time
  const sum = await SumSoFar.of(file, cache, tell, signal);
  for (let failures = 0; sum.length < file.size; ) {
    const start = sum.length;
    try {
      await append(client, model, file, cache, sum, tell, signal);
    } catch (error) {
      if (!isPassing(error)) throw error;
      // A line that brings something each time is a line.
      failures = sum.length > start ? 1 : failures + 1;
      if (failures >= client.attempts) throw error;
      tell(sum.length, 'waiting');
      await client.wait(failures, signal);
    }
  }
  await check(model, file, cache, sum);
}

/** From where it ends to where it should, or to where the line is cut. */
async function append(
  client: HubClient,
  model: HubModel,
  file: HubFile,
  cache: FileCache,
  sum: SumSoFar,
  tell: Tell,
  signal: AbortSignal | undefined,
): Promise<void> {
  const pieces = await client.open(model, file, { start: sum.length }, signal);
  const appender = await cache.append(file.name);
  try {
    for await (const piece of pieces) {
      const wanted = piece.subarray(0, file.size - sum.length) as Uint8Array<ArrayBuffer>;
      await appender.write(wanted);
      sum.add(wanted);
      tell(sum.length, 'fetching');
      if (sum.length === file.size) return;
    }
  } finally {
    await appender.close();
  }
  if (sum.length < file.size) {
    throw new HubConnectionError(
      `${file.name} of ${model.id} ended after ${sum.length} of ${file.size} bytes: check the network, then go on; what was fetched is kept.`,
    );
  }
}

async function check(model: HubModel, file: HubFile, cache: FileCache, sum: SumSoFar): Promise<void> {
  // An empty file has nothing to fetch, and is a file all the same.
  if (file.size === 0) await (await cache.append(file.name)).close();
  const found = file.sum.kind === 'git' ? await gitSum(await cache.read(file.name)) : sum.hex();
  if (found === file.sum.hex) return cache.seal(file.name);
  await cache.forget(file.name);
  throw new DamagedDownloadError(
    `${file.name} of ${model.id} is not what the Hub says that it is (its sum is ${found.slice(0, 8)}…, and should be ${file.sum.hex.slice(0, 8)}…): it was thrown away, fetch it again.`,
  );
}

/** The sum of what is here of a file. Only of large ones: small ones are summed up in the end. */
class SumSoFar {
  length = 0;
  private readonly hash: Sha256 | null;

  private constructor({ sum }: HubFile) {
    this.hash = sum.kind === 'sha256' ? new Sha256() : null;
  }

  static async of(file: HubFile, cache: FileCache, tell: Tell, signal?: AbortSignal): Promise<SumSoFar> {
    const sum = new SumSoFar(file);
    const { bytes } = await cache.state(file.name);
    if (bytes === 0) return sum;
    for await (const piece of (await cache.read(file.name)).stream()) {
      signal?.throwIfAborted();
      sum.add(piece);
      tell(sum.length, 'checking');
    }
    return sum;
  }

  add(bytes: Uint8Array): void {
    this.length += bytes.length;
    this.hash?.add(bytes);
  }

  hex(): string {
    return this.hash?.hex() ?? '';
  }
}
