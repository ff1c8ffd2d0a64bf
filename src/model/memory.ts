/**
 * @file How much memory a model will take, from its config alone: so that a model that cannot fit is refused
 * before a byte of it is downloaded, and one that can is not refused for fear. Every item says how it was
 * counted. Counted is what must be there at once; a runtime's own pools and rounding come on top, so leave it
 * some air.
 */

import { type BuiltShape, trainedParameters } from './build';
import { formatBytes } from './bytes';
import type { ModelShape } from './config';
import { heldAs, heldBytes } from './held';
import { type Parameter, parameters } from './parameters';
import { isUnpackedForCalls } from './quantize';

export interface MemoryUse {
  /** `full` keeps gradients and Adam's two moments next to what is trained; `none` only runs the model. */
  training: 'full' | 'none';
  /** Rows and tokens per row of one forward and backward pass. */
  batch: number;
  context: number;
  /** Sequences that are written at once, and their greatest length. 0 where nothing is sampled. */
  sampleBatch: number;
  sampleContext: number;
  /** 1 where decoding writes over the cache that it reads, 2 (default) where it writes the next one. */
  cacheCopies?: 1 | 2;
  /** Whether layers are computed again on the way back rather than kept. Default: false. */
  recompute?: boolean;
  /** Whether a decode call makes several tokens, as on a processor. Default: false. */
  longCalls?: boolean;
  /** Default 4: float32. */
  bytesPerNumber?: number;
  /** Rows of logits held at once. Default: as many as stay below 2^24 numbers (64 MiB). */
  logitRows?: number;
}

export interface MemoryLimits {
  /** GPUSupportedLimits.maxBufferSize; Infinity off the GPU. */
  maxBufferSize: number;
  /** GPUSupportedLimits.maxStorageBufferBindingSize; Infinity off the GPU. */
  maxBindingSize: number;
  /** What may be taken in all, where it is known: WebGPU does not tell, WASM has 4 GiB. */
  budgetBytes?: number;
}

export type MemoryItemName = 'weights' | 'gradients' | 'moments' | 'activations' | 'logits' | 'kvCache';

export interface MemoryItem {
  name: MemoryItemName;
  bytes: number;
  /** How it was counted, for a person. */
  how: string;
}

export type MemoryVerdict = { fits: true } | { fits: false; reason: string };

export interface MemoryPlan {
  items: MemoryItem[];
  total: number;
  /** The largest single tensor: the one that must fit into a GPU buffer. */
  largestTensor: { name: string; bytes: number };
  verdict: MemoryVerdict;
}

const LOGITS_AT_ONCE = 2 ** 24;

/** No engine of ours computes longer sequences, whatever a model could read. */
export const longestContext = 32_768;

interface Tensor {
  name: string;
  bytes: number;
  /** A tensor of the model is as large as it is; one of the batch can be made smaller. */
  lower: 'model' | 'batch' | 'sampleBatch';
}

export function planMemory(shape: BuiltShape, use: MemoryUse, limits: MemoryLimits): MemoryPlan {
  const width = use.bytesPerNumber ?? 4;
  const trains = use.training === 'full';
  const trained = trainedParameters(shape);
  const all = [...parameters(shape), ...(shape.adapter ? trained : [])];
  const weights = all.map((parameter) => {
    const { name, size } = parameter;
    return { name, bytes: heldBytes(size, heldAs(parameter, shape), width) };
  });
  const weightBytes = weights.reduce((sum, { bytes }) => sum + bytes, 0);
  const trainedBytes = trained.reduce((sum, { size }) => sum + size * width, 0);
  const activations = countActivations(shape, use);
  const whole = madeWhole(all, shape, use);
  const logits = countLogits(shape, use);
  const cache = countCache(shape, use);

  const items: MemoryItem[] = [
    { name: 'weights', bytes: weightBytes, how: howWeights(all, width, shape) },
    { name: 'gradients', bytes: trains ? trainedBytes : 0, how: 'one for each trained parameter' },
    { name: 'moments', bytes: trains ? 2 * trainedBytes : 0, how: 'two for each trained parameter' },
    {
      name: 'activations',
      bytes: (activations.total + whole.size) * width,
      how: activations.how + whole.how,
    },
    { name: 'logits', bytes: logits.total * width, how: logits.how },
    { name: 'kvCache', bytes: cache.total * width, how: cache.how },
  ];
  const total = items.reduce((sum, { bytes }) => sum + bytes, 0);

  const tensors: Tensor[] = [
    ...weights.map((weight) => ({ ...weight, lower: 'model' as const })),
    ...activations.tensors.map(({ name, size }) => ({ name, bytes: size * width, lower: 'batch' as const })),
    { name: whole.name, bytes: whole.largest * width, lower: 'model' },
    { name: 'logits', bytes: logits.largest * width, lower: 'batch' },
    { name: 'key cache of a layer', bytes: cache.largest * width, lower: 'sampleBatch' },
  ];
  const largest = tensors.reduce((a, b) => (b.bytes > a.bytes ? b : a));
  return {
    items,
    total,
    largestTensor: { name: largest.name, bytes: largest.bytes },
    verdict: judge(items, total, largest, use, limits),
  };
}

function howWeights(all: { size: number }[], width: number, { base = 'float32' }: BuiltShape): string {
  const count = all.reduce((sum, { size }) => sum + size, 0);
  return base === 'float32'
    ? `${count} parameters of ${width} bytes`
    : `${count} parameters, frozen matrices in ${base}`;
}

/**
 * A matrix in less than float32 is made whole for the time of a product, one after the other, or all of them for a call
 * that samples.
 */
