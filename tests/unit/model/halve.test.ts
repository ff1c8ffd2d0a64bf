/** A model in half precision is the same model, rounded: for our loader, for the engine, and whoever halves it again. */
import { describe, expect, it } from 'vitest';
import { LocalEngine } from '../../../src/engine/local';
import { openNodeDevice } from '../../../src/engine/ort/node';
import { readCheckpoint, writeCheckpoint } from '../../../src/model/checkpoint';
import { UnsupportedModelError } from '../../../src/model/errors';
import { float16FromFloats, floatsFromFloat16 } from '../../../src/model/half';
import { halved } from '../../../src/model/halve';
import { openSafetensors } from '../../../src/model/safetensors';
import { goldenNames, loadGolden } from '../../golden/load';

const rounded = (values: Float32Array) => floatsFromFloat16(float16FromFloats(values));
const text = (value: string) => new TextEncoder().encode(value);
const jsonOf = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes));

describe.each(goldenNames)('%s', (name) => {
  it('has the same weights in half the space, rounded once', async () => {
    const { files } = await loadGolden(name);
    const [whole, half] = [await readCheckpoint(files), await readCheckpoint(await halved(files))];
    for (const parameter of whole.parameters) {
      expect(await half.read(parameter)).toEqual(rounded(await whole.read(parameter)));
    }
    const { source: _, ...shape } = whole.config;
    expect(half.config).toMatchObject(shape);
    const opened = await openSafetensors((await halved(files))['model.safetensors']);
    expect(new Set([...opened.tensors.values()].map(({ dtype }) => dtype))).toEqual(new Set(['F16']));
  });

  it('is what the engine loads', async () => {
    const { files } = await loadGolden(name);
    const half = await halved(files);
    const engine = new LocalEngine(await openNodeDevice());
    try {
      const [before, after] = [Object.fromEntries(files), half].map((each) =>
        engine.createModel({ kind: 'files', files: each }, { trainable: false }),
      );
      const expected = await engine.inspect(await before, 'weights');
      const found = await engine.inspect(await after, 'weights');
      expect(Object.keys(found)).toEqual(Object.keys(expected));
      for (const [tensor, values] of Object.entries(found)) expect(values).toEqual(rounded(expected[tensor]));
    } finally {
      await engine.close();
    }
  });
});

it('keeps what is neither weights nor about them, and comes out the same when it is halved again', async () => {
  const { files } = await loadGolden('llama-tiny');
  const { config, read } = await readCheckpoint(files);
  const shards = await writeCheckpoint(config, read, { maxShardBytes: 20_000 });
  expect(shards.size).toBeGreaterThan(4);
  const others = { 'tokenizer.json': text('{}'), 'generation_config.json': text('{"eos_token_id": 12}') };
  const state = { 'trainer_state.safetensors': text('of a run') };
  const half = await halved({ ...Object.fromEntries(shards), ...others, ...state });
  expect(Object.keys(half).sort()).toEqual([
    'config.json',
    'generation_config.json',
    'model.safetensors',
    'tokenizer.json',
  ]);
  expect(half).toMatchObject(others);
  // transformers 5 writes dtype, earlier ones torch_dtype, and so does a config that has neither.
  const { dtype, ...plain } = config.source;
  expect([dtype, jsonOf(half['config.json']).dtype]).toEqual(['float32', 'float16']);
  const older = await halved({ ...half, 'config.json': text(JSON.stringify(plain)) });
  expect(jsonOf(older['config.json'])).toMatchObject({ ...plain, torch_dtype: 'float16' });
  expect(await halved(half)).toEqual(half);
});

it('refuses what would become infinite', async () => {
  const { files } = await loadGolden('llama-tiny');
  const { config, read } = await readCheckpoint(files);
  const written = (factor: number) =>
    writeCheckpoint(config, async (parameter) =>
      parameter.name === 'norm' ? new Float32Array(parameter.size).fill(-factor) : read(parameter),
    );
  await expect(halved(await written(65_519))).resolves.toBeDefined();
  const refused = halved(await written(65_520));
  await expect(refused).rejects.toBeInstanceOf(UnsupportedModelError);
  await expect(refused).rejects.toThrow(
    '"norm" holds -65520, which float16 cannot: keep this model in float32.',
  );
});
