/**
 * @file Attention of one new token per row over the keys and values of those before it, in the two ways that a cache can be kept.
 *
 * Where it stays in the device's memory a call renews it: it reads the cache and gives the next one, which may lie in the same place.
 * A processor would copy it whole for every token. There a call only reads the cache; what it appends stays beside it until the call
 * ends, and whoever drives the decoder then writes that in.
 */

import type { ModelShape } from '../model/config';
import { rotate } from './layers';
import { rotationAt, rotationTable } from './llama';
import {
  add,
  concat,
  cumulativeSum,
  div,
  einsum,
  equal,
  exp,
  lessOrEqual,
  reduceMax,
  reshape,
  softmax,
  split,
  stackedProduct,
  sub,
  where,
} from './ops';
import { constant, input, nodes, scalar, type Tensor } from './tensor';

/** Lower than any score, or logit with noise, can be. */
export const NEVER = -1e30;

/** A layer's new tokens, packed q, k, v [B, (H + 2 KV) hd] -> what they read [B, H hd]. */
export type AttendingLayer = (layer: number, qkv: Tensor) => Tensor;

export interface CachedAttention {
  /** For a token of each row at these places. */
  at(length: Tensor): AttendingLayer;
  /** `new.key.LAYER`, a whole cache [B, KV, T, hd], or `written.key.LAYER`, what is appended to it [B, KV, steps, hd]; values too. */
  results(): Record<string, Tensor>;
}

interface Cache {
  key: Tensor;
  value: Tensor;
}

interface CacheShape {
  rows: number;
  context: number;
  appends?: boolean;
}

export function cachedAttention(config: ModelShape, { rows, context, appends }: CacheShape): CachedAttention {
  const shape = [rows, config.kvHeads, context, config.headDim];
  const caches = Array.from({ length: config.layers }, (_, i) => ({
    key: input(`key.${i}`, 'float32', shape),
    value: input(`value.${i}`, 'float32', shape),
  }));
  return (appends ? appending : renewing)(config, context, caches);
}

const named = (what: string, caches: readonly Cache[]): Record<string, Tensor> =>
  Object.fromEntries(
    caches.flatMap(({ key, value }, i) => [
      [`${what}.key.${i}`, key],
      [`${what}.value.${i}`, value],
    ]),
  );

// ---- Renewing ----------------------------------------------------------------------------------------------------------

function renewing(config: ModelShape, context: number, caches: Cache[]): CachedAttention {
  const renew = isCacheInPlace(config) ? fusedAttention : plainAttention;
  return {
    at(length) {
      const attend = renew(config, length, context);
      return (layer, qkv) => {
        const { mixed, ...next } = attend(qkv, caches[layer]);
        caches[layer] = next;
        return mixed;
      };
    },
    results: () => named('new', caches),
  };
}

type RenewingLayer = (qkv: Tensor, cache: Cache) => Cache & { mixed: Tensor };

/**
 * Whether decoding one token may write its caches over the ones it read: onnxruntime's fused attention does that, and
 * takes heads whose size is a multiple of 16. Other models go through plain operations, which need a second cache.
 */
export const isCacheInPlace = ({ headDim }: ModelShape): boolean => headDim % 16 === 0;

/** onnxruntime's GroupQueryAttention: rotation, cache and attention in one node. */
function fusedAttention(config: ModelShape, length: Tensor, context: number): RenewingLayer {
  const { heads, kvHeads, headDim } = config;
  const { cos, sin } = rotationTable(config, context);
  const total = constant(Int32Array.of(context), [1]);
  const attributes = {
    num_heads: heads,
    kv_num_heads: kvHeads,
    do_rotary: 1,
    rotary_interleaved: 0,
    scale: { float: 1 }, // the rotation table holds it
  };
  return (qkv, cache) => {
    const [rows, width] = qkv.shape;
    const [mixed, key, value] = nodes(
      'GroupQueryAttention',
      [reshape(qkv, [rows, 1, width]), null, null, cache.key, cache.value, length, total, cos, sin],
      [[rows, 1, heads * headDim], cache.key.shape, cache.value.shape],
      'float32',
      { domain: 'com.microsoft', attributes },
    );
    return { mixed: reshape(mixed, [rows, heads * headDim]), key, value };
  };
}

