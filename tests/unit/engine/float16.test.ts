/** Frozen weights in float16: which are held so, and what is refused. That they compute right is among the contracts of adapters. */
import * as ort from 'onnxruntime-node';
import { afterAll, describe, expect, it } from 'vitest';
import { LocalEngine } from '../../../src/engine/local';
import { HostDevice } from '../../../src/engine/ort/host-device';
import { ADAPTER_TARGETS } from '../../../src/model/adapter';
import { parseModelConfig } from '../../../src/model/config';
import { floatsFromFloat16 } from '../../../src/model/half';
import { halvesOf, heldAs, heldBytes } from '../../../src/model/held';
import { planMemory } from '../../../src/model/memory';
import { parameters } from '../../../src/model/parameters';

const json = {
  architectures: ['Qwen2ForCausalLM'],
  model_type: 'qwen2',
  vocab_size: 64,
  hidden_size: 32,
  intermediate_size: 48,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  max_position_embeddings: 64,
  tie_word_embeddings: true,
};
const shape = parseModelConfig(json);
const adapter = { rank: 2, alpha: 4, targets: [...ADAPTER_TARGETS], seed: 1 };
const unlimited = { maxBufferSize: Infinity, maxBindingSize: Infinity };
const use = { training: 'full', batch: 1, context: 8, sampleBatch: 0, sampleContext: 8 } as const;

describe('weights in float16', () => {
  it('are the frozen matrices, while norms, biases and adapters stay in float32', () => {
    const held = parameters(shape).map((each) => [each.name, heldAs(each, { ...shape, base: 'float16' }).as]);
    expect(Object.fromEntries(held)).toMatchObject({
      embed: 'float16',
      'layers.0.qkv': 'float16',
      'layers.0.down': 'float16',
      'layers.0.attnNorm': 'float32',
      norm: 'float32',
    });
    for (const [name, as] of held) expect(as === 'float16', name).toBe(!/norm|bias/i.test(name));
  });

  it('take half of the memory, in the plan too', () => {
    expect(heldBytes(1000, { as: 'float16' })).toBe(2000);
    const weights = (base: 'float32' | 'float16') =>
      planMemory({ ...shape, adapter, base }, use, unlimited).items.find(({ name }) => name === 'weights')
        ?.bytes ?? 0;
    const matrices = parameters(shape).filter((each) => each.shape.length === 2);
    const saved = matrices.reduce((sum, { size }) => sum + 2 * size, 0);
    expect(weights('float32') - weights('float16')).toBe(saved);
  });

  it('are rounded to the nearest, and refused by name where one is too large', () => {
    const values = Float32Array.of(1 / 3, -2, 65_504, 2 ** -24);
    expect(floatsFromFloat16(halvesOf('w', values))).toEqual(
      Float32Array.of(0.333251953125, -2, 65_504, 2 ** -24),
    );
    expect(() => halvesOf('layers.0.out', Float32Array.of(1, -70_000))).toThrow(
      '"layers.0.out" holds -70000, which float16 cannot',
    );
  });
});

describe('a device without float16', () => {
  const info = {
    backend: 'node',
    description: '',
    threads: 1,
    memory: 2 ** 32,
    largestTensor: 2 ** 32,
    float16: false,
  } as const;
  const engine = new LocalEngine(new HostDevice(ort, info, { executionProviders: ['cpu'] }));
  afterAll(() => engine.close());

  it('does not offer it, and says so to whoever asks for it', async () => {
    expect((await engine.capabilities()).base).toEqual(['float32', 'int8', 'int4']);
    const source = { kind: 'random', config: json, seed: 1 } as const;
    await expect(engine.createModel(source, { adapter, base: 'float16' })).rejects.toThrow(
      'choose float32, int8 or int4',
    );
  });
});
