/**
 * @file Generation: a prompt's keys and values all at once, then K tokens a call with sampling in the graph.
 *
 * The cache is static, [B, KV, T, hd] per layer, and each row has its own length, so prompts of different lengths and
 * rows that started at different times share a batch. A row's next token and length are inputs: whoever drives the
 * decoder may put a new sequence into a row between calls.
 */

import type { BuiltShape } from '../model/build';
import { isUnpackedForCalls } from '../model/quantize';
import { type AttendingLayer, cachedAttention, NEVER } from './cached-attention';
import { rmsNorm, swiglu } from './layers';
import { type BatchLayout, headNorm, trunk, Weights } from './llama';
import {
  add,
  cast,
  concat,
  cumulativeSum,
  equal,
  exp,
  gatherElements,
  lessOrEqual,
  log,
  mul,
  padEnd,
  reduceMax,
  reduceMin,
  reduceSum,
  reshape,
  softmax,
  sub,
  topValues,
  transpose,
  where,
} from './ops';
import { constant, input, scalar, type Tensor } from './tensor';

export interface DecodeShape {
  rows: number;
  /** Tokens that the cache holds for each row. */
  context: number;
  /** Tokens made per call. */
  steps: number;
  /** Whether top-k and top-p are applied; without them a token costs a few operations less. */
  filter: boolean;
  /** The cache is only read, and a call's results are what it appends: see cachedAttention. */
  appends?: boolean;
}

/** Keys and values of prompts, right-padded to the cache's length: [rows, length] tokens -> one cache row each. */
export function prefill(config: BuiltShape, layout: BatchLayout, context: number): Record<string, Tensor> {
  const tokens = input('tokens', 'int32', [layout.rows, layout.length]);
  const { keys, values } = trunk(new Weights(config), tokens, layout);
  const outputs: Record<string, Tensor> = {};
  for (let i = 0; i < config.layers; i++) {
    outputs[`new.key.${i}`] = padEnd(transpose(keys[i], [0, 2, 1, 3]), 2, context);
    outputs[`new.value.${i}`] = padEnd(transpose(values[i], [0, 2, 1, 3]), 2, context);
  }
  return outputs;
}

export function decode(config: BuiltShape, shape: DecodeShape): Record<string, Tensor> {
  const { rows, steps } = shape;
  const weights = new Weights(config, {
    unpack: steps > 1 && isUnpackedForCalls(config),
    unshared: steps > 1,
  });
  const attention = cachedAttention(config, shape);
  let token = input('token', 'int32', [rows]);
  let length = input('length', 'int32', [rows]);
  const filter = shape.filter ? candidateFilter(config.vocabSize) : null;

  const tokens: Tensor[] = [];
  const logProbs: Tensor[] = [];
  for (let step = 0; step < steps; step++) {
    const logits = decodeOne(weights, token, attention.at(length));
    const noise = input(`noise.${step}`, 'float32', [rows, config.vocabSize]);
    const choice = sample(logits, noise, filter);
    tokens.push(choice.token);
    logProbs.push(choice.logProb);
    token = reshape(choice.token, [rows]);
    if (step + 1 < steps) length = add(length, constant(Int32Array.of(1), [1]));
  }

  const join = (columns: Tensor[]) => (steps > 1 ? concat(columns, 1) : columns[0]);
  return { tokens: join(tokens), log_probs: join(logProbs), ...attention.results() };
}

/** One token of every row through the model: its logits. */
function decodeOne(weights: Weights, token: Tensor, attend: AttendingLayer): Tensor {
  const { config } = weights;
  let x = weights.embed(token, null);
  for (let i = 0; i < config.layers; i++) {
    const { get, apply } = weights.layer(i);
    const qkv = apply('qkv', rmsNorm(x, get('attnNorm'), config.normEps));
    const normalizeHeads = config.qkNorm ? headNorm(get('qNorm'), get('kNorm'), config) : null;
    const heads = [qkv.shape[0], config.heads + 2 * config.kvHeads, config.headDim];
    const ready = normalizeHeads ? reshape(normalizeHeads(reshape(qkv, heads)), qkv.shape) : qkv;
    x = add(apply('out', attend(i, ready)), x);
    const gateUp = apply('gateUp', rmsNorm(x, get('mlpNorm'), config.normEps));
    x = add(apply('down', swiglu(gateUp)), x);
  }
  return weights.logits(rmsNorm(x, weights.get('norm'), config.normEps));
}

// ---- Sampling -----------------------------------------------------------------------------------------------------------

/** Higher than any logit. */
const ALWAYS = 1e30;

type Filter = (logits: Tensor) => Tensor;

/**
 * The most probable token after adding noise. With Gumbel noise times the temperature, that token is a sample from the
 * softmax of logits / temperature; with no noise it is the greedy choice. So one graph serves every temperature, the
 * noise carries the seed, and equal logits go to the lowest id. The log-probability returned is the model's own, at
 * temperature 1 and before any filter: the one that training computes.
 */
function sample(logits: Tensor, noise: Tensor, filter: Filter | null): { token: Tensor; logProb: Tensor } {
  const vocabulary = logits.shape[1];
  let noisy = add(logits, noise);
  if (filter) noisy = where(lessOrEqual(filter(logits), logits), noisy, scalar(NEVER));
  const ids = constant(
    Float32Array.from({ length: vocabulary }, (_, i) => i),
    [1, vocabulary],
  );
  const winners = equal(noisy, reduceMax(noisy, [1]));
  const token = cast(reduceMin(where(winners, ids, scalar(vocabulary)), [1]), 'int32');
  return { token, logProb: log(gatherElements(softmax(logits), token)) };
}

/** Top-p looks at no more candidates than this: beyond them a nucleus is cut short. */
export const MAX_CANDIDATES = 256;

/**
 * The lowest logit that top-k and then top-p let through, as transformers applies them. Exact while k and the nucleus
 * are within the most probable MAX_CANDIDATES tokens (always, for vocabularies of that size); a larger k counts as no
 * limit, and a larger nucleus is cut to the candidates.
 */
function candidateFilter(vocabulary: number): Filter {
  const count = Math.min(vocabulary, MAX_CANDIDATES);
  const topK = input('top_k', 'float32', [1]);
  const topP = input('top_p', 'float32', [1]);
  const inverseTemperature = input('inverse_temperature', 'float32', [1]);
  const rank = constant(
    Float32Array.from({ length: count }, (_, i) => i + 1),
    [1, count],
  );

  return (logits) => {
    const candidates = topValues(logits, count);
    const best = reduceMax(candidates, [1]);
    const power = (x: Tensor) => exp(mul(sub(x, best), inverseTemperature));

    const withinK = lessOrEqual(rank, topK);
    const kth = reduceMin(where(withinK, candidates, scalar(ALWAYS)), [1]);
    const limited = where(lessOrEqual(topK, scalar(count)), kth, scalar(NEVER));

    const mass = reduceSum(where(lessOrEqual(limited, logits), power(logits), scalar(0)), [1]);
    const powers = power(candidates);
    const before = sub(cumulativeSum(powers, 1), powers);
    const inNucleus = lessOrEqual(before, mul(mass, topP));
    const last = reduceMin(where(inNucleus, where(withinK, candidates, scalar(ALWAYS)), scalar(ALWAYS)), [1]);
    return where(lessOrEqual(scalar(1), topP), limited, last);
  };
}
