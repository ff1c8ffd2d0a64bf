/** Models on their way out: what is in the zip, and that it comes back in. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { type Form, pack, zipOf } from '../../../src/app/models/exporting';
import { factsOf } from '../../../src/app/models/facts';
import { readModel } from '../../../src/app/models/importing';
import { readCheckpoint } from '../../../src/model/checkpoint';
import { tinyModel } from '../../doubles/tiny-model';

const waiting = { signal: new AbortController().signal, tell: () => {} };
const text = (value: string) => new TextEncoder().encode(value);

/** As a run stores it: with its optimizer, its first weights, and rewards of the user's own. */
async function checkpoint() {
  const model = await tinyModel();
  return {
    ...model,
    'trainer_state.safetensors': text('moments'),
    'rewards.mjs': text('export default {}'),
    'reference/config.json': model['config.json'],
    'reference/model.safetensors': model['model.safetensors'],
  };
}

async function exported(form: Form) {
  const zip = await zipOf(await pack('Swift otter, step 120', await checkpoint(), form), waiting);
  return { zip, files: unzipSync(new Uint8Array(await zip.arrayBuffer())) };
}

const folder = [
  'README.md',
  'config.json',
  'generation_config.json',
  'model.safetensors',
  'tokenizer.json',
  'tokenizer_config.json',
];
const paths = (files: object) => Object.keys(files).sort();

describe('a checkpoint with an adapter', () => {
  const golden = join(import.meta.dirname, '../../golden/adapters/smollm2');
  const names = ['config.json', 'model.safetensors', 'adapter_config.json', 'adapter_model.safetensors'];
  const adapted = () => ({
    ...Object.fromEntries(names.map((name) => [name, new Uint8Array(readFileSync(join(golden, name)))])),
    'trainer_state.safetensors': text('moments'),
  });

  it.each<[Form, string[]]>([
    ['model', ['README.md', 'config.json', 'model.safetensors']],
    ['half', ['README.md', 'config.json', 'generation_config.json', 'model.safetensors']],
    ['adapter', ['README.md', 'adapter_config.json', 'adapter_model.safetensors']],
    ['resume', ['README.md', ...names, 'trainer_state.safetensors']],
  ])('is taken out as %s', async (form, expected) => {
    const { files } = await pack('x', adapted(), form);
    expect(paths(files)).toEqual(expect.arrayContaining(expected));
    expect(paths(files).filter((name) => name.startsWith('adapter_')).length).toBe(
      form === 'adapter' || form === 'resume' ? 2 : 0,
    );
    const about = await files['README.md'].text();
    expect(about.includes('PeftModel.from_pretrained')).toBe(form === 'adapter');
  });

  it('merged, is another model than the one below it', async () => {
    const { files } = await pack('x', adapted(), 'model');
    const bytes = new Uint8Array(await files['model.safetensors'].arrayBuffer());
    expect(bytes.length).toBeGreaterThan(1000);
    expect(Buffer.from(bytes).equals(readFileSync(join(golden, 'model.safetensors')))).toBe(false);
    expect((await readCheckpoint(files)).warnings).toEqual([]);
  });
});

describe('a checkpoint in a zip', () => {
  it('is a Hugging Face folder without what belongs to its run', async () => {
    const { files } = await exported('model');
    expect(paths(files)).toEqual(folder.map((name) => `zeroloop-swift-otter-step-120/${name}`).sort());
    const model = await tinyModel();
    for (const [name, bytes] of Object.entries(model)) {
      expect(Buffer.from(files[`zeroloop-swift-otter-step-120/${name}`]).equals(bytes), name).toBe(true);
    }
  });

  it('in float16 takes half the room, says so, and keeps its tokenizer', async () => {
    const { zip, files } = await exported('half');
    const name = 'zeroloop-swift-otter-step-120-float16';
    expect(paths(files)).toEqual(folder.map((file) => `${name}/${file}`).sort());
    const { facts } = await readModel(
      [{ path: 'x.zip', size: zip.size, read: async () => zip }],
      'x',
      waiting,
    );
    expect(facts.numbers).toEqual(['F16']);
    expect(facts.bytes).toBe((await factsOf(await tinyModel())).bytes / 2);
    expect(JSON.parse(new TextDecoder().decode(files[`${name}/config.json`])).torch_dtype).toBe('float16');
  });

  it('holds all that a run needs to go on, if that is asked for', async () => {
    const { files } = await exported('resume');
    const name = 'zeroloop-swift-otter-step-120-with-optimizer';
    const all = [
      ...folder,
      'trainer_state.safetensors',
      'rewards.mjs',
      'reference/config.json',
      'reference/model.safetensors',
    ];
    expect(paths(files)).toEqual(all.map((file) => `${name}/${file}`).sort());
    expect(files[`${name}/trainer_state.safetensors`]).toEqual(text('moments'));
  });

  it.each(['model', 'half', 'resume'] as const)('comes back in (%s)', async (form) => {
    const { zip } = await exported(form);
    const model = await readModel([{ path: 'x.zip', size: zip.size, read: async () => zip }], 'x', waiting);
    expect(model.name).toMatch(/^zeroloop-swift-otter-step-120/);
    expect(model.facts.hasOptimizer).toBe(form === 'resume');
    expect(model.files['rewards.mjs']).toBeUndefined();
  });

  it('tells how far it is, up to the end', async () => {
    const shares: (number | null)[] = [];
    await zipOf(await pack('x', await checkpoint(), 'resume'), {
      ...waiting,
      tell: (share) => shares.push(share),
    });
    expect(shares.at(-1)).toBe(1);
  });
});
