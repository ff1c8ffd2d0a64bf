/** @file What a sampling request asks for with all its defaults, or the one sentence that says why a model cannot do it. */

import type { ModelConfig } from '../model/config';
import type { SampleRequest } from './engine';
import { InvalidRequestError } from './errors';

export type SamplingSettings = Required<Omit<SampleRequest, 'model' | 'prompts' | 'staleness'>>;

export function samplingSettings(request: SampleRequest, config: ModelConfig): SamplingSettings {
  const { prompts, samples, maxTokens, seed } = request;
  const settings: SamplingSettings = {
    temperature: request.temperature ?? 1,
    topK: request.topK ?? Infinity,
    topP: request.topP ?? 1,
    stop: request.stop ?? config.eosTokenIds,
    samples,
    maxTokens,
    seed,
  };
  const refuse = (what: string): never => {
    throw new InvalidRequestError(what);
  };
  const atLeast = (name: string, value: number, least: number) => {
    if (!Number.isInteger(value) || value < least)
      refuse(`${name} must be a whole number of at least ${least}, not ${value}.`);
  };
  atLeast('samples', samples, 1);
  atLeast('maxTokens', maxTokens, 1);
  if (!Number.isSafeInteger(seed)) refuse(`seed must be a whole number, not ${seed}.`);
  if (settings.topK !== Infinity) atLeast('topK', settings.topK, 1);
  if (!(settings.temperature >= 0)) refuse(`temperature must be at least 0, not ${settings.temperature}.`);
  if (!(settings.topP > 0 && settings.topP <= 1))
    refuse(`topP must be above 0 and at most 1, not ${settings.topP}.`);
  if (prompts.length === 0) refuse('There are no prompts: give at least one.');
  prompts.forEach((prompt, i) => {
    if (prompt.length === 0) refuse(`Prompt ${i} is empty: start it with at least one token.`);
    const room = config.maxPositions - prompt.length;
    if (maxTokens > room) {
      refuse(
        `Prompt ${i} has ${prompt.length} tokens and asks for ${maxTokens} more, but this model reads at most ${config.maxPositions}.`,
      );
    }
    const bad = prompt.find((id) => !(id >= 0 && id < config.vocabSize));
    if (bad !== undefined)
      refuse(`Prompt ${i} has the token id ${bad}, outside the vocabulary of ${config.vocabSize}.`);
  });
  return settings;
}
