/**
 * @file The worker that writes training artifacts. It takes milliseconds for a tiny model, but up to a second for a deep
 * one, which is too long for the page's own thread.
 */

import { expose, transfer } from 'comlink';
import { artifactSet, type LossKind } from '../src/graph/artifacts';
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
  const options = { rows, length, context: length, steps: 8, loss: kind, packing: 'plain' as const };
  const artifacts = Object.entries(artifactSet(model, options)).map(([file, { bytes, nodeCount }]) => ({
    file,
    bytes,
    nodes: nodeCount,
  }));
  return transfer(
    artifacts,
    artifacts.map(({ bytes }) => bytes.buffer),
  );
}

const artifactWriter = { makeArtifacts };
export type ArtifactWriter = typeof artifactWriter;

expose(artifactWriter);
