/** What people take out of the page comes in again elsewhere: a model into a fresh profile, a log into a browser without WebGPU. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectPage, startTiny, type Visitor, visit } from './visitor';
import { openFolder } from './zip';

const folder = mkdtempSync(join(tmpdir(), 'zeroloop-taken-'));
const log = join(folder, 'run.jsonl.gz');
const zip = join(folder, 'model.zip');
let name = '';
let mine: Visitor;

beforeAll(async () => {
  mine = await visit({ webgpu: false });
  const { page } = mine;
  await startTiny(mine, { steps: '3' });
  await expectPage(page.locator('.control .status')).toContainText('finished', { timeout: 120_000 });
  name = (await page.getByRole('heading', { level: 1 }).textContent()) ?? '';
});
afterAll(() => mine.leave());

it('exports a checkpoint as a folder that transformers reads, and starts from it in a fresh profile', async () => {
  const { page } = mine;
  await page.getByRole('link', { name: 'Take the model' }).click();
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export the zip' }).click();
  await (await downloading).saveAs(zip);
  const files = openFolder(zip);
  expect(Object.keys(files)).toEqual(
    expect.arrayContaining([
      'config.json',
      'model.safetensors',
      'tokenizer.json',
      'tokenizer_config.json',
      'generation_config.json',
    ]),
  );
  expect(JSON.parse(files['config.json'].toString())).toMatchObject({ model_type: 'llama' });

  const theirs = await visit({ webgpu: false });
  try {
    await theirs.page.goto(`${theirs.url}#/models`);
    await theirs.page.getByLabel('Choose a zip').setInputFiles(zip);
    await theirs.page.getByText(/is imported: /).waitFor();
    const link = theirs.page.locator('a[href*="kept"]', { hasText: 'Start a run' });
    const ref = new URLSearchParams((await link.getAttribute('href'))?.split('?')[1]).get('model') ?? '';
    await startTiny(theirs, { model: ref, steps: '1' });
    await expectPage(theirs.page.locator('.control .status')).toContainText('finished', { timeout: 120_000 });
    expect(theirs.errors).toEqual([]);
  } finally {
    await theirs.leave();
  }
});

it('exports a log, which is replayed in a profile without WebGPU', async () => {
  const { page, url } = mine;
  await page.goto(`${url}#/runs`);
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export log' }).click();
  await (await downloading).saveAs(log);

  const theirs = await visit({ webgpu: false });
  try {
    await theirs.page.goto(`${theirs.url}#/runs`);
    await theirs.page.getByLabel('Import logs').first().setInputFiles(log);
    await expectPage(theirs.page.getByRole('link', { name, exact: true })).toBeVisible();
    await theirs.page.locator('main').getByRole('link', { name: 'Replay' }).click();
    await expectPage(theirs.page.getByText('Step 3 of 3', { exact: true })).toBeVisible();
    const heading = theirs.page.getByRole('heading', { name: /^Game \d/ });
    await expectPage(heading).toBeVisible();
    const first = await heading.textContent();
    await theirs.page.getByRole('button', { name: 'Play', exact: true }).click();
    await expectPage(heading).not.toHaveText(first ?? '', { timeout: 20_000 });
    expect(theirs.errors).toEqual([]);
  } finally {
    await theirs.leave();
  }
});

it('refuses a file that is no log in a sentence, and nothing is lost', async () => {
  const { page, url } = mine;
  await page.goto(`${url}#/runs`);
  await page
    .locator('input[type=file]')
    .first()
    .setInputFiles({
      name: 'notes.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('not a log'),
    });
  await expectPage(page.getByText(/This file is no log of a Zeroloop run/)).toBeVisible();
  await expectPage(page.getByText(name).first()).toBeVisible();
});
