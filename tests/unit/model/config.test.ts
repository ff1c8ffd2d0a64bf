import { describe, expect, test } from 'vitest';
import { parseModelConfig, toHuggingFaceConfig } from '../../../src/model/config';
import { InvalidConfigError, UnsupportedModelError } from '../../../src/model/errors';

// As published on the Hub, with the fields that matter and some that do not.
const smolLM2 = {
  architectures: ['LlamaForCausalLM'],
  attention_bias: false,
  bos_token_id: 0,
  eos_token_id: 0,
  hidden_act: 'silu',
  hidden_size: 576,
  intermediate_size: 1536,
  is_llama_config: true,
  max_position_embeddings: 8192,
  mlp_bias: false,
  model_type: 'llama',
  num_attention_heads: 9,
  num_hidden_layers: 30,
  num_key_value_heads: 3,
  rms_norm_eps: 1e-5,
  rope_scaling: null,
  rope_theta: 100000,
  tie_word_embeddings: true,
  torch_dtype: 'bfloat16',
  vocab_size: 49152,
};
const qwen25 = {
  architectures: ['Qwen2ForCausalLM'],
  bos_token_id: 151643,
  eos_token_id: 151645,
  hidden_size: 896,
  intermediate_size: 4864,
  max_position_embeddings: 32768,
  max_window_layers: 21,
  model_type: 'qwen2',
  num_attention_heads: 14,
  num_hidden_layers: 24,
  num_key_value_heads: 2,
  rms_norm_eps: 1e-6,
  rope_theta: 1000000.0,
  sliding_window: 32768,
  tie_word_embeddings: true,
  use_sliding_window: false,
  vocab_size: 151936,
};
const qwen3 = {
  architectures: ['Qwen3ForCausalLM'],
  attention_bias: false,
  head_dim: 128,
  hidden_size: 1024,
  intermediate_size: 3072,
  max_position_embeddings: 40960,
  model_type: 'qwen3',
  num_attention_heads: 16,
  num_hidden_layers: 28,
  num_key_value_heads: 8,
  rms_norm_eps: 1e-6,
  rope_theta: 1000000,
  tie_word_embeddings: true,
  vocab_size: 151936,
};
const llama3Scaling = {
  factor: 32.0,
  high_freq_factor: 4.0,
  low_freq_factor: 1.0,
  original_max_position_embeddings: 8192,
  rope_type: 'llama3',
};

describe('a config.json is read', () => {
  test('SmolLM2, which is a Llama', () => {
    expect(parseModelConfig(smolLM2)).toEqual({
      family: 'llama',
      vocabSize: 49152,
      hiddenSize: 576,
      intermediateSize: 1536,
      layers: 30,
      heads: 9,
      kvHeads: 3,
      headDim: 64,
      normEps: 1e-5,
      ropeTheta: 100000,
      ropeScaling: null,
      tiedHead: true,
      qkvBias: false,
      qkNorm: false,
      maxPositions: 8192,
      bosTokenId: 0,
      eosTokenIds: [0],
      source: smolLM2,
    });
  });

  test('Qwen2, with biases on q, k and v, and a sliding window that is off', () => {
    const config = parseModelConfig(qwen25);
    expect(config).toMatchObject({ family: 'qwen2', qkvBias: true, qkNorm: false, headDim: 64, kvHeads: 2 });
  });

  test('Qwen3, with norms on q and k, and heads wider than hidden size / heads', () => {
    const config = parseModelConfig(qwen3);
    expect(config).toMatchObject({ family: 'qwen3', qkvBias: false, qkNorm: true, headDim: 128, heads: 16 });
  });

  test('the family follows from model_type where architectures are missing', () => {
    const { architectures, ...rest } = qwen3;
    expect(architectures).toBeDefined();
    expect(parseModelConfig(rest).family).toBe('qwen3');
  });

  test('a list of end-of-text tokens, or none', () => {
    expect(parseModelConfig({ ...smolLM2, eos_token_id: [1, 2] }).eosTokenIds).toEqual([1, 2]);
    expect(parseModelConfig({ ...smolLM2, eos_token_id: null }).eosTokenIds).toEqual([]);
  });
});

describe('what is missing takes the default of transformers', () => {
  test('Llama', () => {
    expect(parseModelConfig({ architectures: ['LlamaForCausalLM'] })).toMatchObject({
      vocabSize: 32000,
      hiddenSize: 4096,
      intermediateSize: 11008,
      layers: 32,
      heads: 32,
      kvHeads: 32,
      headDim: 128,
      normEps: 1e-6,
      ropeTheta: 10000,
      tiedHead: false,
      maxPositions: 2048,
      bosTokenId: 1,
      eosTokenIds: [2],
    });
  });

  test('Llama without kv heads has as many as heads; Qwen has 32, unless null', () => {
    const without = (json: object) => ({ ...json, num_key_value_heads: undefined });
    expect(parseModelConfig(without(smolLM2)).kvHeads).toBe(9);
    expect(parseModelConfig({ ...without(qwen3), num_attention_heads: 64 }).kvHeads).toBe(32);
    expect(parseModelConfig({ ...qwen3, num_key_value_heads: null }).kvHeads).toBe(16);
  });

  test('Qwen3 without head_dim has heads of 128', () => {
    expect(parseModelConfig({ ...qwen3, head_dim: undefined }).headDim).toBe(128);
  });

  test('Qwen has no tokens of its own for begin and end', () => {
    expect(parseModelConfig(qwen3)).toMatchObject({ bosTokenId: null, eosTokenIds: [] });
  });
});

