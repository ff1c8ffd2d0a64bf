/**
 * @file Generation: a prompt's keys and values all at once, then K tokens a call with sampling in the graph.
 *
 * The cache is static, [B, KV, T, hd] per layer, and each row has its own length, so prompts of different lengths and
 * rows that started at different times share a batch. A row's next token and length are inputs: whoever drives the
 * decoder may put a new sequence into a row between calls.
 */

import type { ModelShape } from '../model/config';
import { linear, rmsNorm, swiglu } from './layers';
import { rotationTable, trunk, Weights } from './llama';
import {
  add,
  cast,
  concat,
  cumulativeSum,
  equal,
  exp,
  gather,
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
  split,
  sub,
  topValues,
  transpose,
  where,
} from './ops';
import { constant, input, nodes, scalar, type Tensor } from './tensor';

export interface DecodeShape {
  rows: number;
  /** Tokens that the cache holds for each row. */
  context: number;
  /** Tokens made per call. */
  steps: number;
  /** Whether top-k and top-p are applied; without them a token costs a few operations less. */
  filter: boolean;
}

/** Keys and values of prompts, right-padded to the cache's length: [rows, length] tokens -> one cache row each. */
export function prefill(config: ModelShape, rows: number, length: number, context: number): Record<string, Tensor> {
  const tokens = input('tokens', 'int32', [rows, length]);
  const { keys, values } = trunk(new Weights(config), tokens, { rows, length, packing: 'plain' });
  const outputs: Record<string, Tensor> = {};
  for (let i = 0; i < config.layers; i++) {
    outputs[`new.key.${i}`] = padEnd(transpose(keys[i], [0, 2, 1, 3]), 2, context);
    outputs[`new.value.${i}`] = padEnd(transpose(values[i], [0, 2, 1, 3]), 2, context);
  }
  return outputs;
}

export function decode(config: ModelShape, shape: DecodeShape): Record<string, Tensor> {
  const { rows, context, steps } = shape;
  const weights = new Weights(config);
  const cache = (kind: string) =>
    Array.from({ length: config.layers }, (_, i) =>
      input(`${kind}.${i}`, 'float32', [rows, config.kvHeads, context, config.headDim]),
    );
  let state: State = { keys: cache('key'), values: cache('value') };
  let token = input('token', 'int32', [rows]);
  let length = input('length', 'int32', [rows]);
  const filter = shape.filter ? candidateFilter(config.vocabSize) : null;

  const tokens: Tensor[] = [];
  const logProbs: Tensor[] = [];
  for (let step = 0; step < steps; step++) {
    const { logits, next } = decodeOne(weights, token, length, state, context);
    const noise = input(`noise.${step}`, 'float32', [rows, config.vocabSize]);
    const choice = sample(logits, noise, filter);
    tokens.push(choice.token);
    logProbs.push(choice.logProb);
    state = next;
    token = reshape(choice.token, [rows]);
    if (step + 1 < steps) length = add(length, constant(Int32Array.of(1), [1]));
  }

  const join = (columns: Tensor[]) => (steps > 1 ? concat(columns, 1) : columns[0]);
  const outputs: Record<string, Tensor> = { tokens: join(tokens), log_probs: join(logProbs) };
  for (let i = 0; i < config.layers; i++) {
    outputs[`new.key.${i}`] = state.keys[i];
    outputs[`new.value.${i}`] = state.values[i];
  }
  return outputs;
}

interface State {
  keys: Tensor[];
  values: Tensor[];
}

/** One token of every row through the model: its logits, and the caches with its keys and values written in. */
function decodeOne(weights: Weights, token: Tensor, length: Tensor, state: State, context: number) {
  const { config } = weights;
  const { cos, sin } = rotationTable(config, context);
  const next: State = { keys: [], values: [] };
  let x = gather(weights.get('embed'), token);
  for (let i = 0; i < config.layers; i++) {
    const { get, maybe } = weights.layer(i);
    const qkv = linear(rmsNorm(x, get('attnNorm'), config.normEps), get('qkv'), maybe('qkvBias'));
    const [mixed, key, value] = cachedAttention(config, weights, i, qkv, {
      key: state.keys[i],
      value: state.values[i],
      length,
      cos,
      sin,
    });
    next.keys.push(key);
    next.values.push(value);
    x = add(linear(mixed, get('out')), x);
    const gateUp = linear(rmsNorm(x, get('mlpNorm'), config.normEps), get('gateUp'));
    x = add(linear(swiglu(gateUp), get('down')), x);
  }
  return { logits: linear(rmsNorm(x, weights.get('norm'), config.normEps), weights.head), next };
}

interface CacheEntry {
  key: Tensor;
  value: Tensor;
  length: Tensor;
  cos: Tensor;
  sin: Tensor;
}

/** Attention of one new token per row over its cache, in onnxruntime's fused GroupQueryAttention. */
function cachedAttention(
  config: ModelShape,
  weights: Weights,
  layer: number,
  qkv: Tensor,
  { key, value, length, cos, sin }: CacheEntry,
): Tensor[] {
  const { heads, kvHeads, headDim, normEps } = config;
  const rows = qkv.shape[0];
  const context = key.shape[2];
  let query: Tensor = reshape(qkv, [rows, 1, qkv.shape[1]]);
  let [newKey, newValue]: (Tensor | null)[] = [null, null];
  if (config.qkNorm) {
    const [q, k, v] = split(qkv, 1, [heads * headDim, kvHeads * headDim, kvHeads * headDim]);
    const normalize = (part: Tensor, gain: string) => {
      const perHead = reshape(part, [part.size / headDim, headDim]);
      return reshape(rmsNorm(perHead, weights.layer(layer).get(gain), normEps), [rows, 1, part.shape[1]]);
    };
    [query, newKey, newValue] = [normalize(q, 'qNorm'), normalize(k, 'kNorm'), reshape(v, [rows, 1, v.shape[1]])];
  }
  const total = constant(Int32Array.of(context), [1]);
  const attributes = {
    num_heads: heads,
    kv_num_heads: kvHeads,
    do_rotary: 1,
    rotary_interleaved: 0,
    scale: { float: 1 }, // the rotation table holds it
  };
  const [mixed, nextKey, nextValue] = nodes(
    'GroupQueryAttention',
    [query, newKey, newValue, key, value, length, total, cos, sin],
    [[rows, 1, heads * headDim], key.shape, value.shape],
    'float32',
    { domain: 'com.microsoft', attributes },
  );
  return [reshape(mixed, [rows, heads * headDim]), nextKey, nextValue];
}

// ---- Sampling -----------------------------------------------------------------------------------------------------------

/** Lower than any logit with noise can be. */
const NEVER = -1e30;
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
  const ids = constant(Float32Array.from({ length: vocabulary }, (_, i) => i), [1, vocabulary]);
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
  const rank = constant(Float32Array.from({ length: count }, (_, i) => i + 1), [1, count]);

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
