/**
 * The files that an engine runs: what goes in, what comes out, and that every node of them can stay on the GPU.
 */
import { describe, expect, it, vi } from 'vitest';
import {
  type BatchLayout,
  decodeModel,
  evalModel,
  type LossKind,
  type Model,
  optimizerModel,
  prefillModel,
  trainingModel,
} from '../../../src/graph/artifacts';
import type { Source, Tensor } from '../../../src/graph/tensor';
import { type ModelConfig, parseModelConfig } from '../../../src/model/config';
import { parameters } from '../../../src/model/parameters';
import { readModel } from './read-onnx';

/** The program behind every model that was written: its outputs, from which everything can be reached. */
const programs = new WeakMap<Model, Tensor[]>();

vi.mock(import('../../../src/graph/onnx'), async (original) => {
  const actual = await original();
  return {
    ...actual,
    writeModel(name, outputs, metadata) {
      const model = actual.writeModel(name, outputs, metadata);
      programs.set(model, Object.values(outputs));
      return model;
    },
  };
});

const llama = {
  architectures: ['LlamaForCausalLM'],
  vocab_size: 61,
  hidden_size: 32,
  intermediate_size: 40,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  tie_word_embeddings: true,
};
const tied = parseModelConfig(llama);
const untied = parseModelConfig({ ...llama, tie_word_embeddings: false });
const biased = parseModelConfig({ ...llama, architectures: ['Qwen2ForCausalLM'] });
const normed = parseModelConfig({ ...llama, architectures: ['Qwen3ForCausalLM'], head_dim: 16 });
const wordy = parseModelConfig({ ...llama, vocab_size: 151_936 });

const plain = { rows: 2, length: 16, packing: 'plain' } as const;
const packed = { rows: 2, length: 16, packing: 'packed' } as const;
const long = { rows: 1, length: 512, packing: 'packed' } as const;
const crossEntropy = { kind: 'cross-entropy' } as const;
const ppo = { kind: 'policy', entropy: false, reference: false } as const;
const fullPpo = { kind: 'policy', entropy: true, reference: true } as const;

/** "name dtype shape" of each, in the order of the alphabet. */
const say = (specs: Model['inputs']) =>
  specs.map(({ name, dtype, shape }) => `${name} ${dtype} [${shape}]`).sort();
const weightsOf = (config: ModelConfig, prefix = '') =>
  parameters(config).map(({ name, shape }) => `${prefix}${name} float32 [${shape}]`);
const sorted = (...groups: string[][]) => groups.flat().sort();

describe('training_model', () => {
  const tokens = ['tokens int32 [2,16]', 'targets int32 [2,16]', 'weights float32 [32]'];
  const places = ['positions int32 [2,16]', 'segments int32 [2,16]'];
  const policy = [
    'advantages float32 [32]',
    'old_log_probs float32 [32]',
    'ratio_low float32 [1]',
    'ratio_high float32 [1]',
  ];
  const extras = [
    'reference_log_probs float32 [32]',
    'kl_coefficient float32 [1]',
    'entropy_coefficient float32 [1]',
  ];
  const table = ['token_slot int32 [32]', 'distinct_tokens int64 [32,1]'];

  it.each<[string, ModelConfig, BatchLayout, LossKind, string[]]>([
    ['cross-entropy', tied, plain, crossEntropy, tokens],
    ['cross-entropy over packed rows', tied, packed, crossEntropy, [...tokens, ...places]],
    ['PPO', untied, plain, ppo, [...tokens, ...policy]],
    ['PPO with entropy and reference', biased, packed, fullPpo, [...tokens, ...places, ...policy, ...extras]],
    ['normed heads', normed, plain, crossEntropy, tokens],
    ['a large vocabulary', wordy, plain, crossEntropy, [...tokens, ...table]],
  ])('%s: reads the batch and every weight, gives every gradient', (_, config, layout, loss, batch) => {
    const model = trainingModel(config, layout, loss);
    expect(say(model.inputs)).toEqual(sorted(weightsOf(config), batch));
    const results = ['loss float32 [1]', 'log_probs float32 [32,1]'];
    if (loss.kind === 'policy') results.push('entropy float32 [32,1]');
    expect(say(model.outputs)).toEqual(sorted(results, weightsOf(config, 'grad.')));
  });
});

it('eval_model reads a batch and the weights, gives log-probabilities and entropies', () => {
  const model = evalModel(untied, packed);
  const batch = ['tokens', 'targets', 'positions', 'segments'].map((name) => `${name} int32 [2,16]`);
  expect(say(model.inputs)).toEqual(sorted(weightsOf(untied), batch));
  expect(say(model.outputs)).toEqual(['entropy float32 [32,1]', 'log_probs float32 [32,1]']);
});

