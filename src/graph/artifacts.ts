/**
 * @file The training artifacts: the ONNX files that an engine runs, made from a config in milliseconds.
 *
 * The names are those that users of ONNX Runtime's own (removed) training package know. Shapes are static, since
 * that is what lets a runtime plan its memory once; an engine makes one file per bucket of batch and length.
 */

import type { BuiltShape } from '../model/build';
import { adamw, adamwUpdate, addSquares, type Piece } from './adamw';
import { type DecodeShape, decode, prefill } from './decoder';
import { pullback } from './gradients';
import { type BatchLayout, type Target, trunk, Weights } from './llama';
import { type LossKind, lossHead, scoreHead } from './losses';
import { type Model, writeModel } from './onnx';
import { reshape } from './ops';
import { input, type Tensor } from './tensor';

export { onesName, type Piece } from './adamw';
export { isCacheInPlace } from './cached-attention';
export type { DecodeShape } from './decoder';
export type { BatchLayout, Target } from './llama';
export type { LossKind } from './losses';
export type { Model, TensorSpec } from './onnx';
export type { DType } from './tensor';

/** Forward, loss and backward: `loss`, `log_probs`, and `grad.NAME` for every parameter that is trained. */
export function trainingModel(config: BuiltShape, layout: BatchLayout, loss: LossKind): Model {
  const weights = new Weights(config);
  const { tokens, targets } = batchInputs(layout);
  const { hidden } = trunk(weights, tokens, layout);
  const { head } = weights;
  const { cotangents, ...result } = lossHead(hidden, head, targets, loss);

  const trained = [...weights.trained.values()];
  const seeds: [Tensor, Tensor][] = [[hidden, cotangents[0]]];
  if (trained.includes(head)) seeds.push([head, cotangents[1]]);
  const gradients = pullback(seeds, trained);
  const outputs: Record<string, Tensor> = { loss: result.loss, log_probs: result.logProbs };
  if (result.entropy) outputs.entropy = result.entropy;
  [...weights.trained.keys()].forEach((name, i) => {
    outputs[`grad.${name}`] = gradients[i];
  });
  return writeModel('training_model', outputs);
}

/** Forward only: `log_probs` and `entropy` of the targets. */
export function evalModel(config: BuiltShape, layout: BatchLayout): Model {
  const weights = new Weights(config);
  const { tokens, targets } = batchInputs(layout);
  const { hidden } = trunk(weights, tokens, layout);
  const { logProbs, entropy } = scoreHead(hidden, weights.head, targets);
  return writeModel('eval_model', { log_probs: logProbs, entropy });
}

/** AdamW: `new.NAME`, `new.m.NAME` and `new.v.NAME` for every parameter that is trained, and `grad_norm`. */
export const optimizerModel = (config: BuiltShape): Model => writeModel('optimizer_model', adamw(config));

/** The same in parts: `new.squares`, and then, with the `grad_norm` that they come to, the next weights and moments. */
export const squaresModel = (pieces: readonly Piece[]): Model =>
  writeModel('squares_model', addSquares(pieces));
export const updateModel = (pieces: readonly Piece[]): Model =>
  writeModel('update_model', adamwUpdate(pieces));

/** Keys and values of whole prompts: `new.key.LAYER` and `new.value.LAYER`. */
export const prefillModel = (config: BuiltShape, layout: BatchLayout, context: number): Model =>
  writeModel('prefill_model', prefill(config, layout, context));

/** K tokens for every row: `tokens`, `log_probs`, and the caches one step further. */
export const decodeModel = (config: BuiltShape, shape: DecodeShape): Model =>
  writeModel('decode_model', decode(config, shape));

export interface ArtifactOptions {
  rows: number;
  /** Tokens per row of a training batch. */
  length: number;
  /** Tokens per row of the decoder's cache. */
  context: number;
  /** Tokens per decode call. */
  steps: number;
  loss: LossKind;
  packing: BatchLayout['packing'];
  target?: Target;
}

/** The whole set, by file name: what somebody needs to train and sample a model with nothing but onnxruntime. */
export function artifactSet(config: BuiltShape, options: ArtifactOptions): Record<string, Model> {
  const { rows, length, context, steps, loss, packing, target } = options;
  const layout = { rows, length, packing, target };
  return {
    'training_model.onnx': trainingModel(config, layout, loss),
    'eval_model.onnx': evalModel(config, layout),
    'optimizer_model.onnx': optimizerModel(config),
    'prefill_model.onnx': prefillModel(config, { ...layout, packing: 'plain' }, context),
    'decode_model.onnx': decodeModel(config, { rows, context, steps, filter: true }),
  };
}

function batchInputs({ rows, length }: BatchLayout) {
  const tokens = input('tokens', 'int32', [rows, length]);
  const targets = reshape(input('targets', 'int32', [rows, length]), [rows * length]);
  return { tokens, targets };
}
