import { describe, expect, it } from 'vitest';
import {
  ADAPTER_TARGETS,
  type AdapterSettings,
  adapterParameters,
  initialAdapter,
  mergeAdapter,
} from '../../../src/model/adapter';
import { parseAdapterConfig, readAdapter, writeAdapter } from '../../../src/model/adapter-files';
import { parseModelConfig } from '../../../src/model/config';
import {
  InvalidAdapterError,
  InvalidSafetensorsError,
  MissingFileError,
  MissingTensorError,
  WrongShapeError,
} from '../../../src/model/errors';
import { type AdapterGolden, adapterNames, loadAdapter } from '../../golden/load-adapters';

const filesOf = ({ adapter }: AdapterGolden) => new Map(Object.entries(adapter));
const shapeOf = ({ base }: AdapterGolden) =>
  parseModelConfig(JSON.parse(new TextDecoder().decode(base['config.json'])));

describe.each(adapterNames)('the adapter of %s that PEFT wrote', (name) => {
  it('comes out again with the same numbers, and whatever else its config said', async () => {
    const golden = await loadAdapter(name);
    const shape = shapeOf(golden);
    const adapter = await readAdapter(filesOf(golden), shape);
    if (!adapter) throw new Error('there is an adapter');
    const written = await writeAdapter(shape, adapter.settings, adapter.read, adapter.source);
    const again = await readAdapter(new Map(Object.entries(written)), shape);
    for (const parameter of adapterParameters(shape, adapter.settings)) {
      expect(await again?.read(parameter)).toEqual(await adapter.read(parameter));
    }
    expect(again?.settings).toEqual(adapter.settings);
    expect(again?.source).toMatchObject({
      peft_version: '0.21.2',
      base_model_name_or_path: expect.any(String),
    });
  });
});

describe('a new adapter', () => {
  const settings: AdapterSettings = { rank: 2, alpha: 4, targets: ADAPTER_TARGETS };

  it('begins as PEFT does: A uniform within one over the root of its width, B zero, the same for the same seed', async () => {
    const [a, b] = adapterParameters(shapeOf(await loadAdapter('llama')), { ...settings, rank: 64 });
    const values = initialAdapter(a, 1);
    const bound = 1 / Math.sqrt(32);
    expect(Math.max(...values)).toBeLessThanOrEqual(bound);
    expect(Math.max(...values)).toBeGreaterThan(0.99 * bound);
    expect(Math.min(...values)).toBeLessThan(-0.99 * bound);
    expect(Math.abs(values.reduce((sum, x) => sum + x, 0) / values.length)).toBeLessThan(0.05 * bound);
    expect(initialAdapter(a, 1)).toEqual(values);
    expect(initialAdapter(a, 2)).not.toEqual(values);
    expect(new Set(initialAdapter(b, 1))).toEqual(new Set([0]));
  });

  it('merges as W + alpha / rank * B A', () => {
    const weight = Float32Array.of(1, 2, 3, 4, 5, 6); // [3, 2]
    const a = Float32Array.of(1, 2, 3, 4);
    const b = Float32Array.of(1, 0, 0, 1, 1, 1);
    mergeAdapter(weight, a, b, settings);
    expect([...weight]).toEqual([1 + 2, 2 + 4, 3 + 6, 4 + 8, 5 + 8, 6 + 12]);
  });
});

describe('an adapter that cannot be used is refused by name:', () => {
  const config = { peft_type: 'LORA', r: 4, lora_alpha: 8, target_modules: ['q_proj'] };

  it.each([
    ['another method', { peft_type: 'IA3' }, /peft_type is "IA3"/],
    ['biases', { bias: 'all' }, /bias is "all"/],
    ['DoRA', { use_dora: true }, /use_dora/],
    ['a scale of its own', { use_rslora: true }, /use_rslora/],
    ['ranks that differ', { rank_pattern: { q_proj: 2 } }, /rank_pattern/],
    ['whole modules', { modules_to_save: ['lm_head'] }, /modules_to_save/],
    ['the embedding', { target_modules: ['embed_tokens'] }, /adapts "embed_tokens"/],
    ['targets as a pattern', { target_modules: '.*_proj' }, /list of names/],
    ['no rank', { r: null }, /must be numbers/],
    ['a rank of zero', { r: 0 }, /rank/],
  ])('%s', (_, change, text) => {
    const parse = () => parseAdapterConfig({ ...config, ...change });
    expect(parse).toThrow(InvalidAdapterError);
    expect(parse).toThrow(text);
  });

  it('files that are missing, broken, or of another model', async () => {
    const [golden, other] = [await loadAdapter('llama'), await loadAdapter('smollm2')];
    const read = (change: Record<string, Uint8Array | null>, of = golden) => {
      const files = Object.entries({ ...golden.adapter, ...change }).flatMap(([name, file]) =>
        file ? [[name, file] as const] : [],
      );
      return readAdapter(new Map(files), shapeOf(of));
    };
    const text = (json: string) => new TextEncoder().encode(json);
    await expect(read({ 'adapter_config.json': null })).resolves.toBeNull();
    await expect(read({ 'adapter_model.safetensors': null })).rejects.toThrow(MissingFileError);
    await expect(read({ 'adapter_config.json': text('[') })).rejects.toThrow(InvalidAdapterError);
    await expect(read({ 'adapter_model.safetensors': new Uint8Array(9) })).rejects.toThrow(
      InvalidSafetensorsError,
    );
    await expect(read({}, other)).rejects.toThrow(WrongShapeError);
    const fewer = JSON.stringify({ ...config, target_modules: ['q_proj'] });
    await expect(read({ 'adapter_config.json': text(fewer) })).rejects.toThrow(/also changes/);
    const qwen = (await loadAdapter('qwen3')).adapter['adapter_model.safetensors'];
    await expect(read({ 'adapter_model.safetensors': qwen })).rejects.toThrow(MissingTensorError);
  });
});
