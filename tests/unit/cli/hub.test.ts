/** Models on the Hub by their name on the command line: fetched once, refused before their weights come, used again without a network. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { readModel } from '../../../src/cli/models';
import { readSettings } from '../../../src/cli/settings';
import { TestHub } from '../../doubles/hub-server.mjs';
import { tinyModel } from '../../doubles/tiny-model';
import { called } from './called';

const id = 'somebody/tiny';
const hub = new TestHub();
let files: Record<string, Uint8Array>;
let folder = '';
beforeAll(async () => {
  await hub.open();
  files = await tinyModel();
});
afterAll(() => hub.close());
beforeEach(() => {
  hub.forget();
  folder = mkdtempSync(join(tmpdir(), 'zeroloop-cli-hub-'));
  vi.stubEnv('ZEROLOOP_CACHE', folder);
  vi.stubEnv('HF_ENDPOINT', hub.url);
  vi.stubEnv('HF_TOKEN', '');
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const opened = async (name: string) => {
  const model = await readModel(name);
  const { config } = await readSettings({ set: [] }, model.settings);
  const { source, name: words } = await model.open(config);
  return { words, config, files: source.kind === 'files' ? source.files : {} };
};

it('is opened like a folder', async () => {
  hub.add(id, files);
  const model = await opened(`hf:${id}`);
  expect(model.words).toMatch(/^hf:somebody\/tiny, 2 layers of 32, \d+ thousand parameters$/);
  expect(model.config.dialect).toBe('compact');
  expect(model.files).toEqual(
    Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, new Uint8Array(bytes)])),
  );
});

it('is fetched once, and used again although the Hub cannot be reached', async () => {
  hub.add(id, files);
  await opened(`hf:${id}`);
  hub.seen = [];
  await opened(`hf:${id}`);
  expect(hub.seen.filter(({ path }) => path.includes('tokenizer'))).toEqual([]);
  await hub.close();
  expect((await opened(`hf:${id}`)).words).toMatch(/^hf:somebody\/tiny/);
  await expect(opened('hf:somebody/else')).rejects.toThrow(/The connection to 127\.0\.0\.1:\d+ failed/);
  hub.servers = [];
  await hub.open();
});

it('is refused before its weights come, where its tokenizer is', async () => {
  hub.add(id, { ...files, 'tokenizer.json': new TextEncoder().encode('{"model": {"type": "Unigram"}}') });
  await expect(opened(`hf:${id}`)).rejects.toMatchObject({
    name: 'CommandError',
    message: expect.stringMatching(/^hf:somebody\/tiny: tokenizer\.json/),
  });
  const whole = hub.seen.filter(({ host, range }) => host === 'cdn' && range === null);
  expect(whole.length).toBeLessThanOrEqual(1); // the look alone
});

it('opens with the token of the environment', async () => {
  hub.add(id, files, { token: 'hf_mine' });
  await expect(opened(`hf:${id}`)).rejects.toThrow(/is gated: ask for access/);
  vi.stubEnv('HF_TOKEN', 'hf_mine');
  await opened(`hf:${id}`);
});

it('is looked at', async () => {
  const commit = hub.add(id, files);
  const { code, out } = await called('look', '--model', `hf:${id}`, '--json');
  expect(code).toBe(0);
  const seen = JSON.parse(out);
  expect(seen).toMatchObject({ commit, architecture: 'LlamaForCausalLM', numbers: ['F32'], warnings: [] });
  expect(seen.bytes).toBe(Object.values(files).reduce((sum, { length }) => sum + length, 0));
  const { 'to train all of it': training, 'to answer': answering } = seen.memory;
  expect(training.usual).toBeGreaterThan(training.least);
  expect(training.least).toBeGreaterThan(answering.usual);
  expect(answering.least).toBe(answering.usual);
});

it('is looked at in a folder, in the same words', async () => {
  hub.add(id, files);
  await opened(`hf:${id}`);
  const { readdirSync } = await import('node:fs');
  const [host] = readdirSync(join(folder, 'hub'));
  const at = join(folder, 'hub', host, 'somebody--tiny');
  const [commit] = readdirSync(at).filter((name) => name !== 'refs');
  const there = await called('look', '--model', join(at, commit));
  const far = await called('look', '--model', `hf:${id}`);
  expect(there.out.split('\n').slice(1)).toEqual(expect.arrayContaining(far.out.split('\n').slice(1, 3)));
});

it.each([
  [['look'], 2, /Say which model: --model hf:ID/],
  [['look', '--model', 'hf:a b'], 1, /"a b" names no model/],
  [['look', '--model', 'hf:some/body'], 1, /There is no model some\/body on/],
  [['look', '--model', '/nowhere'], 2, /is no folder: --model is a folder, or hf:ID/],
])('%j is refused in one line', async (args, code, message) => {
  const result = await called(...args);
  expect(result).toMatchObject({ code, out: '' });
  expect(result.err).toMatch(message);
  expect(result.err.trim().split('\n')).toHaveLength(1);
});
