/** The built page as a static host would serve it, under a path of its own: it trains, and loads nothing from elsewhere. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright';
import { expect, it } from 'vitest';
import { ensureBuilt } from '../../scripts/build.mjs';
import { chromiumArgs, ensureChromium } from '../../scripts/chromium.mjs';
import { serve } from '../../scripts/server.mjs';
import type {} from '../../src/app/automation';

it('trains under any path of a static host, from its own files alone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zeroloop-host-'));
  cpSync(await ensureBuilt(), join(folder, 'some', 'where'), { recursive: true });
  const server = await serve({ folder });
  const browser = await chromium.launch({ executablePath: await ensureChromium(), args: chromiumArgs() });
  try {
    const page = await browser.newPage();
    const address = `${server.url}some/where/`;
    const elsewhere: string[] = [];
    const errors: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(address) && /^https?:/.test(request.url())) elsewhere.push(request.url());
    });
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    await page.goto(address);
    const { losses, result } = await page.evaluate(async () => {
      const losses: number[] = [];
      const result = await window.zeroloop.selfTest(
        { backend: 'wasm', steps: 40, seed: 1 },
        ({ loss }) => {
          if (loss !== null) losses.push(loss);
        },
        new AbortController().signal,
      );
      return { losses, result };
    });
    expect(losses).toHaveLength(40);
    expect(result.backend).toBe('wasm');
    expect(result.lastLoss).toBeLessThan(0.7 * result.firstLoss);
    expect(elsewhere).toEqual([]);
    expect(errors).toEqual([]);
  } finally {
    await browser.close();
    await server.close();
    rmSync(folder, { recursive: true });
  }
});