it('optimizer_model reads weights, gradients, moments and settings, gives the next ones and the norm', () => {
  const model = optimizerModel(biased);
  const of = (...prefixes: string[]) => prefixes.flatMap((prefix) => weightsOf(biased, prefix));
  const betas = ['beta1', 'beta2', 'one_minus_beta1', 'one_minus_beta2', 'correction1', 'correction2'];
  const settings = [...betas, 'learning_rate', 'epsilon', 'weight_decay', 'max_grad_norm'];
  const numbers = settings.map((name) => `${name} float32 [1]`);
  expect(say(model.inputs)).toEqual(sorted(of('', 'grad.', 'm.', 'v.'), numbers));
  expect(say(model.outputs)).toEqual(sorted(of('new.', 'new.m.', 'new.v.'), ['grad_norm float32 [1]']));
});

const cache = (prefix: string, rows: number, headDim: number) =>
  [0, 1].flatMap((layer) =>
    ['key', 'value'].map((kind) => `${prefix}${kind}.${layer} float32 [${rows},2,48,${headDim}]`),
  );

it('prefill_model reads prompts, gives caches of the full length', () => {
  const model = prefillModel(tied, { rows: 3, length: 16, packing: 'plain' }, 48);
  expect(say(model.outputs)).toEqual(sorted(cache('new.', 3, 8)));
  const unread = ['norm', 'layers.1.down', 'layers.1.gateUp', 'layers.1.mlpNorm', 'layers.1.out'];
  const read = weightsOf(tied).filter((spec) => !unread.some((name) => spec.startsWith(`${name} `)));
  expect(say(model.inputs), 'but no weight above the last keys').toEqual(
    sorted(read, ['tokens int32 [3,16]']),
  );
});

it.each([
  ['with fused attention', normed, 16],
  ['with plain attention', tied, 8],
])(
  'decode_model, %s, reads caches and noise, gives tokens and the caches further on',
  (_, config, headDim) => {
    const state = ['token int32 [4]', 'length int32 [4]'];
    const noise = [0, 1, 2].map((step) => `noise.${step} float32 [4,61]`);
    const results = ['tokens int32 [4,3]', 'log_probs float32 [4,3]', ...cache('new.', 4, headDim)];
    const filters = ['top_k', 'top_p', 'inverse_temperature'].map((name) => `${name} float32 [1]`);
    for (const filter of [false, true]) {
      const model = decodeModel(config, { rows: 4, context: 48, steps: 3, filter });
      const given = [...weightsOf(config), ...state, ...noise, ...cache('', 4, headDim)];
      expect(say(model.inputs)).toEqual(sorted(given, filter ? filters : []));
      expect(say(model.outputs)).toEqual(sorted(results));
    }
  },
);

/** Every kind of file, so that every operation that we ever write is in one of them. */
const everyModel: [string, () => Model][] = [
  ...[tied, untied, biased, normed, wordy].flatMap((config) =>
    [plain, packed, long].flatMap((layout) =>
      [crossEntropy, ppo, fullPpo].map((loss): [string, () => Model] => [
        `training ${config.family} ${config.vocabSize} ${layout.packing} ${layout.length} ${JSON.stringify(loss)}`,
        () => trainingModel(config, layout, loss),
      ]),
    ),
  ),
  ['eval plain', () => evalModel(tied, plain)],
  ['eval packed', () => evalModel(wordy, long)],
  ['optimizer', () => optimizerModel(biased)],
  ['prefill', () => prefillModel(normed, plain, 48)],
  ...[tied, normed].flatMap((config) =>
    [false, true].map((filter): [string, () => Model] => [
      `decode heads of ${config.headDim}${filter ? ', filtered' : ''}`,
      () => decodeModel(config, { rows: 4, context: 48, steps: 8, filter }),
    ]),
  ),
];

type NodeSource = Extract<Source, { kind: 'node' }>;

/** Every node of a program, with the results of it that something reads. */
function nodesOf(model: Model): Map<NodeSource, Set<Tensor>> {
  const found = new Map<NodeSource, Set<Tensor>>();
  const pending = [...(programs.get(model) as Tensor[])];
  for (let tensor = pending.pop(); tensor; tensor = pending.pop()) {
    const { source } = tensor;
    if (source.kind !== 'node') continue;
    const results = found.get(source);
    if (results) results.add(tensor);
    else {
      found.set(source, new Set([tensor]));
      for (const operand of source.inputs) if (operand) pending.push(operand);
    }
  }
  return found;
}

