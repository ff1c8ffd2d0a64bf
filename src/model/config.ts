/**
 * @file A model's shape, read from a Hugging Face config.json of the Llama family (Llama, SmolLM2, Qwen2,
 * Qwen3). Defaults are transformers' own. Whatever would make the computation differ from ours is refused
 * here, in one sentence, because a model that is computed slightly wrongly is worse than one that does not
 * load.
 */

import { InvalidConfigError, UnsupportedModelError } from './errors';
import { Fields, isJsonObject, type JsonObject } from './fields';
import { type Llama3RopeScaling, parseRope } from './rope';

export type { Llama3RopeScaling } from './rope';

export type ModelFamily = 'llama' | 'qwen2' | 'qwen3';

export interface ModelShape {
  family: ModelFamily;
  vocabSize: number;
  hiddenSize: number;
  intermediateSize: number;
  layers: number;
  heads: number;
  kvHeads: number;
  headDim: number;
  normEps: number;
  ropeTheta: number;
  ropeScaling: Llama3RopeScaling | null;
  /** The head is the embedding: one matrix, used twice, with one gradient. */
  tiedHead: boolean;
  qkvBias: boolean;
  /** RMSNorm over each head of q and k, before the rotation. */
  qkNorm: boolean;
  maxPositions: number;
  bosTokenId: number | null;
  eosTokenIds: number[];
}

export interface ModelConfig extends ModelShape {
  /** The config.json it was read from, so that an export keeps the fields that we do not use. */
  source: JsonObject;
}

interface FamilyTraits {
  architecture: string;
  qkvBias: boolean;
  qkNorm: boolean;
  defaults: {
    vocabSize: number;
    intermediateSize: number;
    /** null: as many as heads. */
    kvHeads: number | null;
    /** null: hidden size / heads. */
    headDim: number | null;
    maxPositions: number;
    bosTokenIds: number[];
    eosTokenIds: number[];
  };
}

const qwenDefaults = {
  vocabSize: 151_936,
  intermediateSize: 22_016,
  kvHeads: 32,
  headDim: null,
  maxPositions: 32_768,
  bosTokenIds: [],
  eosTokenIds: [],
};

const FAMILIES: Record<ModelFamily, FamilyTraits> = {
  llama: {
    architecture: 'LlamaForCausalLM',
    qkvBias: false,
    qkNorm: false,
    defaults: {
      vocabSize: 32_000,
      intermediateSize: 11_008,
      kvHeads: null,
      headDim: null,
      maxPositions: 2048,
      bosTokenIds: [1],
      eosTokenIds: [2],
    },
  },
  qwen2: { architecture: 'Qwen2ForCausalLM', qkvBias: true, qkNorm: false, defaults: qwenDefaults },
  qwen3: {
    architecture: 'Qwen3ForCausalLM',
    qkvBias: false,
    qkNorm: true,
    defaults: { ...qwenDefaults, headDim: 128 },
  },
};

export function parseModelConfig(json: unknown): ModelConfig {
  if (!isJsonObject(json)) {
    throw new InvalidConfigError('config.json must hold one JSON object; download the file again.');
  }
  const fields = new Fields(json);
  const family = familyOf(fields);
  const { defaults, qkvBias, qkNorm } = FAMILIES[family];
  refuseWhatWeDoNotCompute(fields, family);

  const hiddenSize = fields.count('hidden_size', 4096);
  const layers = fields.count('num_hidden_layers', 32);
  const heads = fields.count('num_attention_heads', 32);
  const maxPositions = fields.count('max_position_embeddings', defaults.maxPositions);
  if (family !== 'llama') refuseSlidingWindow(fields, layers);

  return {
    family,
    vocabSize: fields.count('vocab_size', defaults.vocabSize),
    hiddenSize,
    intermediateSize: fields.count('intermediate_size', defaults.intermediateSize),
    layers,
    heads,
    kvHeads: kvHeadsOf(fields, heads, defaults.kvHeads),
    headDim: headDimOf(fields, family, hiddenSize, heads),
    normEps: fields.positive('rms_norm_eps', 1e-6),
    ...parseRope(fields, maxPositions),
    tiedHead: fields.flag('tie_word_embeddings', false),
    qkvBias,
    qkNorm,
    maxPositions,
    bosTokenId: fields.tokenIds('bos_token_id', defaults.bosTokenIds)[0] ?? null,
    eosTokenIds: fields.tokenIds('eos_token_id', defaults.eosTokenIds),
    source: json,
  };
}

function familyOf(fields: Fields): ModelFamily {
  const families = Object.keys(FAMILIES) as ModelFamily[];
  const listed = fields.get('architectures');
  const names: unknown[] = Array.isArray(listed) ? listed : [];
  const type = fields.get('model_type');
  const found = families.find((family) =>
    names.length > 0 ? names[0] === FAMILIES[family].architecture : type === family,
  );
  if (found) return found;
  const known = families.map((family) => FAMILIES[family].architecture).join(', ');
  const kind = names.length > 0 ? names.join(', ') : type === undefined ? 'nothing' : String(type);
  throw new UnsupportedModelError(
    `config.json names ${kind} as its architecture; choose a model of ${known}.`,
  );
}

