/** A model on the Hub: found, looked at before it is fetched, fetched whatever the network does, and refused in a sentence that helps. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FolderCache } from '../../../../src/cli/hub-cache';
import { writeCheckpoint } from '../../../../src/model/checkpoint';
import { parseModelConfig } from '../../../../src/model/config';
import { readAddress } from '../../../../src/model/hub/address';
import { HubClient, type HubOptions } from '../../../../src/model/hub/client';
import { type DownloadOptions, download } from '../../../../src/model/hub/download';
import { type HubModel, lookAt } from '../../../../src/model/hub/look';
import { initialParameter, parameterCount } from '../../../../src/model/parameters';
import { TestHub } from '../../../doubles/hub-server.mjs';
import { tinyModel } from '../../../doubles/tiny-model';

type Files = Record<string, Uint8Array>;

const id = 'somebody/Tiny-1';
const hub = new TestHub();
let files: Files;
let folder: string;
let cache: FolderCache;

beforeAll(async () => {
  await hub.open();
  files = await tinyModel();
});
afterAll(() => hub.close());
beforeEach(() => {
  hub.forget();
  folder = mkdtempSync(join(tmpdir(), 'zeroloop-hub-'));
  cache = new FolderCache(folder);
});
afterEach(() => rmSync(folder, { recursive: true }));

const client = (options: HubOptions = {}) => new HubClient(hub.url, { pause: 1, attempts: 3, ...options });
const address = (text = id) => readAddress(text, { endpoint: hub.url });
const look = (text?: string, options?: HubOptions) => lookAt(client(options), address(text));
const fetchAll = (model: HubModel, options: DownloadOptions & HubOptions = {}) =>
  download(client(options), model, cache, options);
const refusal = async (work: Promise<unknown>) => {
  const error = (await work.then(
    () => new Error('nothing was refused'),
    (each) => each,
  )) as Error;
  return `${error.name}: ${error.message}`;
};
const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const config = () => parseModelConfig(JSON.parse(new TextDecoder().decode(files['config.json'])));
const here = () =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
const expectAll = (wanted: Files) => {
  expect(Object.keys(here()).sort()).toEqual(Object.keys(wanted).sort());
  for (const [name, bytes] of Object.entries(wanted)) expect(here()[name].equals(bytes), name).toBe(true);
};

async function sharded(): Promise<Files> {
  const written = await writeCheckpoint(config(), (parameter) => initialParameter(parameter, 1), {
    maxShardBytes: 60_000,
  });
  const bytes = [...written].map(
    async ([name, blob]) => [name, new Uint8Array(await blob.arrayBuffer())] as const,
  );
  const { 'model.safetensors': _, ...rest } = files;
  return { ...rest, ...Object.fromEntries(await Promise.all(bytes)) };
}

describe('a model is looked at', () => {
  it('from its listing and its headers alone', async () => {
    const commit = hub.add(id, { ...files, 'training.log': json([]), 'model.onnx.py': json([]) });
    const model = await look();
    expect(model).toMatchObject({ id, revision: 'main', commit, numbers: ['F32'], warnings: [] });
    expect(parameterCount(model.config)).toBe(parameterCount(config()));
    expect(model.files.map(({ name }) => name).sort()).toEqual(Object.keys(files).sort());
    expect(model.files.at(-1)?.name).toBe('model.safetensors');
    expect(model.bytes).toBe(Object.values(files).reduce((sum, { length }) => sum + length, 0));
    const sent = hub.seen.filter(({ path }) => path.includes('.safetensors'));
    expect(sent.map(({ host, range }) => [host, range])).toEqual([
      ['hub', 'bytes=0-65535'],
      ['cdn', 'bytes=0-65535'],
    ]);
  });

  it('in shards, of which the index tells', async () => {
    const split = await sharded();
    hub.add(id, split);
    const model = await look();
    const shards = Object.keys(split).filter((name) => name.endsWith('.safetensors'));
    expect(shards.length).toBeGreaterThan(2);
    expect(model.files.map(({ name }) => name)).toEqual(expect.arrayContaining(shards));
  });

  it('with the adapter beside it, which is looked at as well', async () => {
    const golden = join(import.meta.dirname, '../../../golden/adapters/smollm2');
    const names = ['config.json', 'model.safetensors', 'adapter_config.json', 'adapter_model.safetensors'];
    const adapted = Object.fromEntries(
      names.map((name) => [name, new Uint8Array(readFileSync(join(golden, name)))]),
    );
    hub.add(id, adapted);
    expect((await look()).files.map(({ name }) => name).sort()).toEqual(names.sort());
    const { 'adapter_model.safetensors': _, ...rest } = adapted;
    hub.add(id, rest);
    expect(await refusal(look())).toMatch(/^MissingFileError: The adapter has no adapter_model\.safetensors/);
  });

  it('over many pages of files', async () => {
    hub.add(id, {
      ...Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`a${n}.txt`, json(n)])),
      ...files,
    });
    hub.pageSize = 7;
    expect((await look()).files).toHaveLength(Object.keys(files).length);
  });

  it('at a revision, by its branch or commit, or by the address of its page', async () => {
    const old = hub.add(id, files);
    const fresh = hub.add(id, { ...files, LICENSE: json('free') });
    expect((await look()).commit).toBe(fresh);
    expect((await look(`${id}@${old}`)).commit).toBe(old);
    expect((await look(`${hub.url}/${id}/tree/${old}`)).commit).toBe(old);
  });

  const bf16 = (dtype: string) => ({ ...JSON.parse(new TextDecoder().decode(files['config.json'])), dtype });
  it.each([
    [
      'an architecture',
      () => ({ 'config.json': json({ architectures: ['MambaForCausalLM'] }) }),
      /MambaForCausalLM as its architecture; choose a model of LlamaForCausalLM/,
    ],
    [
      'a quantised model',
      () => ({ 'config.json': json({ ...bf16('bfloat16'), quantization_config: {} }) }),
      /weights are quantised; choose the original/,
    ],
    [
      'a config.json that is none',
      () => ({ 'config.json': json('').subarray(0, 1) }),
      /config\.json is not JSON/,
    ],
    [
      'weights of another type',
      () => ({ 'model.safetensors': inBytes() }),
      /holds I8 numbers; use a checkpoint in F32, F16 or BF16/,
    ],
    [
      'weights of another model',
      () => ({ 'config.json': json({ ...bf16('float32'), hidden_size: 64 }) }),
      /but config\.json makes it/,
    ],
    [
      'weights that are cut off',
      () => ({ 'model.safetensors': files['model.safetensors'].slice(0, -8) }),
      /cut off after/,
    ],
  ])('%s is refused before anything is fetched', async (_, changed, message) => {
    hub.add(id, { ...files, ...changed() });
    expect(await refusal(look())).toMatch(message);
    expect(hub.seen.filter(({ path }) => path.includes('tokenizer'))).toEqual([]);
  });

  it.each([
    [
      'config.json',
      { 'tiny-Q4.gguf': json(1) },
      /holds GGUF files, which cannot be trained: choose the original model/,
    ],
    ['config.json', { 'adapter_config.json': json(1) }, /is an adapter \(LoRA\), and no model of its own/],
    ['config.json', {}, /has no config\.json at main/],
    [
      'model.safetensors',
      { 'pytorch_model.bin': json(1) },
      /as a pickle only \(pytorch_model\.bin\), which may run code/,
    ],
    ['model.safetensors', {}, /neither model\.safetensors nor model\.safetensors\.index\.json/],
  ])('without %s, but with %o, it says what it is', async (missing, added, message) => {
    const { [missing]: _, ...rest } = files;
    hub.add(id, { ...rest, ...added } as Files);
    expect(await refusal(look())).toMatch(message);
  });

  it('without one of its shards it is not complete', async () => {
    const split = await sharded();
    const [lost] = Object.keys(split).filter((name) => name.endsWith('.safetensors'));
    hub.add(id, Object.fromEntries(Object.entries(split).filter(([name]) => name !== lost)));
    expect(await refusal(look())).toContain(`MissingFileError: model.safetensors.index.json lists ${lost}`);
  });
});

/** The same model with every number in a byte. */
function inBytes(): Uint8Array {
  const { buffer } = files['model.safetensors'];
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  const { __metadata__: _, ...tensors } = JSON.parse(
    new TextDecoder().decode(new Uint8Array(buffer, 8, length)),
  );
  const header = Object.entries(tensors as Record<string, { shape: number[]; data_offsets: number[] }>).map(
    ([name, { shape, data_offsets }]) => [
      name,
      { dtype: 'I8', shape, data_offsets: data_offsets.map((at) => at / 4) },
    ],
  );
  const bytes = json(Object.fromEntries(header));
  const whole = new Uint8Array(8 + bytes.length + (buffer.byteLength - 8 - length) / 4);
  new DataView(whole.buffer).setBigUint64(0, BigInt(bytes.length), true);
  whole.set(bytes, 8);
  return whole;
}

