import { describe, expect, test } from 'vitest';
import { readCheckpoint, writeCheckpoint } from '../../../src/model/checkpoint';
import {
  InvalidConfigError,
  InvalidSafetensorsError,
  MissingFileError,
  MissingTensorError,
  UnsupportedModelError,
  WrongShapeError,
} from '../../../src/model/errors';
import { packParameter } from '../../../src/model/parameters';
import { openSafetensors } from '../../../src/model/safetensors';
import { writeSafetensors } from '../../../src/model/safetensors-write';
import { type GoldenName, goldenNames, loadGolden } from '../../golden/load';

const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const parse = async (blob: Blob | undefined) => JSON.parse((await blob?.text()) ?? 'null');

/** A golden checkpoint's files, with its tensors and config changed before they are written again. */
async function altered(
  name: GoldenName,
  change: {
    tensors?: (tensors: Map<string, { shape: number[]; values: Float32Array }>) => void;
    config?: Record<string, unknown>;
  },
) {
  const { files, config } = await loadGolden(name);
  const opened = await openSafetensors(files.get('model.safetensors')!);
  const tensors = new Map<string, { shape: number[]; values: Float32Array }>();
  for (const [key, { shape }] of opened.tensors) tensors.set(key, { shape, values: await opened.read(key) });
  change.tensors?.(tensors);
  return {
    'config.json': json({ ...config.source, ...change.config }),
    'model.safetensors': writeSafetensors(tensors),
  };
}

const EMBED = 'model.embed_tokens.weight';
const HEAD = 'lm_head.weight';

describe.each(goldenNames)('%s, as transformers saved it', (name) => {
  test('is read into the packed parameters', async () => {
    const { files, weightTensors } = await loadGolden(name);
    const { parameters, read, warnings } = await readCheckpoint(files);
    for (const parameter of parameters) {
      expect(await read(parameter)).toEqual(packParameter(parameter, (part) => weightTensors.get(part)!));
    }
    expect(warnings).toEqual([]);
  });

  test.each([Number.POSITIVE_INFINITY, 20_000, 1])(
    'is written and read back, shards of %d bytes',
    async (max) => {
      const { files } = await loadGolden(name);
      const { config, parameters, read } = await readCheckpoint(files);
      const written = await writeCheckpoint(config, read, { maxShardBytes: max });
      const again = await readCheckpoint(written);
      expect(again.config).toEqual(config);
      for (const parameter of parameters) expect(await again.read(parameter)).toEqual(await read(parameter));
    },
  );
});

describe('writing', () => {
  test('config.json keeps every field; only the type of the numbers is set', async () => {
    const { files, config } = await loadGolden('llama-tiny');
    const source: Record<string, unknown> = { ...config.source, our_own: { note: [1] } };
    const { read } = await readCheckpoint(files);
    const written = async (source: Record<string, unknown>) =>
      parse((await writeCheckpoint({ ...config, source }, read, { dtype: 'BF16' })).get('config.json'));
    expect(await written(source)).toEqual({ ...source, dtype: 'bfloat16' });
    const { dtype, ...old } = source;
    expect(dtype).toBe('float32');
    const older = { ...old, torch_dtype: 'float16' };
    expect(await written(older)).toEqual({ ...older, torch_dtype: 'bfloat16' });
    expect(await written(old)).toEqual({ ...old, torch_dtype: 'bfloat16' });
  });

  test('generation_config.json says how texts begin and end, or is the original one', async () => {
    const { files } = await loadGolden('llama-tiny');
    const { config, read } = await readCheckpoint(files);
    const ours = await writeCheckpoint({ ...config, eosTokenIds: [2, 5] }, read);
    const expected = { _from_model_config: true, bos_token_id: 1, eos_token_id: [2, 5] };
    expect(await parse(ours.get('generation_config.json'))).toEqual(expected);
    const theirs = await writeCheckpoint(config, read, { generationConfig: { temperature: 0.7 } });
    expect(await parse(theirs.get('generation_config.json'))).toEqual({ temperature: 0.7 });
  });

  test('shards are named, sized and listed as transformers does it', async () => {
    const { files } = await loadGolden('llama-tiny');
    const { config, parameters, read } = await readCheckpoint(files);
    const written = await writeCheckpoint(config, read, { maxShardBytes: 20_000 });
    const shards = [...written.keys()].filter((file) => file.endsWith('.safetensors'));
    expect(shards).toEqual([1, 2, 3, 4].map((n) => `model-0000${n}-of-00004.safetensors`));
    const index = await parse(written.get('model.safetensors.index.json'));
    const parts = parameters.flatMap((parameter) => parameter.parts.map((part) => part.name));
    expect(Object.keys(index.weight_map)).toEqual(parts.sort());
    expect(index.metadata.total_size).toBe(4 * parameters.reduce((sum, { size }) => sum + size, 0));
    for (const file of shards) {
      const { tensors, metadata } = await openSafetensors(written.get(file)!);
      const bytes = [...tensors.values()].reduce((sum, { start, end }) => sum + end - start, 0);
      expect(bytes).toBeLessThanOrEqual(20_000);
      expect(metadata).toEqual({ format: 'pt' });
    }
  });

  test('a parameter of the wrong length is refused', async () => {
    const { config } = await loadGolden('llama-tiny');
    await expect(writeCheckpoint(config, () => new Float32Array(3))).rejects.toThrow(WrongShapeError);
  });
});

