/** @file How much one request may ask for, whoever answers it in the end: this node's engine, or the server behind it. */

import type { WireSampleRequest } from '../src/engine/remote/wire/sampling';
import type { TrainingRequest } from '../src/engine/remote/wire/training';
import type { Limits } from './limits';
import { Refusal } from './refusal';

export function boundBatch({ data }: Pick<TrainingRequest, 'data'>, limits: Limits): void {
  const tokens = data.reduce((sum, datum) => sum + datum.tokens.length, 0);
  if (data.length <= limits.data && tokens <= limits.batchTokens) return;
  throw new Refusal(
    413,
    `A batch may have ${limits.data} sequences and ${limits.batchTokens} tokens here, not ${data.length} and ${tokens}.`,
  );
}

type Sampling = Pick<WireSampleRequest, 'samples' | 'maxTokens'> & { prompts: { length: number } };

export function boundSampling({ prompts, samples, maxTokens }: Sampling, limits: Limits): void {
  const count = prompts.length * samples;
  if (count <= limits.sequences && count * maxTokens <= limits.sampledTokens) return;
  throw new Refusal(
    413,
    `A request may ask for ${limits.sequences} completions and ${limits.sampledTokens} tokens here, not ${count} and ${count * maxTokens}.`,
  );
}
