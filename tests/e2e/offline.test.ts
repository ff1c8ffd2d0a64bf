/**
 * The built page without its host, on hosts that send no headers, and when a newer build takes its place: each time in a real browser,
 * with its service worker, under a path of its own.
 */
import { cpSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright';
import type { Plugin } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { buildInto, ensureBuilt } from '../../scripts/build.mjs';
import { chromiumArgs, ensureChromium } from '../../scripts/chromium.mjs';
import { listBuild, writeWorker } from '../../scripts/offline.mjs';
import { serve } from '../../scripts/server.mjs';
import type {} from '../../src/app/automation';

let browser: Browser;
let root: string;
let folder: string;
let context: BrowserContext;
let server: Awaited<ReturnType<typeof serve>> | undefined;

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: await ensureChromium(), args: chromiumArgs() });
});
afterAll(() => browser.close());

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'zeroloop-offline-'));
  folder = join(root, 'some', 'where');
  cpSync(await ensureBuilt(), folder, { recursive: true });
  context = await browser.newContext();
});
afterEach(async () => {
  await context.close();
  await server?.close();
  rmSync(root, { recursive: true });
});

/** The page of the folder, and how often it has been loaded. */
async function open(query = '', { isolation = true } = {}) {
  server = await serve({ folder: root, isolation });
  const page = await context.newPage();
  const loads: string[] = [];
  page.on('domcontentloaded', () => loads.push(page.url()));
  await page.goto(`${server.url}some/where/${query}#/device`);
  return { page, loads };
}

const kept = (page: Page) => page.getByText(/^Yes: all that this page needs/).waitFor({ timeout: 180_000 });

/** A run of one small step, of the base model, on the processor. */
const train = (page: Page) =>
  page.evaluate(async () => {
    const { training } = window.zeroloop;
    const config = {
      batch: 2,
      steps: 1,
      'seeding.factor': 0.5,
      'estimate.samples': 2,
      'tokens.response': 16,
    };
    const create = { name: 'run', config, model: 'builtin', modelName: 'base', seeds: [] } as const;
    await training.open({ run: 'run', backend: 'wasm', create, heldOut: [] });
    await training.play('run');
    const { info, checkpoint } = await training.news('run', null);
    await training.close('run');
    return { step: info.step, checkpoint };
  });

it('trains without its host, once the page has been there', async () => {
  const { page } = await open();
  await kept(page);
  await server?.close();
  await context.setOffline(true);
  await page.reload();
  await page.getByRole('heading', { name: 'Device', level: 1 }).waitFor();
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  await expect(page.evaluate(() => fetch('held-out/sealed.jsonl'))).rejects.toThrow(/Failed to fetch/);
  expect(await train(page)).toEqual({ step: 1, checkpoint: 1 });
});

it('gets its threads on a host that sends no headers, by loading itself once more', async () => {
  const { page, loads } = await open('', { isolation: false });
  // Nothing is asked of the page before: that would count as somebody's hands on it.
  await expect.poll(() => loads.length, { timeout: 60_000 }).toBe(2);
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  await kept(page); // which leaves time for whatever else might load it again
  expect(loads).toHaveLength(2);
  // The sandbox's frame has no origin, and is isolated all the same: Python there can be interrupted through shared memory.
  const { python, stopping } = await page.evaluate(() => window.zeroloop.python());
  expect([python, stopping]).toEqual([expect.any(String), 'interrupt']);
});

it('tries that once, and goes on with one thread where it does not help', async () => {
  await context.addInitScript(() => {
    Object.defineProperty(window, 'crossOriginIsolated', { value: false });
  });
  const { page, loads } = await open('', { isolation: false });
  await expect.poll(() => loads.length, { timeout: 60_000 }).toBe(2);
  await kept(page);
  expect(loads).toHaveLength(2);
});

it('is not loaded again under the hands of somebody who has begun something', async () => {
  // As if this person had been quicker than the page.
  await context.addInitScript(() => {
    Object.defineProperty(navigator, 'userActivation', { value: { hasBeenActive: true } });
  });
  const { page, loads } = await open('', { isolation: false });
  await page.getByText('computes with all processor cores').waitFor({ timeout: 60_000 });
  expect(loads).toHaveLength(1);
  await page.getByRole('button', { name: 'Reload' }).click();
  await page.waitForFunction(() => crossOriginIsolated, null, { timeout: 60_000 });
});

/** Another build takes the place of the one that is served: of sources that differ in one place. Returns the files that are new. */
async function buildAgain(): Promise<string[]> {
  const before = new Set((await listBuild(folder)).files.map(({ path, hash }) => path + hash));
  const change: Plugin = {
    name: 'change',
    transform: (code, id) =>
      id.endsWith('state/theme.ts') ? { code: `${code}\nwindow.name = 'new';`, map: null } : null,
  };
  const outDir = join(root, 'next');
  await buildInto(outDir, [change]);
  writeFileSync(join(outDir, 'icon.svg'), newIcon);
  await writeWorker(outDir);
  rmSync(folder, { recursive: true });
  renameSync(outDir, folder);
  const { files } = await listBuild(folder);
  return files.filter(({ path, hash }) => !before.has(path + hash)).map(({ path }) => path);
}

const newIcon = '<svg xmlns="http://www.w3.org/2000/svg"><title>new</title></svg>';

it('takes a new build when it is loaded next, and fetches only what has changed', async () => {
  const { page } = await open();
  await kept(page);
  const changed = await buildAgain();
  expect(changed).toEqual(expect.arrayContaining(['', 'icon.svg']));

  const fetched: string[] = [];
  context.on('request', (request) => {
    if (request.serviceWorker()) fetched.push(new URL(request.url()).pathname.slice('/some/where/'.length));
  });
  await page.reload();
  await page.getByText('A new version of Zeroloop is here.').first().waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Reload' }).first().click();
  await page.waitForFunction(() => window.name === 'new');
  await kept(page);
  expect(await page.evaluate(async () => (await fetch('icon.svg')).text())).toBe(newIcon);
  expect(fetched.filter((path) => path !== 'offline.js').sort()).toEqual(changed.sort());
  // What the build before had is gone.
  const stored = await page.evaluate(async () => {
    const names = await caches.keys();
    const requests = await (await caches.open(names[0])).keys();
    return { names, icons: requests.filter(({ url }) => url.includes('icon.svg')).length };
  });
  expect(stored).toEqual({ names: ['zeroloop /some/where/'], icons: 1 });
});

it('keeps nothing where that is switched off, and forgets what it kept', async () => {
  const { page } = await open();
  await kept(page);
  await page.goto(new URL('?no-offline#/device', page.url()).href);
  await page.getByText('switched off by ?no-offline').first().waitFor();
  const left = () =>
    page.evaluate(async () => [
      (await navigator.serviceWorker.getRegistrations()).length,
      (await caches.keys()).length,
    ]);
  await expect.poll(left).toEqual([0, 0]);
});
