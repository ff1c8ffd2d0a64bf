/** @file Somebody with a browser: the built page on a server of its own, real Chromium, and only what a person can press and read. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, expect, type Page } from 'playwright/test';
import { ensureBuilt } from '../../../scripts/build.mjs';
import { chromiumArgs, ensureChromium } from '../../../scripts/chromium.mjs';
import { serve } from '../../../scripts/server.mjs';
import { settingsAddress } from './tiny-run';

/** Its default is five seconds, which a busy machine lets pass. */
export const expectPage = expect.configure({ timeout: 15_000 });

export interface Visitor {
  url: string;
  context: BrowserContext;
  page: Page;
  /** What the page complained about, which it should not. */
  errors: string[];
  leave(): Promise<void>;
}

export interface VisitOptions {
  /** Of a server that is there already. */
  url?: string;
  webgpu?: boolean;
  viewport?: { width: number; height: number };
  colorScheme?: 'light' | 'dark';
}

/** A browser with a fresh profile. */
export async function visit({ webgpu = true, url, ...look }: VisitOptions = {}): Promise<Visitor> {
  const server = url === undefined ? await serve({ folder: await ensureBuilt() }) : null;
  const profile = mkdtempSync(join(tmpdir(), 'zeroloop-profile-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: await ensureChromium(),
    args: webgpu ? chromiumArgs() : ['--disable-features=WebGPU', '--disable-gpu'],
    acceptDownloads: true,
    ...look,
  });
  // Without a GPU process the adapter is not there; a browser that never had WebGPU has no navigator.gpu either.
  if (!webgpu) await context.addInitScript(() => Reflect.deleteProperty(Navigator.prototype, 'gpu'));
  const errors: string[] = [];
  const listen = (page: Page) => {
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
  };
  context.on('page', listen);
  const page = context.pages()[0] ?? (await context.newPage());
  listen(page);
  return {
    url: url ?? server?.url ?? '',
    context,
    page,
    errors,
    async leave() {
      await context.close();
      await server?.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

/** Opens the settings with a whole configuration in the address, and presses Start. */
export async function startTiny({ page, url }: Visitor, changes: Record<string, string> = {}): Promise<void> {
  await page.goto(url + settingsAddress(changes));
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await expectPage(page.getByRole('button', { name: 'Pause' })).toBeVisible({ timeout: 60_000 });
}

/** Until the run control says that so many steps are stored. */
export const stepDone = (page: Page, step: number, timeout = 120_000) =>
  expectPage(page.locator('.control .status')).toHaveText(atLeast(step), { timeout });

/** "Step 12 of 500" for every number that is not smaller; a run may be further than one looks. */
function atLeast(step: number): RegExp {
  const numbers = Array.from({ length: 60 }, (_, more) => step + more);
  return new RegExp(`Step (${numbers.join('|')}) of`);
}
