/** Models from the Hub as a person fetches them, in a real browser: another origin, a third one for the files, and its own file system. */
import axe from 'axe-core';
import { render } from 'preact';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { downloads, readDownloads } from '../../../src/app/models/downloads';
import { changeForm, seen } from '../../../src/app/models/hub-form';
import { refreshModels } from '../../../src/app/state/models';
import { toasts } from '../../../src/app/state/toasts';
import Models from '../../../src/app/views/models';
import { ModelFolders } from '../../../src/store/model-folders';
import { ModelShelf } from '../../../src/store/models';
import { tinyModel } from '../../doubles/tiny-model';
import '../../../src/app/style.css';

// A first worker has to be bundled.
vi.setConfig({ testTimeout: 60_000 });
const patience = { timeout: 30_000 };
const id = 'somebody/tiny';
const shelf = new ModelShelf();
const folders = new ModelFolders();
let root: HTMLElement;
let files: Record<string, Uint8Array<ArrayBuffer>>;
let endpoint = '';

interface Seen {
  host: 'hub' | 'cdn';
  path: string;
  range: string | null;
  authorization: string | null;
}

async function hub(order: object = {}): Promise<{ url: string; seen: Seen[] }> {
  return (await fetch('/__hub', { method: 'POST', body: JSON.stringify(order) })).json();
}

const model = (more: object = {}, changes: Record<string, Uint8Array> = {}) => ({
  id,
  files: Object.fromEntries(
    Object.entries({ ...files, ...changes }).map(([name, bytes]) => [
      name,
      btoa(String.fromCharCode(...bytes)),
    ]),
  ),
  ...more,
});

async function forgetAll(): Promise<void> {
  for (const { id } of await shelf.models()) await shelf.delete(id);
  for (const { folder } of await folders.unfinished()) await folders.delete(folder);
  downloads.value = null;
  seen.value = null;
}

beforeEach(async () => {
  // Small enough to be written out in one call, above.
  files = await tinyModel({ num_hidden_layers: 1 });
  await forgetAll();
  endpoint = (await hub({ forget: true, add: [model()] })).url;
  changeForm({ id: '', revision: '', token: '', endpoint, remembers: false });
  toasts.value = [];
  await refreshModels();
  root = document.body.appendChild(document.createElement('div'));
  root.id = 'app';
  render(
    <main>
      <Models />
    </main>,
    root,
  );
});
afterEach(async () => {
  render(null, root);
  root.remove();
  await forgetAll();
});

const said = () => toasts.value.map(({ text }) => text).join('\n');
const card = () => page.getByRole('region', { name: 'From the Hub' });
const names = () => [...root.querySelectorAll('.model strong')].map(({ textContent }) => textContent);

async function look(name = id) {
  await userEvent.fill(card().getByLabelText('Model', { exact: true }), name);
  await userEvent.keyboard('{Enter}');
}
const download = () => card().getByRole('button', { name: /^Download / });

async function expectNoViolation() {
  const { violations } = await axe.run(root, { rules: { region: { enabled: false } } });
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
}

async function expectKept() {
  await expect.poll(names, patience).toEqual(['The base model', 'tiny']);
  const [kept] = await shelf.models();
  const read = await shelf.files(kept.id);
  expect(Object.keys(read).sort()).toEqual(Object.keys(files).sort());
  for (const [name, bytes] of Object.entries(files))
    expect(await read[name].bytes()).toEqual(new Uint8Array(bytes));
  return kept;
}

it('a model is looked at, fetched, and is one of those in this browser', async () => {
  await look();
  await expect.element(card().getByText('LlamaForCausalLM, 1 layers of 32 with 2 heads')).toBeVisible();
  await expect.element(card().getByText('Memory to train all of it')).toBeVisible();
  await expectNoViolation();
  await userEvent.click(download());
  const kept = await expectKept();
  expect(said()).toContain('tiny is here');
  expect(kept.about).toMatchObject({ from: { endpoint, id } });
  expect(downloads.value).toEqual([]);
  expect(await folders.unfinished()).toEqual([]);
  await shelf.delete(kept.id);
  expect(await folders.files(kept.folder ?? '')).toBe(null);
});

it('is paused, survives a reload, and goes on where it was', async () => {
  await look();
  await expect.element(download()).toBeVisible();
  await hub({ faults: [{ name: 'model.safetensors', cutAfter: 5000, stall: true }] });
  await userEvent.click(download());
  const { 'model.safetensors': weights, ...small } = files;
  const before = Object.values(small).reduce((sum, { length }) => sum + length, 0);
  await expect.poll(async () => (await folders.unfinished())[0]?.bytes, patience).toBe(before + 5000);
  await expectNoViolation();
  await userEvent.click(card().getByRole('button', { name: `Pause the download of ${id}` }));
  await expect.element(card().getByText(/^Paused, /)).toBeVisible();
  // As after a reload: the page knows nothing but what is stored.
  downloads.value = null;
  seen.value = null;
  await readDownloads();
  await hub({ forget: true, add: [model()] });
  await userEvent.click(card().getByRole('button', { name: `Go on with the download of ${id}` }));
  await expectKept();
  const { seen: asked } = await hub();
  expect(new Set(asked.map(({ range }) => range))).toEqual(new Set([`bytes=5000-${weights.length - 1}`]));
});

it('a token opens what is gated, is sent to the Hub alone, and is remembered only if asked to', async () => {
  await hub({ forget: true, add: [model({ token: 'hf_mine' })] });
  await look();
  await expect.poll(said, patience).toContain('is gated: ask for access');
  await userEvent.fill(card().getByLabelText('Token, for gated and private models'), 'hf_mine');
  expect(localStorage.getItem('zeroloop-hub')).toBe(null);
  await userEvent.click(card().getByLabelText('Remember token and endpoint in this browser'));
  expect(localStorage.getItem('zeroloop-hub')).toContain('hf_mine');
  await userEvent.click(card().getByLabelText('Remember token and endpoint in this browser'));
  expect(localStorage.getItem('zeroloop-hub')).toBe(null);
  await look();
  await userEvent.click(download());
  await expectKept();
  const { seen: asked } = await hub();
  const at = (host: string) =>
    new Set(asked.filter((each) => each.host === host).map((each) => each.authorization));
  expect(at('cdn')).toEqual(new Set([null]));
  expect(at('hub')).toEqual(new Set([null, 'Bearer hf_mine'])); // without it at the first look
});

it('what cannot be used is refused in words, before its weights are fetched', async () => {
  await hub({
    forget: true,
    add: [model({}, { 'tokenizer.json': new TextEncoder().encode('{"model": {"type": "Unigram"}}') })],
  });
  await look();
  await userEvent.click(download());
  await expect.element(card().getByRole('alert')).toHaveTextContent(/tokenizer/);
  expect((await folders.unfinished())[0].bytes).toBeLessThan(files['model.safetensors'].length);
  await userEvent.click(card().getByRole('button', { name: `Give up the download of ${id}` }));
  await expect.poll(() => folders.unfinished(), patience).toEqual([]);
  expect(names()).toEqual(['The base model']);
});

it('a damaged file is thrown away, and fetched again', async () => {
  await look();
  await expect.element(download()).toBeVisible();
  await hub({ faults: [{ name: 'model.safetensors', corrupt: true }] });
  await userEvent.click(download());
  await expect.element(card().getByRole('alert')).toHaveTextContent(/is not what the Hub says that it is/);
  await userEvent.click(card().getByRole('button', { name: `Go on with the download of ${id}` }));
  await expectKept();
});