describe('a model is fetched', () => {
  it('whole, with nothing beside it', async () => {
    hub.add(id, { ...files, 'modeling_evil.py': json('import os') });
    const told: number[] = [];
    await fetchAll(await look(), { onProgress: ({ done, total }) => told.push(done / total) });
    expectAll(files);
    expect(told.at(-1)).toBe(1);
    expect(told).toEqual([...told].sort((a, b) => a - b));
  });

  it('in shards', async () => {
    const split = await sharded();
    hub.add(id, split);
    await fetchAll(await look());
    expectAll(split);
  });

  it('only once', async () => {
    hub.add(id, files);
    const model = await look();
    await fetchAll(model);
    hub.seen = [];
    await fetchAll(model);
    expect(hub.seen).toEqual([]);
  });

  it('on from the byte where the line was cut, through the Hub again, whose signatures expire', async () => {
    hub.add(id, files);
    const model = await look();
    hub.faults = [{ name: 'model.safetensors', cutAfter: 1000 }];
    hub.seen = [];
    await fetchAll(model);
    expectAll(files);
    const { length } = files['model.safetensors'];
    expect(
      hub.seen
        .filter(({ path }) => path.includes('model.safetensors'))
        .map(({ host, range }) => [host, range]),
    ).toEqual([
      ['hub', null],
      ['cdn', null],
      ['hub', `bytes=1000-${length - 1}`],
      ['cdn', `bytes=1000-${length - 1}`],
    ]);
  });

  it('as long as every attempt brings something', async () => {
    hub.add(id, files);
    const model = await look();
    hub.faults = [{ name: 'model.safetensors', cutAfter: 9000, times: 8 }];
    await fetchAll(model);
    expectAll(files);
  });

  it('on another day, when the line was gone for good', async () => {
    hub.add(id, files);
    const model = await look();
    hub.faults = [
      { name: 'model.safetensors', cutAfter: 5000 },
      { name: 'model.safetensors', cutAfter: 0, times: 99 },
    ];
    expect(await refusal(fetchAll(model))).toMatch(/^HubConnectionError: .*what was fetched is kept/);
    expect(await cache.state('model.safetensors')).toEqual({ bytes: 5000, isChecked: false });
    hub.faults = [];
    hub.seen = [];
    await fetchAll(model);
    expectAll(files);
    expect(hub.seen.map(({ range }) => range)).toEqual(
      Array(2).fill(`bytes=5000-${files['model.safetensors'].length - 1}`),
    );
  });

  it('after a pause', async () => {
    hub.add(id, files);
    const model = await look();
    const stop = new AbortController();
    const cut = { name: 'model.safetensors', cutAfter: 3000, stall: true };
    hub.faults = [cut];
    const onProgress = ({ file }: { file: string }) =>
      file === cut.name && stop.abort(new DOMException('', 'AbortError'));
    expect(await refusal(fetchAll(model, { signal: stop.signal, onProgress }))).toMatch(/^AbortError/);
    expect((await cache.state(cut.name)).bytes).toBe(3000);
    await fetchAll(model);
    expectAll(files);
  });

  it('although a host goes silent in the middle', async () => {
    hub.add(id, files);
    const model = await look();
    hub.faults = [{ name: 'model.safetensors', cutAfter: 2000, stall: true }];
    await fetchAll(model, { patience: 100 });
    expectAll(files);
  });

  it('although a host sends all of it, whatever it is asked for', async () => {
    hub.add(id, files);
    const model = await look();
    hub.faults = [
      { name: 'model.safetensors', cutAfter: 1000 },
      { name: 'model.safetensors', ignoreRange: true },
    ];
    await fetchAll(model);
    expectAll(files);
  });

  it('although a host has too much to do for a while', async () => {
    hub.add(id, files);
    hub.faults = [
      { name: 'tree', status: 429 },
      { name: 'config.json', status: 503 },
    ];
    const model = await look();
    hub.faults = [{ name: 'model.safetensors', status: 502 }];
    await fetchAll(model);
    expectAll(files);
  });

  it.each(['model.safetensors', 'tokenizer.json'])(
    'and checked: a %s that is not what the Hub says is thrown away',
    async (name) => {
      hub.add(id, files);
      const model = await look();
      hub.faults = [{ name, corrupt: true }];
      expect(await refusal(fetchAll(model))).toMatch(
        new RegExp(`DamagedDownloadError: ${name} .* is not what the Hub says`),
      );
      expect(await cache.state(name)).toEqual({ bytes: 0, isChecked: false });
      await fetchAll(model);
      expectAll(files);
    },
  );

  it('and checked with what was here of it before', async () => {
    hub.add(id, files);
    const model = await look();
    writeFileSync(join(folder, 'model.safetensors.part'), new Uint8Array(1000));
    expect(await refusal(fetchAll(model))).toMatch(/DamagedDownloadError/);
    await fetchAll(model);
    expectAll(files);
  });

  it('again where what is here is too much, or less than it was', async () => {
    hub.add(id, files);
    const model = await look();
    await fetchAll(model);
    truncateSync(join(folder, 'model.safetensors'), 100);
    writeFileSync(join(folder, 'config.json.part'), new Uint8Array(100_000));
    rmSync(join(folder, 'config.json'));
    await fetchAll(model);
    expectAll(files);
  });

  it('at its commit, although the branch has moved on in the middle', async () => {
    hub.add(id, files);
    const model = await look();
    hub.faults = [{ name: 'model.safetensors', cutAfter: 1000 }];
    const isFirst = { now: true };
    await fetchAll(model, {
      onProgress: () => {
        if (isFirst.now) hub.add(id, { ...files, 'model.safetensors': files['config.json'] });
        isFirst.now = false;
      },
    });
    expectAll(files);
  });

  it('not from a host that answers with another commit, nor from a commit that is gone', async () => {
    hub.add(id, files);
    const model = await look();
    hub.faults = [{ name: 'tokenizer.json', commit: 'f'.repeat(40) }];
    expect(await refusal(fetchAll(model))).toMatch(/another commit of somebody\/Tiny-1 \(ffffffff, not/);
    hub.forget();
    hub.add(id, { ...files, LICENSE: json('free') });
    expect(await refusal(fetchAll(model))).toMatch(
      /HubNotFoundError: somebody\/Tiny-1 has no revision main \(any more\)/,
    );
  });

  it('without its weights, where the rest is refused', async () => {
    hub.add(id, files);
    const model = await look();
    hub.seen = [];
    const beforeWeights = async () => {
      expect((await cache.state('tokenizer.json')).isChecked).toBe(true);
      throw new Error('not these words');
    };
    expect(await refusal(fetchAll(model, { beforeWeights }))).toBe('Error: not these words');
    expect(hub.seen.filter(({ path }) => path.includes('safetensors'))).toEqual([]);
  });
});

describe('a token', () => {
  const token = 'hf_secret';

  it('opens a gated model, and goes to the Hub alone', async () => {
    hub.add(id, files, { token });
    const model = await look(id, { token });
    await fetchAll(model, { token });
    expectAll(files);
    const at = (host: string) =>
      new Set(hub.seen.filter((each) => each.host === host).map((each) => each.authorization));
    expect(at('hub')).toEqual(new Set([`Bearer ${token}`]));
    expect(at('cdn')).toEqual(new Set([null]));
  });

  it('opens a private model', async () => {
    hub.add(id, files, { token, isPrivate: true });
    await fetchAll(await look(id, { token }), { token });
    expectAll(files);
  });

  it.each([
    ['missing, of a gated model', undefined, false, `HubAccessError: ${id} is gated: ask for access at`],
    [
      'of somebody else, of a gated model',
      'hf_other',
      false,
      `HubAccessError: ${id} is gated, and the account of this token may not read it`,
    ],
    [
      'missing, of a private model',
      undefined,
      true,
      'HubNotFoundError: There is no model somebody/Tiny-1 on 127.0.0.1',
    ],
    ['of somebody else, of a private model', 'hf_other', true, 'that this token may read: check the name'],
    ['that is none', 'hf_wrong', false, 'HubAccessError: 127.0.0.1'],
  ])('%s', async (_, given, isPrivate, message) => {
    hub.add(id, files, { token, isPrivate });
    hub.add('other/one', files, { token: 'hf_other' });
    expect(await refusal(look(id, { token: given }))).toContain(message);
  });

  it('is not sent in the clear', () => {
    expect(() => new HubClient('http://mirror.example', { token })).toThrow(/use https, or no token/);
    expect(() => new HubClient('http://mirror.example')).not.toThrow();
  });
});

describe('what is not there is told', () => {
  it.each([
    [
      'a model',
      'some/body',
      /HubNotFoundError: There is no model some\/body on 127\.0\.0\.1:\d+, or it is private/,
    ],
    ['a revision', `${id}@v9`, /HubNotFoundError: somebody\/Tiny-1 has no revision v9/],
  ])('%s', async (_, text, message) => {
    hub.add(id, files);
    expect(await refusal(look(text))).toMatch(message);
  });

  it('a hub', async () => {
    const nobody = readAddress(id, { endpoint: 'http://127.0.0.1:9' });
    const failing = new HubClient(nobody.endpoint, { pause: 1, attempts: 2 });
    expect(await refusal(lookAt(failing, nobody))).toMatch(
      /^HubConnectionError: The connection to 127\.0\.0\.1:9 failed/,
    );
  });

  it('a hub that is something else', async () => {
    hub.add(id, files);
    hub.faults = [{ name: 'revision', page: '<html>Welcome to this hotel</html>' }];
    expect(await refusal(look())).toMatch(/HubAnswerError: .* does not answer as a hub does/);
    hub.faults = [{ name: 'tree', page: '{"message": "no"}' }];
    expect(await refusal(look())).toMatch(/HubAnswerError: The list of files is not as the Hub writes it/);
  });

  it('a hub that is out of order', async () => {
    hub.add(id, files);
    hub.faults = [{ name: 'revision', status: 500, times: 99 }];
    expect(await refusal(look())).toMatch(
      /HubAnswerError: 127\.0\.0\.1:\d+ answered with 500 \(Something went wrong\): try again later/,
    );
  });
});