function refuseWhatWeDoNotCompute(fields: Fields, family: ModelFamily): void {
  const activation = fields.text('hidden_act', 'silu');
  if (activation !== 'silu') {
    throw new UnsupportedModelError(
      `This model's activation is "${activation}"; choose one whose hidden_act is "silu".`,
    );
  }
  if (family !== 'qwen2' && fields.flag('attention_bias', false)) {
    throw new UnsupportedModelError(
      "This model's attention_bias puts a bias on o_proj too; choose one with attention_bias false.",
    );
  }
  if (family === 'llama' && fields.flag('mlp_bias', false)) {
    throw new UnsupportedModelError('This model has biases in its MLP; choose one with mlp_bias false.');
  }
  if (fields.has('quantization_config')) {
    throw new UnsupportedModelError(
      "This model's weights are quantised; choose the original, unquantised model (F32, F16 or BF16).",
    );
  }
  for (const key of ['num_experts', 'num_local_experts']) {
    if (fields.has(key) && fields.get(key) !== 0) {
      throw new UnsupportedModelError(`This model is a mixture of experts (${key}); choose a dense one.`);
    }
  }
}

/** A Qwen config mentions a window even where it is off: what counts is whether a layer would use it. */
function refuseSlidingWindow(fields: Fields, layers: number): void {
  const types = fields.get('layer_types');
  const slides = Array.isArray(types)
    ? types.some((type) => type !== 'full_attention')
    : fields.flag('use_sliding_window', false) &&
      fields.get('sliding_window') !== undefined &&
      fields.count('max_window_layers', 28) < layers;
  if (slides) {
    throw new UnsupportedModelError(
      'Some layers of this model attend through a sliding window; ' +
        'choose one whose layers all see the whole text (use_sliding_window false).',
    );
  }
}

function kvHeadsOf(fields: Fields, heads: number, missing: number | null): number {
  const isNull = fields.get('num_key_value_heads') === undefined && fields.mentions('num_key_value_heads');
  const kvHeads = fields.count('num_key_value_heads', isNull ? heads : (missing ?? heads));
  if (heads % kvHeads !== 0) throw fields.wrong('num_key_value_heads', `a divisor of the ${heads} heads`);
  return kvHeads;
}

function headDimOf(fields: Fields, family: ModelFamily, hiddenSize: number, heads: number): number {
  const missing = FAMILIES[family].defaults.headDim;
  const derived = !fields.has('head_dim') && missing === null;
  if ((derived || family === 'llama') && hiddenSize % heads !== 0) {
    throw fields.wrong('hidden_size', `a multiple of the ${heads} heads`);
  }
  const headDim = derived ? hiddenSize / heads : fields.count('head_dim', missing ?? 1);
  if (headDim % 2 !== 0) {
    throw new UnsupportedModelError(
      `This model's heads are ${headDim} wide, which cannot rotate in pairs; choose one with an even width.`,
    );
  }
  return headDim;
}

/**
 * The config.json of a model that was born here. The old spelling of RoPE is written, because every version
 * of transformers reads it.
 */
export function toHuggingFaceConfig(shape: ModelShape): JsonObject {
  const { ropeScaling: scaling } = shape;
  const { architecture, qkvBias, qkNorm } = FAMILIES[shape.family];
  if (shape.qkvBias !== qkvBias || shape.qkNorm !== qkNorm) {
    throw new UnsupportedModelError(
      `${architecture} has ${qkvBias ? '' : 'no '}q/k/v biases and ${qkNorm ? '' : 'no '}q/k norms; ` +
        'give the model the family that fits it.',
    );
  }
  return {
    architectures: [architecture],
    model_type: shape.family,
    vocab_size: shape.vocabSize,
    hidden_size: shape.hiddenSize,
    intermediate_size: shape.intermediateSize,
    num_hidden_layers: shape.layers,
    num_attention_heads: shape.heads,
    num_key_value_heads: shape.kvHeads,
    head_dim: shape.headDim,
    hidden_act: 'silu',
    rms_norm_eps: shape.normEps,
    rope_theta: shape.ropeTheta,
    rope_scaling: scaling && {
      rope_type: scaling.type,
      factor: scaling.factor,
      low_freq_factor: scaling.lowFreqFactor,
      high_freq_factor: scaling.highFreqFactor,
      original_max_position_embeddings: scaling.originalMaxPositions,
    },
    max_position_embeddings: shape.maxPositions,
    initializer_range: 0.02,
    tie_word_embeddings: shape.tiedHead,
    attention_dropout: 0,
    ...(shape.family === 'llama' ? { attention_bias: false, mlp_bias: false } : {}),
    ...(shape.family === 'qwen3' ? { attention_bias: false } : {}),
    ...(shape.family === 'llama' ? {} : { use_sliding_window: false }),
    bos_token_id: shape.bosTokenId,
    eos_token_id: shape.eosTokenIds.length > 1 ? shape.eosTokenIds : (shape.eosTokenIds[0] ?? null),
    use_cache: true,
  };
}
