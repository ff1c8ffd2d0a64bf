/** Settings that are filled in for a model and a device: they fit, and give up no more than they must. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import './page-globals';
import { memoryOf, type Room, typicalSpeed } from '../../../src/app/settings/estimate';
import { fitted } from '../../../src/app/settings/fitting';
import { parseModelConfig } from '../../../src/model/config';
import { type Config, checkConfig } from '../../../src/selfplay/config';
import { type PresetName, presetConfig } from '../../../src/selfplay/presets';

const file = join(import.meta.dirname, '../../golden/public-models/configs.json');
const configs: Record<string, object> = JSON.parse(readFileSync(file, 'utf8'));
const shapeOf = (name: string) =>
  parseModelConfig(Object.entries(configs).find(([id]) => id.includes(name))?.[1]);
const wasm: Room = { largest: 2 ** 31 - 1, total: 3 * 2 ** 30, longCalls: true };
const gpu: Room = { largest: 2 ** 31, total: 4 * 2 ** 30 };
const large: Room = { largest: 2 ** 34, total: 2 ** 40 };

interface Case {
  preset?: PresetName;
  asked?: Partial<Config>;
  room?: Room;
  shape?: Partial<ReturnType<typeof shapeOf>>;
  backend?: 'wasm' | 'webgpu';
}
const settled = (
  name: string,
  { preset = 'chat', asked, room = large, shape, backend = 'webgpu' }: Case = {},
) => {
  const whole = { ...shapeOf(name), ...shape };
  const config = presetConfig(preset, asked);
  const filled = fitted(config, whole, room, typicalSpeed(backend, whole, 2));
  return { filled, config: { ...config, ...filled }, shape: whole };
};

describe('settings that fit', () => {
  it('are those that were asked for, where there is room', () => {
    for (const name of ['SmolLM2-135M', 'Llama-3.2-1B']) expect(settled(name).filled).toEqual({});
    expect(settled('SmolLM2-135M', { room: wasm }).filled).toEqual({});
  });

  it.each([
    ['SmolLM2-135M', wasm],
    ['SmolLM2-360M', wasm],
    ['Qwen2.5-Coder-0.5B', wasm],
    ['Qwen3-0.6B', gpu],
    ['Llama-3.2-1B', gpu],
  ] as const)('are found for %s, whatever the preset asks for', (name, room) => {
    for (const preset of ['chat', 'strict', 'paper'] as const) {
      const { config, shape } = settled(name, { preset, room });
      expect(memoryOf(config, shape, room).refusal).toBeNull();
      expect(checkConfig(config)).toEqual([]);
      expect(config['tokens.prompt'] + config['tokens.response']).toBeGreaterThan(1000);
    }
  });

  it('give up least first: an adapter for all weights, then exactness, then length', () => {
    const room = (gibibytes: number) => ({ largest: 2 ** 34, total: gibibytes * 2 ** 30 });
    const kept = (gibibytes: number) => {
      const asked = { 'model.train': 'all' } as const;
      const { config } = settled('SmolLM2-360M', { asked, room: room(gibibytes) });
      return [config['model.train'], config['model.base'], config['tokens.prompt']];
    };
    expect(kept(64)).toEqual(['all', 'float32', 2048]);
    expect(kept(6)).toEqual(['adapter', 'float32', 2048]);
    expect(kept(4)).toEqual(['adapter', 'int4', 2048]);
    expect(kept(3)).toEqual(['adapter', 'int4', 1536]);
  });

  it('keep to what the model reads at once, and the parts of a text to each other', () => {
    const { config } = settled('SmolLM2-135M', { shape: { maxPositions: 1536 } });
    expect(config).toMatchObject({ 'tokens.prompt': 1024, 'tokens.content': 800, 'tokens.response': 512 });
    const responseOf = (shape: Case['shape']) =>
      settled('Qwen3-0.6B', { preset: 'strict', shape }).config['tokens.response'];
    expect(responseOf({ maxPositions: 4096 })).toBe(2304);
    expect(responseOf({})).toBe(8096);
  });

  it('ask for less in a step where one would take too long', () => {
    expect(settled('Llama-3.2-1B', { backend: 'wasm' }).filled).toEqual({ batch: 4 });
  });

  it('leave to be said what is still too much, where nothing fits', () => {
    const { config, shape } = settled('Llama-3.2-1B', { room: wasm });
    expect(config['model.base']).toBe('int4');
    expect(memoryOf(config, shape, wasm).refusal).toContain('of memory and 3.00 GiB are available');
  });
});
