/** @file Asks the artifact worker for the ONNX files of a model, and knows what each of them is for. */

import { releaseProxy, wrap } from 'comlink';
import type { Artifact, ArtifactRequest, ArtifactWriter } from '../../workers/artifacts';

export type { Artifact, ArtifactRequest } from '../../workers/artifacts';

export const artifactPurposes: Record<string, string> = {
  'training_model.onnx': 'forward, loss and backward: a gradient for every parameter',
  'eval_model.onnx': 'forward only: log-probabilities and entropy of the targets',
  'optimizer_model.onnx': 'AdamW with global-norm clipping',
  'prefill_model.onnx': 'keys and values of whole prompts, for the decoder’s cache',
  'decode_model.onnx': 'eight tokens a call with a KV cache, sampled on the device',
};

/** Given up when the signal says so: the worker ends with it. */
export async function makeArtifacts(request: ArtifactRequest, signal?: AbortSignal): Promise<Artifact[]> {
  const worker = new Worker(new URL('../../workers/artifacts.ts', import.meta.url), { type: 'module' });
  const writer = wrap<ArtifactWriter>(worker);
  const given = new Promise<never>((_, reject) =>
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true }),
  );
  try {
    return await Promise.race([writer.makeArtifacts(request), given]);
  } finally {
    writer[releaseProxy]();
    worker.terminate();
  }
}

/** Models to start from; any config.json of the Llama, Qwen2 or Qwen3 family works too. */
export const sampleModels: { id: string; name: string; config: Record<string, unknown> }[] = [
  { id: 'tiny', name: 'Tiny: 2 layers of 64', config: llama(2, 64, 4, 2, 176, 64) },
  { id: 'small', name: 'Small: 4 layers of 128', config: llama(4, 128, 4, 2, 352, 512) },
  { id: 'medium', name: 'Medium: 6 layers of 256', config: llama(6, 256, 8, 4, 704, 512) },
];

function llama(
  layers: number,
  hidden: number,
  heads: number,
  kvHeads: number,
  intermediate: number,
  vocab: number,
) {
  return {
    model_type: 'llama',
    num_hidden_layers: layers,
    hidden_size: hidden,
    num_attention_heads: heads,
    num_key_value_heads: kvHeads,
    intermediate_size: intermediate,
    vocab_size: vocab,
    max_position_embeddings: 2048,
    rms_norm_eps: 1e-5,
    rope_theta: 10000,
    tie_word_embeddings: true,
  };
}
