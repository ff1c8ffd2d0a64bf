/**
 * @file The golden data of one adapter, for tests in Node and in the browser alike: what PEFT and PyTorch
 * computed in float64 (see make_adapters.py). Tensors are named as in adapter_model.safetensors.
 */

import { openSafetensors } from '../../src/model/safetensors';
import { readFile, type Tensors, tensors } from './load';

export const adapterNames = ['llama', 'qwen2', 'qwen3', 'smollm2'] as const;
export type AdapterName = (typeof adapterNames)[number];

/** Whose weights lie with make.py's cases. */
const BASES: Record<AdapterName, string> = {
  llama: 'llama-tiny',
  qwen2: 'qwen2-tiny',
  qwen3: 'qwen3-tiny',
  smollm2: 'adapters/smollm2',
};

/** golden.json. A matrix is [row][position], 3 x 16; position n predicts targets[row][n]. */
interface Numbers {
  tokens: number[][];
  targets: number[][];
  /** The loss is the sum of weights * -logProbs, with these. */
  weights: number[][];
  logProbs: number[][];
  loss: number;
  adamw: {
    learningRate: number;
    betas: [number, number];
    eps: number;
    weightDecay: number;
    maxNorm: number;
    steps: number;
    losses: number[];
    gradientNorms: number[];
  };
  greedy: { prompt: number[]; continuation: number[]; logProbs: number[] }[];
}

export interface AdapterGolden extends Numbers {
  /** The base model's folder, and the adapter's. */
  base: Record<string, Uint8Array>;
  adapter: Record<string, Uint8Array>;
  /** [3, 16, vocabulary], at the beginning and after `adamw`. */
  logits: Float32Array;
  trainedLogits: Float32Array;
  gradients: Tensors;
  trained: Tensors;
}

export async function loadAdapter(name: AdapterName): Promise<AdapterGolden> {
  const own = (file: string) => readFile(`./adapters/${name}/${file}`);
  const golden = await openSafetensors(await own('golden.safetensors'));
  const numbers = JSON.parse(new TextDecoder().decode(await own('golden.json'))) as Numbers;
  return {
    ...numbers,
    base: {
      'config.json': await own('config.json'),
      'model.safetensors': await readFile(`./${BASES[name]}/model.safetensors`),
    },
    adapter: {
      'adapter_config.json': await own('adapter_config.json'),
      'adapter_model.safetensors': await own('adapter_model.safetensors'),
    },
    logits: await golden.read('logits'),
    trainedLogits: await golden.read('adamw logits'),
    gradients: await tensors(golden, 'gradient/'),
    trained: await tensors(golden, 'adamw/'),
  };
}