/** The same from plain operations. */
function plainAttention(config: ModelShape, length: Tensor, context: number): RenewingLayer {
  const { heads, kvHeads, headDim } = config;
  const rows = length.size;
  const group = heads / kvHeads;
  const rotation = rotationAt(config, context, length);
  const places = constant(
    Int32Array.from({ length: context }, (_, i) => i),
    [context],
  );
  const isNew = equal(reshape(places, [1, 1, context, 1]), reshape(length, [rows, 1, 1, 1]));
  const isSeen = lessOrEqual(reshape(places, [1, 1, 1, context]), reshape(length, [rows, 1, 1, 1]));
  return (qkv, cache) => {
    const turned = rotate(reshape(qkv, [rows, heads + 2 * kvHeads, headDim]), rotation);
    const [q, k, v] = split(turned, 1, [heads, kvHeads, kvHeads]);
    const key = where(isNew, reshape(k, [rows, kvHeads, 1, headDim]), cache.key);
    const value = where(isNew, reshape(v, [rows, kvHeads, 1, headDim]), cache.value);
    const scores = einsum('bkgd,bktd->bkgt', reshape(q, [rows, kvHeads, group, headDim]), key, 'direct');
    const weights = softmax(where(isSeen, scores, scalar(NEVER)));
    const mixed = einsum('bkgt,bktd->bkgd', weights, value, 'direct');
    return { mixed: reshape(mixed, [rows, heads * headDim]), key, value };
  };
}

// ---- Appending ---------------------------------------------------------------------------------------------------------

/**
 * A token reads what the call has appended so far and, of the cache, what was there before the call. What lies beyond that weighs
 * exactly nothing, and all sums are added up in the order of their terms: so the bits do not depend on how long the cache is.
 */
function appending(config: ModelShape, context: number, caches: Cache[]): CachedAttention {
  const { heads, kvHeads, headDim } = config;
  const group = heads / kvHeads;
  const near: Cache[] = [];
  let unseen: Tensor | null = null;
  return {
    at(length) {
      const rows = length.size;
      unseen ??= beyond(length, context);
      const hidden = unseen;
      const rotation = rotationAt(config, context, length);
      return (layer, qkv) => {
        const turned = rotate(reshape(qkv, [rows, heads + 2 * kvHeads, headDim]), rotation);
        const [q, k, v] = split(turned, 1, [heads, kvHeads, kvHeads]);
        const append = (before: Tensor | undefined, one: Tensor) => {
          const last = reshape(one, [rows, kvHeads, 1, headDim]);
          return before ? concat([before, last], 2) : last;
        };
        near[layer] = { key: append(near[layer]?.key, k), value: append(near[layer]?.value, v) };
        const query = reshape(q, [rows, kvHeads, group, headDim]);
        const [here, far] = [near[layer], caches[layer]];
        const scores = concat(
          [
            stackedProduct(query, here.key, { transB: true }),
            add(stackedProduct(query, far.key, { transB: true }), hidden),
          ],
          3,
        );
        const weights = exp(sub(scores, reduceMax(scores, [3])));
        const [count] = here.key.shape.slice(2);
        const [ofHere, ofFar] = split(weights, 3, [count, context]);
        const [, sum] = split(cumulativeSum(weights, 3), 3, [count + context - 1, 1]);
        const mixed = add(stackedProduct(ofHere, here.value), stackedProduct(ofFar, far.value));
        return reshape(div(mixed, sum), [rows, heads * headDim]);
      };
    },
    results: () => named('written', near),
  };
}

/** Added to scores: nothing where a row has a token, else so much that it weighs nothing. */
function beyond(length: Tensor, context: number): Tensor {
  const numbers = constant(
    Int32Array.from({ length: context }, (_, i) => i + 1),
    [1, 1, 1, context],
  );
  const isThere = lessOrEqual(numbers, reshape(length, [length.size, 1, 1, 1]));
  return where(isThere, scalar(0), scalar(NEVER));
}
