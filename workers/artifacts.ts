/**
 * @file The worker that writes training artifacts. It takes milliseconds for a tiny model, but up to a second for a deep
 * one, which is too long for the page's own thread.
 */

import { expose, transfer } from 'comlink';
import { decodeModel, evalModel, type LossKind, optimizerModel, trainingModel } from '../src/graph/artifacts';
import type { Model } from '../src/graph/onnx';
import { parseModelConfig } from '../src/model/config';

export interface ArtifactRequest {
  /** A Hugging Face config.json, parsed. */
  config: unknown;
  rows: number;
  length: number;
  loss: 'cross-entropy' | 'policy';
}

export interface Artifact {
  file: string;
  bytes: Uint8Array<ArrayBuffer>;
  nodes: number;
}

function makeArtifacts({ config, rows, length, loss }: ArtifactRequest): Artifact[] {
  const model = parseModelConfig(config);
  const kind: LossKind =
    loss === 'policy' ? { kind: 'policy', entropy: true, reference: true } : { kind: 'cross-entropy' };
  const layout = { rows, length, packing: 'plain' as const };
  const named: [string, Model][] = [
    ['training_model.onnx', trainingModel(model, layout, kind)],
    ['eval_model.onnx', evalModel(model, layout)],
    ['optimizer_model.onnx', optimizerModel(model)],
    ['decode_model.onnx', decodeModel(model, { rows, context: length, steps: 8, filter: true })],
  ];
  const artifacts = named.map(([file, { bytes, nodeCount }]) => ({ file, bytes, nodes: nodeCount }));
  return transfer(
    artifacts,
    artifacts.map(({ bytes }) => bytes.buffer),
  );
}

const artifactWriter = { makeArtifacts };
export type ArtifactWriter = typeof artifactWriter;

expose(artifactWriter);
