/** A model with its adapter merged into it; what PEFT makes of the same is held against the engine in tests/contract/adapters.ts. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalEngine } from '../../../src/engine/local';
import { openNodeDevice } from '../../../src/engine/ort/node';
import { readText } from '../../../src/model/bytes';
import { merged } from '../../../src/model/merged';

const config = {
  architectures: ['Qwen2ForCausalLM'],
  model_type: 'qwen2',
  vocab_size: 32,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 32,
  tie_word_embeddings: true,
};
const adapter = { rank: 2, alpha: 8, targets: ['q_proj', 'v_proj', 'down_proj'], seed: 4 } as const;
const datum = { tokens: Int32Array.of(1, 2, 3, 4), targets: Int32Array.of(2, 3, 4, 5) };

let engine: LocalEngine;
beforeAll(async () => {
  engine = new LocalEngine(await openNodeDevice());
});
afterAll(() => engine.close());

describe('a model with an adapter', () => {
  it('computes the same once it is merged, and is a model like any other', async () => {
    const base = await engine.save(
      await engine.createModel({ kind: 'random', config, seed: 1 }, { trainable: false }),
      '',
    );
    const model = await engine.createModel({ kind: 'files', files: base.files }, { adapter });
    for (let step = 0; step < 3; step++) {
      await engine.forwardBackward(model, [datum], { kind: 'cross-entropy', aggregation: 'sum' });
      await engine.optimStep(model, { learningRate: 0.05 });
    }
    const [learned] = await engine.forward(model, [datum]);
    const trained = await engine.save(model, '');
    const files = await merged({ ...base.files, ...trained.files, 'tokenizer.json': new Blob(['{}']) });

    expect(Object.keys(files).sort()).toEqual([
      'config.json',
      'generation_config.json',
      'model.safetensors',
      'tokenizer.json',
    ]);
    expect(JSON.parse((await readText(files['config.json'])) ?? '')).toMatchObject({ model_type: 'qwen2' });
    const whole = await engine.createModel({ kind: 'files', files }, { trainable: false });
    const [found] = await engine.forward(whole, [datum]);
    const [before] = await engine.forward(
      await engine.createModel({ kind: 'files', files: base.files }, { trainable: false }),
      [datum],
    );
    for (let i = 0; i < found.length; i++) expect(found[i]).toBeCloseTo(learned[i], 5);
    expect(Math.abs(found[0] - before[0])).toBeGreaterThan(0.01);
  });

  it('that has none is left as it is', async () => {
    const files = { 'config.json': new Blob(['{}']) };
    expect(await merged(files)).toEqual(files);
  });
});