describe('positions, in both spellings of transformers', () => {
  const llama3 = {
    type: 'llama3',
    factor: 32,
    lowFreqFactor: 1,
    highFreqFactor: 4,
    originalMaxPositions: 8192,
  };

  test('rope_theta and rope_scaling', () => {
    const config = parseModelConfig({ ...smolLM2, rope_theta: 500000, rope_scaling: llama3Scaling });
    expect(config).toMatchObject({ ropeTheta: 500000, ropeScaling: llama3 });
  });

  test('rope_parameters', () => {
    const { rope_theta, rope_scaling, ...rest } = smolLM2;
    const config = parseModelConfig({ ...rest, rope_parameters: { rope_theta: 500000, ...llama3Scaling } });
    expect(config).toMatchObject({ ropeTheta: 500000, ropeScaling: llama3 });
    const plain = { rope_type: 'default', rope_theta: 7 };
    expect(parseModelConfig({ ...rest, rope_parameters: plain })).toMatchObject({
      ropeTheta: 7,
      ropeScaling: null,
    });
    expect([rope_theta, rope_scaling]).toEqual([100000, null]);
  });

  test.each([
    { rope_scaling: { type: 'linear', factor: 2 } },
    { rope_scaling: { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 32768 } },
    { rope_scaling: { type: 'dynamic', factor: 2 } },
    { rope_parameters: { rope_type: 'longrope', rope_theta: 1 } },
    { rope_parameters: { full_attention: { rope_theta: 1 } } },
    { partial_rotary_factor: 0.5 },
  ])('refused: %j', (change) => {
    expect(() => parseModelConfig({ ...smolLM2, ...change })).toThrow(UnsupportedModelError);
  });
});

describe('what would be computed differently is refused, by name', () => {
  test.each([
    [{ architectures: ['MistralForCausalLM'] }, /MistralForCausalLM.*LlamaForCausalLM/],
    [{ architectures: ['LlamaForSequenceClassification'] }, /LlamaForSequenceClassification/],
    [{ architectures: [], model_type: 'gpt2' }, /gpt2/],
    [{ architectures: undefined, model_type: undefined }, /nothing/],
    [{ hidden_act: 'gelu' }, /activation.*gelu/],
    [{ attention_bias: true }, /o_proj/],
    [{ mlp_bias: true }, /MLP/],
    [{ quantization_config: { quant_method: 'gptq' } }, /quantised/],
    [{ num_local_experts: 8 }, /mixture of experts/],
    [{ num_attention_heads: 192, num_key_value_heads: 3 }, /3 wide/],
  ])('%j', (change, message) => {
    const parse = () => parseModelConfig({ ...smolLM2, ...change });
    expect(parse).toThrow(UnsupportedModelError);
    expect(parse).toThrow(message);
  });

  test('a sliding window, but only where a layer would use it', () => {
    const sliding = { ...qwen25, use_sliding_window: true };
    expect(() => parseModelConfig(sliding)).toThrow(/sliding window/);
    expect(parseModelConfig({ ...sliding, max_window_layers: 24 }).layers).toBe(24);
    expect(parseModelConfig({ ...sliding, sliding_window: null }).layers).toBe(24);
    const types = Array.from({ length: 24 }, () => 'full_attention');
    expect(parseModelConfig({ ...sliding, layer_types: types }).layers).toBe(24);
    const mixed = { ...sliding, layer_types: [...types.slice(1), 'sliding_attention'] };
    expect(() => parseModelConfig(mixed)).toThrow(/sliding window/);
  });

  test('biases on Qwen3, which would be on o_proj too', () => {
    expect(() => parseModelConfig({ ...qwen3, attention_bias: true })).toThrow(/o_proj/);
  });
});

describe('a broken config.json says which field is wrong', () => {
  test.each([
    [{ hidden_size: '576' }, /"hidden_size" must be a positive whole number but is "576"/],
    [{ vocab_size: -1 }, /"vocab_size".*-1/],
    [{ num_hidden_layers: 1.5 }, /"num_hidden_layers"/],
    [{ num_key_value_heads: 2 }, /"num_key_value_heads" must be a divisor of the 9 heads but is 2/],
    [{ hidden_size: 577 }, /"hidden_size" must be a multiple of the 9 heads/],
    [{ tie_word_embeddings: 'yes' }, /"tie_word_embeddings" must be true or false/],
    [{ rms_norm_eps: 0 }, /"rms_norm_eps"/],
    [{ eos_token_id: ['x'] }, /"eos_token_id"/],
    [{ rope_scaling: 'llama3' }, /"rope_scaling" must be an object/],
    [{ rope_scaling: { rope_type: 'llama3', factor: 8 } }, /rope_scaling: "low_freq_factor".*missing/],
  ])('%j', (change, message) => {
    const parse = () => parseModelConfig({ ...smolLM2, ...change });
    expect(parse).toThrow(InvalidConfigError);
    expect(parse).toThrow(message);
  });

  test.each([null, 'text', 7, []])('%j is not an object', (json) => {
    expect(() => parseModelConfig(json)).toThrow(InvalidConfigError);
  });
});

describe('a model born here gets a config.json', () => {
  test.each([smolLM2, qwen25, qwen3, { ...smolLM2, rope_scaling: llama3Scaling }])(
    'that reads back',
    (json) => {
      const { source, ...shape } = parseModelConfig(json);
      const written = toHuggingFaceConfig(shape);
      expect(source).toBe(json);
      expect(written.architectures).toEqual(json.architectures);
      expect(parseModelConfig(written)).toEqual({ ...shape, source: written });
    },
  );

  test('unless transformers has no such model', () => {
    const shape = { ...parseModelConfig(smolLM2), qkvBias: true };
    expect(() => toHuggingFaceConfig(shape)).toThrow(/LlamaForCausalLM has no q\/k\/v biases/);
  });
});
