/** @file Sampling from a Tinker server: one request for each prompt, a few at a time. */

import type { SamplingSettings } from '../../sampling-settings';
import { sequencesIn } from '../answers';
import { future, requestId } from '../remote-model';
import type { Transport } from '../transport';
import { type Sequence, sampleRequestToJson } from '../wire/sampling';

/** Requests under way at once: a browser has six connections to a server. */
const together = 4;

/** A client that comes back begins elsewhere. */
let nextRequest = 1 + Math.floor(Math.random() * 2 ** 30);

/** Hands out the completions of each prompt as they come. */
export async function sampleAll(
  transport: Transport,
  samplingSessionId: string,
  prompts: readonly Int32Array[],
  settings: SamplingSettings,
  found: (prompt: number, sequences: Sequence[]) => void | Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < prompts.length) {
      const index = next++;
      const seed = seedOf(settings.seed, index);
      const asked = { ...settings, seed, topK: Number.isFinite(settings.topK) ? settings.topK : null };
      const target = { kind: 'session', samplingSessionId } as const;
      const json = sampleRequestToJson({ ...asked, target, seqId: nextRequest++, prompts: [prompts[index]] });
      const post = () => transport.read({ path: 'api/v1/asample', body: { json }, signal }, requestId);
      await found(index, await future(transport, await post(), post, sequencesIn, signal));
    }
  };
  await Promise.all(Array.from({ length: together }, work));
}

/** Of 31 bits, and its own for each prompt: servers count samples up from it. */
function seedOf(seed: number, prompt: number): number {
  let hash = (seed ^ Math.floor(seed / 2 ** 32)) | 0;
  for (const part of [prompt, 0x9e3779b9]) hash = Math.imul(hash ^ (hash >>> 15) ^ part, 0x2c1b3c6d);
  return ((hash ^ (hash >>> 13)) >>> 1) & 0x7fffffff;
}