/**
 * Operations that onnxruntime's WebGPU provider runs on the GPU for our types, each tried there by hand. One that is
 * not here may fall back to the CPU, with copies both ways in the middle of a step: try it before you add it.
 */
// biome-ignore format: a list to look things up in
const RUNS_ON_WEBGPU = [
  'Add', 'Cast', 'Concat', 'CumSum', 'Div', 'Einsum', 'Equal', 'Exp', 'Expand', 'Gather', 'GatherElements', 'Gemm',
  'LessOrEqual', 'Log', 'MatMul', 'Max', 'Min', 'Mul', 'Neg', 'Pad', 'RMSNormalization', 'ReduceMax', 'ReduceMin', 'ReduceSum', 'Reshape',
  'ScatterElements', 'ScatterND', 'Sigmoid', 'Slice', 'Softmax', 'Split', 'Sqrt', 'Sub',
  'TopK', 'Transpose', 'Where', 'com.microsoft.GroupQueryAttention', 'com.microsoft.QuickGelu',
  'com.microsoft.RotaryEmbedding',
];

/** Where an operand of 64 bits is allowed: as a shape, an axis, a size or a row number, never to compute with. */
const INT64_OPERANDS: Record<string, number[]> = {
  Expand: [1],
  Pad: [1],
  ReduceMax: [1],
  ReduceMin: [1],
  ReduceSum: [1],
  Reshape: [1],
  RotaryEmbedding: [1],
  ScatterND: [1],
  Slice: [1, 2, 3],
  Split: [1],
  TopK: [1],
};

describe('on the GPU', () => {
  it('every operation can stay, and the list of those that can has no other', () => {
    const used = new Set<string>();
    for (const [, make] of everyModel) {
      for (const { op, domain } of readModel(make().bytes).nodes) used.add(domain ? `${domain}.${op}` : op);
    }
    expect([...used].sort()).toEqual(RUNS_ON_WEBGPU);
  });

  describe.each(everyModel)('%s', (_, make) => {
    it('computes nothing with int64, and splits into no more parts than a shader can bind', () => {
      for (const [{ op, inputs, outputs }, results] of nodesOf(make())) {
        for (const { dtype } of results) expect(dtype, `result of ${op}`).not.toBe('int64');
        inputs.forEach((operand, i) => {
          if (operand?.dtype !== 'int64') return;
          expect(INT64_OPERANDS[op] ?? [], `int64 operand of ${op}`).toContain(i);
          expect(operand.source.kind, `int64 operand of ${op}`).not.toBe('node');
        });
        if (op === 'Split') expect(outputs).toBeLessThanOrEqual(7); // of the 8 buffers that every device has
      }
    });

    it('knows every shape before it runs', () => {
      const { inputs, outputs } = readModel(make().bytes);
      for (const { name, dims } of [...inputs, ...outputs]) {
        for (const dim of dims) expect(dim, name).toBeGreaterThan(0);
      }
    });
  });
});

describe('2048 tokens of 151936 words', () => {
  const layout = { rows: 4, length: 512, packing: 'packed' } as const;
  it.each([
    ['training', () => trainingModel(wordy, layout, fullPpo)],
    ['scoring', () => evalModel(wordy, layout)],
  ])('are never together in one tensor: %s', (_, make) => {
    const sizes = [...nodesOf(make()).values()].flatMap((results) => [...results].map(({ size }) => size));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(2 ** 24); // 64 MB; all logits would be 1.2 GB
    expect(Math.max(...sizes)).toBeGreaterThan(0.9 * 2 ** 24); // and no smaller than they have to be
  });
});

it('a model of twelve layers is written in less than a second', () => {
  const config = parseModelConfig({
    ...llama,
    architectures: ['Qwen3ForCausalLM'],
    vocab_size: 151_936,
    hidden_size: 512,
    intermediate_size: 1536,
    num_hidden_layers: 12,
    num_attention_heads: 8,
    head_dim: 64,
  });
  const layout = { rows: 4, length: 512, packing: 'packed' } as const;
  const started = performance.now();
  const model = trainingModel(config, layout, fullPpo);
  expect(performance.now() - started).toBeLessThan(1000);
  expect(model.nodeCount).toBeGreaterThan(500);
  expect(model.bytes.length, 'there are no weights in it').toBeLessThan(2 ** 22);
});
