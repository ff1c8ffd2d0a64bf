/** @file What a configuration asks of the engine: how to sample, what to minimise, and how large a step to take. */

import type { AdamParams, LossSpec, SampleRequest } from '../engine/engine';
import type { Role } from '../store/records';
import type { Config } from './config';
import { learningRate } from './schedule';

export type SamplingOptions = Pick<
  SampleRequest,
  'maxTokens' | 'temperature' | 'topK' | 'topP' | 'staleness'
>;

export function samplingOf(config: Config, role: Role): SamplingOptions {
  const temperature =
    config[role === 'propose' ? 'sampling.temperature.proposer' : 'sampling.temperature.solver'];
  const staleness = config['sampling.staleness'];
  return { ...sampling(config, temperature), ...(staleness > 0 && { staleness }) };
}

/** A test is about the weights as they are. */
export function evaluationSamplingOf(config: Config): SamplingOptions {
  return sampling(config, config['evaluate.temperature']);
}

function sampling(config: Config, temperature: number): SamplingOptions {
  const topK = config['sampling.top-k'];
  return {
    maxTokens: config['tokens.response'],
    temperature,
    topP: config['sampling.top-p'],
    ...(topK > 0 && { topK }),
  };
}

export type PolicyLoss = Extract<LossSpec, { kind: 'policy' }>;

/** Of a role where they differ. */
export function lossOf(config: Config, role: Role): PolicyLoss {
  const free = role === 'solve' && config['loss.kl.roles'] === 'proposer';
  return {
    kind: 'policy',
    aggregation: config['loss.aggregation'],
    clipLow: config['loss.clip.low'],
    clipHigh: config['loss.clip.high'],
    ...(config['loss.clip.dual'] > 0 && { dualClip: config['loss.clip.dual'] }),
    entropy: config['loss.entropy'],
    kl: free ? 0 : config['loss.kl'],
  };
}

export function adamOf(config: Config, step: number): AdamParams {
  const clip = config['optimizer.clip'];
  return {
    learningRate: learningRate(step, config),
    beta1: config['optimizer.beta1'],
    beta2: config['optimizer.beta2'],
    epsilon: config['optimizer.epsilon'],
    weightDecay: config['optimizer.decay'],
    ...(clip > 0 && { maxGradNorm: clip }),
  };
}
