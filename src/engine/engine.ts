/**
 * @file The Engine: everything the self-play loop asks of whatever computes, here or elsewhere.
 *
 * The verbs are those that remote training services have settled on, so a worker in this tab, our own node and an
 * existing distributed engine are the same thing to the loop. Only token ids and typed arrays cross this line: text
 * stays with the loop, and what a batch is averaged over is said in the loss, so that an adapter can convert it.
 */

import type { AdapterSettings } from '../model/adapter';
import type { BasePrecision } from '../model/build';

export type ModelId = string;

/** How a long call is watched and stopped. */
export interface Control {
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

export interface Progress {
  /** What is being waited for, in words for a person: "compiling", "sampling". */
  phase: string;
  done: number;
  total: number;
}

export type Backend = 'webgpu' | 'wasm' | 'node';

export interface Capabilities {
  backend: Backend | 'remote';
  /** The adapter, or the processor's threads, in words. */
  device: string;
  threads: number;
  /** Model types of config.json that can be loaded. */
  families: string[];
  /** Longest sequence, prompt and answer together. */
  maxContext: number;
  losses: LossSpec['kind'][];
  /** False: policy losses have no entropy bonus here. Default true. */
  entropyBonus?: boolean;
  /** False: `save` gives the name of what a server keeps, without the weights. Default true. */
  savesWeights?: boolean;
  training: ('full' | 'lora')[];
  /** How exactly a frozen model can be held, beside an adapter or without training. Default: float32 alone. */
  base?: BasePrecision[];
  gradientClipping: boolean;
  /** Calls that may be under way at once; further ones wait. */
  concurrency: number;
  /** Bytes that models and batches may take. */
  memory: number;
}

export type Bytes = Uint8Array | Blob;

/** Where a model comes from. Files are named as in a Hugging Face folder. */
export type ModelSource =
  | { kind: 'random'; config: unknown; seed: number }
  | { kind: 'files'; files: Record<string, Bytes> };

export interface ModelOptions {
  /** False keeps no gradients or moments, which is a quarter of the memory. Default true. */
  trainable?: boolean;
  /**
   * Freezes the model and trains a new low-rank adapter (LoRA) beside these of its matrices. A model whose
   * files hold an adapter (as PEFT writes it) goes on with that one and needs no such option.
   */
  adapter?: AdapterOptions;
  /**
   * How exactly frozen weights are held: `int8` and `int4` round them, block by block, as they are loaded. Only
   * for a model with an adapter, or one that is not trained. Default: float32.
   */
  base?: BasePrecision;
  /**
   * Whether training keeps only what lies between layers, and computes each layer a second time on the way
   * back: a fraction of the memory, a third to a half more time. Default: where a batch would not fit
   * otherwise.
   */
  recompute?: boolean;
}

export interface AdapterOptions extends AdapterSettings {
  /** Of A's random beginning. Default 0. */
  seed?: number;
  /** What others know the model by, for adapter_config.json. */
  baseName?: string;
}

export interface SampleRequest {
  model: ModelId;
  prompts: Int32Array[];
  /** Completions of each prompt. */
  samples: number;
  maxTokens: number;
  /** 0 is greedy. Default 1. */
  temperature?: number;
  /** Only the k most probable tokens; up to 256, more counts as no limit. Default: no limit. */
  topK?: number;
  /** Only the most probable tokens that together have this probability, at most 256 of them. Default 1. */
  topP?: number;
  /** Token ids that end a completion, and are its last token. */
  stop?: number[];
  /** The same seed gives the same completions on the same backend, however they are batched. */
  seed: number;
  /** Weights that were published so many versions ago will do, where several nodes sample. Default 0: none but the present ones. */
  staleness?: number;
}

export interface Rollout {
  prompt: number;
  sample: number;
  tokens: Int32Array;
  /** The model's own log-probability of each token: at temperature 1, before top-k and top-p. */
  logProbs: Float32Array;
  stopReason: 'stop' | 'length';
  /** The policy that wrote it, see `publish`. */
  policy: number;
}

/** One sequence to learn from: what the model reads, what should follow each token, and how much that counts. */
export interface Datum {
  tokens: Int32Array;
  /** targets[i] follows tokens[i]. */
  targets: Int32Array;
  /** 0 where nothing is to be learned: prompts, padding. Default 1 everywhere. */
  weights?: Float32Array;
  /** For policy losses: per token. */
  advantages?: Float32Array;
  /** For policy losses: log-probabilities under the policy that sampled. */
  logProbs?: Float32Array;
  /** For policy losses with a KL penalty. */
  referenceLogProbs?: Float32Array;
}

/** `sum`: weights as given. `token-mean`: over all weights. `sequence-mean`: within each datum, then over data. */
export type Aggregation = 'sum' | 'token-mean' | 'sequence-mean';

export type LossSpec =
  | { kind: 'cross-entropy'; aggregation: Aggregation }
  | {
      kind: 'policy';
      aggregation: Aggregation;
      /** The ratio is held within [1 - clipLow, 1 + clipHigh]. */
      clipLow: number;
      clipHigh: number;
      /** Above 1: where the advantage is negative, the ratio counts no more than this. Default: as much as it is. */
      dualClip?: number;
      entropy?: number;
      kl?: number;
    };

export interface LossReport {
  loss: number;
  /** Per datum: log-probability of each target. */
  logProbs: Float32Array[];
  /** Per datum, for policy losses: entropy at each position. */
  entropy: Float32Array[] | null;
  metrics: LossMetrics;
}

export interface LossMetrics {
  /** Tokens with a weight. */
  tokens: number;
  /** Tokens that went through the model, padding included: lower than the data's where prompts were shared. */
  computedTokens: number;
  seconds: number;
  /** Policy losses: mean entropy, share of tokens held by the clip, mean log-ratio (old - new) and k3 to the reference. */
  entropy?: number;
  clipFraction?: number;
  approxKl?: number;
  referenceKl?: number;
}

export interface AdamParams {
  learningRate: number;
  beta1?: number;
  beta2?: number;
  epsilon?: number;
  /** Decoupled, on matrices only. */
  weightDecay?: number;
  /** Global norm above which gradients are scaled down. Default: no clipping. */
  maxGradNorm?: number;
}

export interface OptimReport {
  step: number;
  /** Before clipping; NaN where gradients were applied whose norm the engine is not told. */
  gradNorm: number;
  /** False if the gradients were not finite: then nothing was changed. */
  applied: boolean;
}

export interface PolicyRef {
  model: ModelId;
  version: number;
}

/**
 * A Hugging Face folder, with trainer_state.safetensors beside it for resuming. Of a model with an adapter it
 * is PEFT's folder, the adapter alone: whoever loads it brings the base model.
 */
export interface CheckpointRef {
  name: string;
  files: Record<string, Bytes>;
}

export interface SaveOptions {
  /**
   * Instead of an adapter alone: the whole model with the adapter in its weights, which needs no adapter any
   * more.
   */
  merged?: boolean;
  /** Whether trainer_state.safetensors comes along; whoever only samples has no use for it. Default true. */
  optimizer?: boolean;
}

export interface LoadOptions {
  /** Whether AdamW goes on with its moments, or begins anew. */
  optimizer: boolean;
  /** The model that an adapter belongs to, for a checkpoint that is one. */
  baseModel?: ModelSource;
  /** Default: as it was trained beside. */
  base?: BasePrecision;
}

export interface Engine {
  capabilities(): Promise<Capabilities>;
  createModel(source: ModelSource, options?: ModelOptions, control?: Control): Promise<ModelId>;
  sample(request: SampleRequest, control?: Control): AsyncIterable<Rollout>;
  /** Log-probabilities of the targets. */
  forward(model: ModelId, batch: Datum[], control?: Control): Promise<Float32Array[]>;
  /** Adds this batch's gradients to those waiting for the next `optimStep`. */
  forwardBackward(model: ModelId, batch: Datum[], loss: LossSpec, control?: Control): Promise<LossReport>;
  /** Applies the gradients and forgets them. */
  optimStep(model: ModelId, adam: AdamParams): Promise<OptimReport>;
  /** From now on `sample` uses the weights as they are, under a new version. */
  publish(model: ModelId): Promise<PolicyRef>;
  save(model: ModelId, name: string, control?: Control, options?: SaveOptions): Promise<CheckpointRef>;
  /** Always a new model. */
  load(ref: CheckpointRef, options: LoadOptions, control?: Control): Promise<ModelId>;
  dispose(model: ModelId): Promise<void>;
}
