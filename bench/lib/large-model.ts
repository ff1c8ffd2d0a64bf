/**
 * @file One way of training a model of SmolLM2-135M's shape: how long it takes, and how much memory at most. Only a process of its own tells
 * the latter: see large-model-process.mjs.
 */

import { LocalEngine } from '../../src/engine/local';
import { openNodeDevice } from '../../src/engine/ort/node';
import { ADAPTER_TARGETS } from '../../src/model/adapter';
import type { BasePrecision } from '../../src/model/build';

export interface Way {
  adapter: boolean;
  base?: BasePrecision;
  recompute: boolean;
  rows: number;
  length: number;
}

/** As the model's own config.json has it. */
const config = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  vocab_size: 49_152,
  hidden_size: 576,
  intermediate_size: 1536,
  num_hidden_layers: 30,
  num_attention_heads: 9,
  num_key_value_heads: 3,
  max_position_embeddings: 8192,
  rms_norm_eps: 1e-5,
  rope_theta: 100_000,
  tie_word_embeddings: true,
  bos_token_id: 0,
  eos_token_id: 0,
};

async function seconds(job: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await job();
  return (performance.now() - start) / 1000;
}
const peak = () => process.resourceUsage().maxRSS * 1024;

/** Seconds and bytes. */
export async function measure({ adapter, base, recompute, rows, length }: Way) {
  const engine = new LocalEngine(await openNodeDevice());
  const options = {
    base,
    recompute,
    ...(adapter ? { adapter: { rank: 16, alpha: 32, targets: ADAPTER_TARGETS } } : {}),
  };
  const before = peak();
  let model = '';
  const load = await seconds(async () => {
    model = await engine.createModel({ kind: 'random', config, seed: 1 }, options);
  });
  const loaded = peak();

  const batch = Array.from({ length: rows }, (_, row) => {
    const text = Int32Array.from({ length: length + 1 }, (_, i) => (i * 7919 + row * 13) % config.vocab_size);
    return { tokens: text.slice(0, -1), targets: text.slice(1) };
  });
  const step = () =>
    seconds(async () => {
      await engine.forwardBackward(model, batch, { kind: 'cross-entropy', aggregation: 'token-mean' });
      await engine.optimStep(model, { learningRate: 1e-4 });
    });
  const [firstStep, nextStep] = [await step(), await step()];
  const trained = peak();

  const rollout = () =>
    seconds(async () => {
      const prompts = [batch[0].tokens.slice(0, 32)];
      for await (const _ of engine.sample({ model, prompts, samples: 1, maxTokens: 64, stop: [], seed: 1 }));
    });
  const [firstRollout, nextRollout] = [await rollout(), await rollout()];
  const plan = await engine.plan(config, { ...options, batch: rows, context: length, sampleContext: 128 });
  const result = {
    before,
    load,
    loaded,
    firstStep,
    nextStep,
    trained,
    firstRollout,
    nextRollout,
    most: peak(),
  };
  await engine.close();
  return { ...result, planned: plan.total };
}

export type Figures = Awaited<ReturnType<typeof measure>>;
