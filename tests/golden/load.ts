/**
 * @file The golden data of one tiny model, for tests in Node and in the browser alike: what PyTorch and
 * transformers computed in float64 (see make.py). Tensors are named as Hugging Face names them;
 * `packParameter` packs them.
 */

import { type ModelConfig, parseModelConfig } from '../../src/model/config';
import { openSafetensors } from '../../src/model/safetensors';

export const goldenNames = ['llama-tiny', 'llama3-rope', 'qwen2-tiny', 'qwen3-tiny'] as const;
export type GoldenName = (typeof goldenNames)[number];

/** By Hugging Face name. */
export type Tensors = Map<string, Float32Array>;

/** golden.json. A matrix is [row][position], 3 x 16; position n predicts targets[row][n]. */
export interface GoldenNumbers {
  tokens: number[][];
  /** targets[n] follows tokens[n]. */
  targets: number[][];
  /** 1 where a response's token is predicted; 0 in prompts and padding. */
  mask: number[][];
  promptLengths: number[];
  /** Positions before the padding. */
  lengths: number[];
  /** log p(target), at every position, padding included. */
  logProbs: number[][];
  entropy: number[][];
  /** The cross-entropy is the sum of weights * -logProbs, with these. */
  weights: number[][];
  ppo: {
    oldLogProbs: number[][];
    refLogProbs: number[][];
    advantages: number[][];
    clipLow: number;
    clipHigh: number;
    entropyCoefficient: number;
    klCoefficient: number;
  };
  /** The weight of each token under each way of averaging. */
  ppoWeights: { tokenMean: number[][]; sequenceMean: number[][] };
  losses: Record<GoldenLoss, number>;
  /** Training on the cross-entropy: rates, losses before each step, gradient norms before clipping. */
  adamw: {
    betas: [number, number];
    eps: number;
    weightDecay: number;
    maxNorm: number;
    steps: number;
    learningRates: number[];
    losses: number[];
    gradientNorms: number[];
  };
  /** One prompt, three responses; log-probs of each response's tokens, each scored as a text of its own. */
  sharedPrompt: { prompt: number[]; responses: number[][]; logProbs: number[][] };
  /** The most probable continuations; `margin`: by how much, at the closest call, in log-probability. */
  greedy: { prompt: number[]; continuation: number[]; logProbs: number[]; margin: number }[];
}

export type GoldenLoss = 'crossEntropy' | 'tokenMean' | 'sequenceMean';

export interface Golden extends GoldenNumbers {
  name: GoldenName;
  config: ModelConfig;
  /** config.json and model.safetensors, as a checkpoint. */
  files: Map<string, Uint8Array>;
  weightTensors: Tensors;
  /** [3, 16, vocabulary] */
  logits: Float32Array;
  gradients: Record<GoldenLoss, Tensors>;
  /** The weights after `adamw`. */
  trained: Tensors;
}

/** The cross-entropy of a batch that uses few tokens of a large vocabulary, again and again. */
export interface LargeVocabulary {
  config: ModelConfig;
  files: Map<string, Uint8Array>;
  tokens: number[][];
  targets: number[][];
  weights: number[][];
  logProbs: number[][];
  loss: number;
  gradients: Tensors;
}

export async function loadGolden(name: GoldenName): Promise<Golden> {
  const { config, files, numbers, golden } = await openCase(name);
  const weights = await openSafetensors(files.get('model.safetensors') as Uint8Array);
  return {
    ...(numbers as GoldenNumbers),
    name,
    config,
    files,
    weightTensors: await tensors(weights, ''),
    logits: await golden.read('logits'),
    gradients: {
      crossEntropy: await tensors(golden, 'gradient/crossEntropy/'),
      tokenMean: await tensors(golden, 'gradient/tokenMean/'),
      sequenceMean: await tensors(golden, 'gradient/sequenceMean/'),
    },
    trained: await tensors(golden, 'adamw/'),
  };
}

export async function loadLargeVocabulary(): Promise<LargeVocabulary> {
  const { config, files, numbers, golden } = await openCase('large-vocabulary');
  const { tokens, targets, weights, logProbs, losses } = numbers as GoldenNumbers;
  const gradients = await tensors(golden, 'gradient/crossEntropy/');
  return { config, files, tokens, targets, weights, logProbs, loss: losses.crossEntropy, gradients };
}

async function openCase(name: string) {
  const files = new Map<string, Uint8Array>();
  for (const file of ['config.json', 'model.safetensors'])
    files.set(file, await readFile(`./${name}/${file}`));
  const json = async (file: string): Promise<unknown> =>
    JSON.parse(new TextDecoder().decode(await readFile(`./${name}/${file}`)));
  return {
    config: parseModelConfig(await json('config.json')),
    files,
    numbers: await json('golden.json'),
    golden: await openSafetensors(await readFile(`./${name}/golden.safetensors`)),
  };
}

export async function tensors(
  from: Awaited<ReturnType<typeof openSafetensors>>,
  prefix: string,
): Promise<Tensors> {
  const found: Tensors = new Map();
  for (const key of from.tensors.keys()) {
    if (key.startsWith(prefix)) found.set(key.slice(prefix.length), await from.read(key));
  }
  return found;
}

/** In Node this module has a file: address; in the browser the folder is served by Vite. */
export async function readFile(path: string): Promise<Uint8Array> {
  const here = import.meta.url;
  const url = new URL(path, here);
  if (url.protocol === 'file:') {
    const node = 'node:fs/promises';
    const { readFile } = (await import(/* @vite-ignore */ node)) as typeof import('node:fs/promises');
    return readFile(url);
  }
  const response = await fetch(url);
  if (!response.ok)
    throw new Error(`${url} could not be fetched (${response.status}); run tests/golden/make.py.`);
  return new Uint8Array(await response.arrayBuffer());
}
