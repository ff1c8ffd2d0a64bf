/**
 * @file Opens the built page in headless Chromium, served exactly as `npm start` serves it, and hands it to a command. What a
 * command measures is therefore what a user of the page gets.
 */

import { type Browser, chromium, type Page } from 'playwright';
import { ensureBuilt } from '../../scripts/build.mjs';
import { chromiumArgs, ensureChromium } from '../../scripts/chromium.mjs';
import { serve } from '../../scripts/server.mjs';
import type {} from '../app/automation'; // declares window.zeroloop
import { CommandError, progress } from './command';

export async function withPage<T>(use: (page: Page, browserVersion: string) => Promise<T>): Promise<T> {
  const executablePath = await ensureChromium();
  const server = await serve({ folder: await ensureBuilt() });
  let browser: Browser | undefined;
  try {
    browser = await chromium.launch({ executablePath, args: chromiumArgs() }).catch((error: Error) => {
      throw new CommandError(`Chromium did not start: ${error.message.split('\n')[0]}`);
    });
    const page = await browser.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') progress(`page: ${message.text()}`);
    });
    page.on('pageerror', (error) => progress(`page: ${error.message}`));
    await page.goto(server.url);
    await page.waitForFunction(() => 'zeroloop' in window);
    return await use(page, browser.version());
  } finally {
    await browser?.close();
    await server.close();
  }
}