function madeWhole(all: Parameter[], shape: BuiltShape, { sampleBatch, longCalls }: MemoryUse) {
  const rounded = all
    .filter((parameter) => heldAs(parameter, shape).as !== 'float32')
    .sort((a, b) => b.size - a.size);
  const [largest] = rounded;
  if (!largest) return { name: 'nothing', largest: 0, size: 0, how: '' };
  const together = longCalls && sampleBatch > 0 && isUnpackedForCalls(shape);
  return {
    name: `${largest.name}, whole`,
    largest: largest.size,
    size: together ? rounded.reduce((sum, { size }) => sum + size, 0) : largest.size,
    how: together ? ', and the base made whole to sample' : `, and one matrix made whole (${largest.name})`,
  };
}

/**
 * Numbers that a training step keeps from its forward pass until its backward pass, with N = batch * context
 * tokens. Per layer: the residual stream before attention and before the MLP and their norms (4 N D); q, k and
 * v, and once more where they are normalised first (N (H + 2 KV) hd); attention's probabilities (B H T^2) and
 * its output (N H hd); gate and up, silu(gate), and its product with up (4 N I). Plus what the backward pass of
 * one layer needs for itself: twice the probabilities, or three times gate and up, whichever is more. Without
 * training, one layer's worth is enough; where layers are computed again, that and what lies between layers (N
 * D each).
 */
function countActivations(shape: ModelShape, { training, batch, context, recompute }: MemoryUse) {
  const { hiddenSize: d, intermediateSize: i, heads, kvHeads, headDim, layers } = shape;
  const n = batch * context;
  const qkv = n * (heads + 2 * kvHeads) * headDim;
  const probabilities = batch * heads * context * context;
  const gateUp = n * 2 * i;
  const layer =
    4 * n * d + qkv * (shape.qkNorm ? 2 : 1) + probabilities + n * heads * headDim + gateUp + 2 * n * i;
  const backward = Math.max(2 * probabilities, 3 * gateUp);
  const kept = training === 'full' && !recompute ? layers : 1;
  const between = training === 'full' && recompute ? layers * n * d : 0;
  const total = kept * layer + between + 2 * n * d + (training === 'full' ? backward : 0);
  return {
    total,
    how: `${kept} of ${layers} layers kept for ${batch} x ${context} tokens${recompute ? ', the others computed again' : ''}`,
    tensors: [
      { name: 'attention probabilities', size: probabilities },
      { name: 'gate and up of the MLP', size: gateUp },
      { name: 'queries, keys and values', size: qkv },
    ],
  };
}

/**
 * Logits are made, used and forgotten in chunks of rows; a training chunk has five copies of itself alive
 * (logits, shifted, exponentials, probabilities, their cotangent), and so has a step of sampling (with its
 * noise).
 */
function countLogits({ vocabSize }: ModelShape, { batch, context, sampleBatch, logitRows }: MemoryUse) {
  const fitting = logitRows ?? Math.max(1, Math.floor(LOGITS_AT_ONCE / vocabSize));
  const rows = Math.max(Math.min(batch * context, fitting), sampleBatch);
  const largest = rows * vocabSize;
  return { total: 5 * largest, largest, how: `5 copies of ${rows} rows of ${vocabSize}` };
}

function countCache({ layers, kvHeads, headDim }: ModelShape, use: MemoryUse) {
  const { sampleBatch, sampleContext, cacheCopies = 2 } = use;
  const largest = sampleBatch * sampleContext * kvHeads * headDim;
  return {
    total: cacheCopies * 2 * layers * largest,
    largest,
    how: `keys and values of ${layers} layers for ${sampleBatch} x ${sampleContext} tokens, x ${cacheCopies}`,
  };
}

function judge(
  items: MemoryItem[],
  total: number,
  largest: Tensor,
  use: MemoryUse,
  limits: MemoryLimits,
): MemoryVerdict {
  const oneBuffer = Math.min(limits.maxBufferSize, limits.maxBindingSize);
  if (largest.bytes > oneBuffer) {
    return {
      fits: false,
      reason:
        `The largest tensor (${largest.name}) needs ${formatBytes(largest.bytes)} in one piece ` +
        `and this device gives at most ${formatBytes(oneBuffer)}; ${whatToShrink(largest.lower)}.`,
    };
  }
  const available = limits.budgetBytes ?? Number.POSITIVE_INFINITY;
  if (total > available) {
    return {
      fits: false,
      reason:
        `This needs ${formatBytes(total)} of memory and ${formatBytes(available)} are available; ` +
        `${whatToLower(items, available, use)}.`,
    };
  }
  return { fits: true };
}

function whatToShrink(lower: Tensor['lower']): string {
  switch (lower) {
    case 'model':
      return 'choose a model with a smaller vocabulary or width, or a device with larger buffers';
    case 'batch':
      return 'lower the batch or the context of a training step';
    case 'sampleBatch':
      return 'lower how many sequences are sampled at once, or their length';
    default:
      return lower satisfies never;
  }
}

/** The remedy that helps: what the batch takes can be lowered, what the model takes cannot. */
function whatToLower(items: MemoryItem[], available: number, use: MemoryUse): string {
  const bytes = (...names: MemoryItemName[]) =>
    items.filter(({ name }) => names.includes(name)).reduce((sum, item) => sum + item.bytes, 0);
  const weights = bytes('weights');
  const model = bytes('weights', 'gradients', 'moments');
  if (weights >= available) return `its weights alone take ${formatBytes(weights)}: choose a smaller model`;
  if (model >= available) {
    return (
      `weights, gradients and moments take ${formatBytes(model)}: choose a smaller model, ` +
      'or run this one without training it'
    );
  }
  const batch = bytes('activations', 'logits');
  return bytes('kvCache') > batch
    ? `lower how many sequences are sampled at once (${use.sampleBatch}) or their length`
    : `lower the batch (${use.batch}) or the context (${use.context}) of a training step`;
}
