/**
 * @file A file on the Hub, read in parts as if it lay here. Its beginning is fetched in one piece and remembered, because the header of a
 * safetensors file is read in two steps and would cost two round trips.
 */

import { decodeText, type Sliced } from '../bytes';
import type { HubClient, Pinned } from './client';
import { HubAnswerError } from './errors';
import type { HubFile } from './files';

const beginning = 2 ** 16;

export class RemoteFile implements Sliced {
  readonly size: number;
  private first: Promise<Uint8Array> | undefined;

  constructor(
    private readonly client: HubClient,
    private readonly model: Pinned,
    private readonly file: HubFile,
    private readonly signal?: AbortSignal,
  ) {
    this.size = file.size;
  }

  slice(start: number, end: number) {
    return {
      arrayBuffer: async () => new Uint8Array(await this.bytes(start, Math.min(end, this.size))).buffer,
    };
  }

  async text(): Promise<string> {
    const text = decodeText(await this.slice(0, this.size).arrayBuffer());
    if (text !== null) return text;
    throw new HubAnswerError(`${this.file.name} of ${this.model.id} is no text: choose another revision.`);
  }

  private async bytes(start: number, end: number): Promise<Uint8Array> {
    const { client, model, file, signal, size } = this;
    if (start >= end) return new Uint8Array();
    if (end > beginning) return client.read(model, file, start, end, signal);
    this.first ??= client.read(model, file, 0, Math.min(beginning, size), signal);
    return (await this.first).subarray(start, end);
  }
}