describe('a tied head', () => {
  test('may be written out once more: equal matrices are one', async () => {
    const files = await altered('llama-tiny', { tensors: (all) => all.set(HEAD, all.get(EMBED)!) });
    const { config, warnings } = await readCheckpoint(files);
    expect(config.tiedHead).toBe(true);
    expect(warnings).toEqual([]);
  });

  test('that differs from the embedding is not tied, and exported so', async () => {
    const files = await altered('llama-tiny', {
      tensors: (all) => {
        const { shape, values } = all.get(EMBED)!;
        all.set(HEAD, { shape, values: values.map((x) => 2 * x) });
      },
    });
    const { config, parameters, read, warnings } = await readCheckpoint(files);
    expect(config.tiedHead).toBe(false);
    expect(warnings).toEqual([expect.stringContaining('kept apart')]);
    expect(parameters.at(-1)?.name).toBe('head');
    const written = await writeCheckpoint(config, read);
    expect((await parse(written.get('config.json'))).tie_word_embeddings).toBe(false);
  });

  test('may be there under its own name alone', async () => {
    const { weightTensors } = await loadGolden('llama-tiny');
    const files = await altered('llama-tiny', {
      tensors: (all) => {
        all.set(HEAD, all.get(EMBED)!);
        all.delete(EMBED);
      },
    });
    const { parameters, read, warnings } = await readCheckpoint(files);
    expect(await read(parameters[0]!)).toEqual(weightTensors.get(EMBED));
    expect(warnings).toEqual([]);
  });
});

describe('a checkpoint that does not fit together is refused with what to do', () => {
  test('files are missing', async () => {
    const { files } = await loadGolden('llama-tiny');
    const without = (file: string) => new Map([...files].filter(([name]) => name !== file));
    await expect(readCheckpoint(without('config.json'))).rejects.toThrow(/no config\.json/);
    await expect(readCheckpoint(without('model.safetensors'))).rejects.toThrow(MissingFileError);
    const pickled = without('model.safetensors').set('pytorch_model.bin', new Uint8Array(9));
    await expect(readCheckpoint(pickled)).rejects.toThrow(/pickle.*safetensors version/);
  });

  test('config.json is not JSON, or of another kind of model', async () => {
    const { files } = await loadGolden('llama-tiny');
    const broken = new Map(files).set('config.json', new TextEncoder().encode('{"a'));
    await expect(readCheckpoint(broken)).rejects.toThrow(InvalidConfigError);
    const other = new Map(files).set('config.json', json({ architectures: ['GPT2LMHeadModel'] }));
    await expect(readCheckpoint(other)).rejects.toThrow(UnsupportedModelError);
  });

  test('a tensor is missing', async () => {
    const name = 'model.layers.1.mlp.up_proj.weight';
    const files = await altered('qwen3-tiny', { tensors: (all) => all.delete(name) });
    await expect(readCheckpoint(files)).rejects.toThrow(MissingTensorError);
    await expect(readCheckpoint(files)).rejects.toThrow(name);
  });

  test('the head is missing because config.json forgets to say that it is tied', async () => {
    const files = await altered('llama-tiny', { config: { tie_word_embeddings: false } });
    await expect(readCheckpoint(files)).rejects.toThrow(/"tie_word_embeddings": true/);
  });

  test('a tensor has another shape, even of the same size', async () => {
    const wider = await altered('llama-tiny', { config: { vocab_size: 62 } });
    await expect(readCheckpoint(wider)).rejects.toThrow(WrongShapeError);
    await expect(readCheckpoint(wider)).rejects.toThrow(/is \[61, 32\] but config.json makes it \[62, 32\]/);
    const turned = await altered('llama-tiny', {
      tensors: (all) => {
        all.get('model.layers.0.mlp.down_proj.weight')?.shape.reverse();
      },
    });
    await expect(readCheckpoint(turned)).rejects.toThrow(/\[36, 32\].*\[32, 36\]/);
  });

  test('tensors that the model does not have are named in a warning; old rotation tables are not', async () => {
    const surplus = { shape: [1], values: Float32Array.of(0) };
    const files = await altered('llama-tiny', {
      tensors: (all) =>
        all.set('model.layers.0.self_attn.rotary_emb.inv_freq', surplus).set('value_head.weight', surplus),
    });
    const { warnings } = await readCheckpoint(files);
    expect(warnings).toEqual([expect.stringContaining('value_head.weight')]);
    expect(warnings.join()).not.toContain('inv_freq');
  });

  test('shards are missing, or do not hold what the index promises', async () => {
    const { files } = await loadGolden('llama-tiny');
    const { config, read } = await readCheckpoint(files);
    const shards = await writeCheckpoint(config, read, { maxShardBytes: 20_000 });
    const second = 'model-00002-of-00004.safetensors';

    const incomplete = new Map(shards);
    incomplete.delete(second);
    await expect(readCheckpoint(incomplete)).rejects.toThrow(
      new RegExp(`lists ${second}, which is not there`),
    );
    const swapped = new Map(shards).set(second, shards.get('model-00001-of-00004.safetensors')!);
    await expect(readCheckpoint(swapped)).rejects.toThrow(/promises .* which lacks it/);
    const cut = new Map(shards).set(second, shards.get(second)!.slice(0, -1));
    await expect(readCheckpoint(cut)).rejects.toThrow(/cut off/);
    const noIndex = new Map(shards).set('model.safetensors.index.json', new Blob(['{}']));
    await expect(readCheckpoint(noIndex)).rejects.toThrow(InvalidSafetensorsError);
  });

  test('quantised numbers', async () => {
    const header = json({ [EMBED]: { dtype: 'I8', shape: [61, 32], data_offsets: [0, 61 * 32] } });
    const bytes = new Uint8Array(8 + header.length + 61 * 32);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
    bytes.set(header, 8);
    const { files } = await loadGolden('llama-tiny');
    const quantised = new Map(files).set('model.safetensors', bytes);
    await expect(readCheckpoint(quantised)).rejects.toThrow(/holds I8 numbers/);
  });
});
