/** Models that people bring: found in what they drop, checked by the code that will load them, refused in a sentence. */
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import type { FoundFile } from '../../../src/app/models/folder';
import { readModel } from '../../../src/app/models/importing';
import { writeCheckpoint } from '../../../src/model/checkpoint';
import { parseModelConfig } from '../../../src/model/config';
import { initialParameter, parameterCount } from '../../../src/model/parameters';
import { tinyModel } from '../../doubles/tiny-model';

type Files = Record<string, Uint8Array>;

const blobOf = (bytes: Uint8Array) => new Blob([bytes as Uint8Array<ArrayBuffer>]);
const found = (files: Files): FoundFile[] =>
  Object.entries(files).map(([path, bytes]) => ({
    path,
    size: bytes.length,
    read: async () => blobOf(bytes),
  }));
const inFolder = (folder: string, files: Files): Files =>
  Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`${folder}/${name}`, bytes]));
const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

const waiting = { signal: new AbortController().signal, tell: () => {} };
const read = (files: Files, name = 'dropped') => readModel(found(files), name, waiting);
const zipped = (files: Files) => ({ 'model.zip': zipSync(files) });

describe('a model is found', () => {
  it.each([
    ['in loose files', (files: Files) => files, 'dropped'],
    ['in a folder', (files: Files) => inFolder('mine', files), 'mine'],
    ['in a folder of a folder', (files: Files) => inFolder('a/b/mine', files), 'mine'],
    ['in a zip', (files: Files) => zipped(files), 'dropped'],
    ['in a folder in a zip', (files: Files) => zipped(inFolder('mine', files)), 'mine'],
    [
      'in a zip from a Mac',
      (files: Files) =>
        zipped({ ...inFolder('mine', files), ...inFolder('__MACOSX/mine', { 'config.json': json({}) }) }),
      'mine',
    ],
    ['in a zip of any name', (files: Files) => ({ download: zipSync(files) }), 'dropped'],
    [
      'above the first weights of a run',
      (files: Files) => ({ ...files, ...inFolder('reference', files) }),
      'dropped',
    ],
  ])('%s', async (_, dropped, name) => {
    const files = await tinyModel();
    const model = await read(dropped(files));
    expect(model.name).toBe(name);
    expect(Object.keys(model.files).sort()).toEqual(Object.keys(files).sort());
    for (const [file, bytes] of Object.entries(files)) {
      expect(Buffer.from(await model.files[file].arrayBuffer()).equals(bytes), file).toBe(true);
    }
  });

  it('and is told with what it is', async () => {
    const files = await tinyModel();
    const { facts } = await read({ ...files, 'trainer_state.safetensors': json({}) });
    const config = parseModelConfig(JSON.parse(new TextDecoder().decode(files['config.json'])));
    expect(facts).toMatchObject({
      architecture: 'LlamaForCausalLM',
      parameters: parameterCount(config),
      layers: 2,
      width: 32,
      context: 1024,
      numbers: ['F32'],
      bytes: 4 * parameterCount(config),
      tokens: 'own',
      hasOptimizer: true,
      warnings: [],
    });
    const [training, answering] = ['to train all of it', 'to answer'].map(
      (use) => facts.memory.find(({ what }) => what === use)?.bytes ?? 0,
    );
    expect(training).toBeGreaterThan(answering);
    expect(answering).toBeGreaterThan(facts.bytes);
  });

  it('in shards, and nothing else is taken: no programs, no weights of another kind', async () => {
    const files = await tinyModel();
    const config = parseModelConfig(JSON.parse(new TextDecoder().decode(files['config.json'])));
    const sharded = await writeCheckpoint(config, (parameter) => initialParameter(parameter, 1), {
      maxShardBytes: 20_000,
    });
    const { 'model.safetensors': _, ...rest } = files;
    const shards: Files = {};
    for (const [name, blob] of sharded) shards[name] = new Uint8Array(await blob.arrayBuffer());
    const model = await read({
      ...rest,
      ...shards,
      'rewards.mjs': json('alert(1)'),
      'consolidated.safetensors': json({}),
    });
    expect(Object.keys(model.files).sort()).toEqual(
      [...new Set([...Object.keys(rest), ...Object.keys(shards)])].sort(),
    );
    expect(Object.keys(shards).filter((name) => name.endsWith('.safetensors')).length).toBeGreaterThan(1);
  });

  it('with a bar that comes to its end', async () => {
    const shares: (number | null)[] = [];
    const tell = (share: number | null) => shares.push(share);
    await readModel(found(zipped(await tinyModel())), 'dropped', { ...waiting, tell });
    const known = shares.filter((share) => share !== null);
    expect(known.at(-1)).toBe(1);
    expect(known).toEqual(known.toSorted((a, b) => a - b));
  });
});

describe('what is no model is refused in a sentence that names it', () => {
  const without = async (name: string) => {
    const { [name]: _, ...rest } = await tinyModel();
    return rest;
  };
  const withConfig = async (changes: object) => {
    const files = await tinyModel();
    const config = JSON.parse(new TextDecoder().decode(files['config.json']));
    return { ...files, 'config.json': json({ ...config, ...changes }) };
  };

  it.each<[string, () => Promise<Files>, RegExp]>([
    ['nothing', async () => ({}), /There are no files in it/],
    ['a tale', async () => ({ 'tale.txt': json('once') }), /no config\.json in it, so it is no model/],
    ['a log', async () => ({ 'swift-otter.jsonl.gz': json({}) }), /the log of a run, and no model/],
    ['a GGUF file', async () => ({ 'model.gguf': json({}) }), /GGUF.* safetensors/],
    ['weights alone', async () => without('config.json'), /no config\.json beside the weights/],
    [
      'a config.json alone',
      async () => ({ 'config.json': (await tinyModel())['config.json'] }),
      /neither model\.safetensors nor/,
    ],
    [
      'a pickle',
      async () => ({ ...(await without('model.safetensors')), 'pytorch_model.bin': json({}) }),
      /pickle/,
    ],
    [
      'two models',
      async () => ({ ...inFolder('a', await tinyModel()), ...inFolder('b', await tinyModel()) }),
      /2 models in it \(a, b\)/,
    ],
    [
      'a zip among files',
      async () => ({ ...(await tinyModel()), ...zipped(await tinyModel()) }),
      /a zip among other files/,
    ],
    [
      'a broken zip',
      async () => ({ 'model.zip': zipSync(await tinyModel()).slice(0, -5) }),
      /not a zip, or it was cut off/,
    ],
    [
      'another architecture',
      async () => withConfig({ architectures: ['MambaForCausalLM'] }),
      /MambaForCausalLM as its architecture/,
    ],
    [
      'a config.json of another model',
      async () => withConfig({ hidden_size: 64 }),
      /is \[\d+, 32\] but config\.json makes it \[\d+, 64\]/,
    ],
    [
      'a config.json that is none',
      async () => ({ ...(await tinyModel()), 'config.json': json('{').slice(0, 2) }),
      /config\.json is not JSON/,
    ],
    [
      'another tokenizer',
      async () => ({ ...(await tinyModel()), 'tokenizer.json': json({ model: { type: 'BPE' } }) }),
      /tokenizer\.json has no vocabulary, or no merges/,
    ],
    [
      'one without a tokenizer, and too small a vocabulary for bytes',
      async () => without('tokenizer.json'),
      /add its tokenizer\.json/,
    ],
    [
      'a list of shards that are not there',
      async () => ({
        ...(await without('model.safetensors')),
        'model.safetensors.index.json': json({ weight_map: { 'model.norm.weight': 'model-1.safetensors' } }),
      }),
      /lists model-1\.safetensors, which is not there/,
    ],
    ['quantised weights', async () => withConfig({ quantization_config: { bits: 4 } }), /quantised/],
  ])('%s', async (_, files, reason) => {
    const reading = read(await files(), 'My model');
    await expect(reading).rejects.toThrow(reason);
    await expect(reading).rejects.toThrow(/^My model was not imported\. /);
  });

  it('before its weights are unpacked, if config.json tells', async () => {
    const files = await withConfig({ model_type: 'mamba', architectures: undefined });
    const unread = found(files).map((file) => ({
      ...file,
      read: () => {
        if (file.path.endsWith('.safetensors')) throw new Error('The weights were read.');
        return file.read();
      },
    }));
    await expect(readModel(unread, 'x', waiting)).rejects.toThrow('mamba');
  });

  it('and a person who cancels hears nothing', async () => {
    const abort = new AbortController();
    const files = zipped(await tinyModel());
    const tell = () => abort.abort(new DOMException('Cancelled.', 'AbortError'));
    const reading = readModel(found(files), 'x', { signal: abort.signal, tell });
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
  });
});
