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

export interface PageOptions {
  /** The browser outlives Ctrl-C, so that a command can bring its work to an end. */
  outlivesInterrupt?: boolean;
}

export async function withPage<T>(
  use: (page: Page, browserVersion: string) => Promise<T>,
  { outlivesInterrupt = false }: PageOptions = {},
): Promise<T> {
  const executablePath = await ensureChromium();
  const server = await serve({ folder: await ensureBuilt() });
  let browser: Browser | undefined;
  try {
    browser = await chromium
      .launch({ executablePath, args: chromiumArgs(), handleSIGINT: !outlivesInterrupt })
      .catch((error: Error) => {
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

/** What an error in the page says: of our own classes one sentence, of anything else all there is to know. */
export function fromPage(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const [, name, message] =
    /^page\.evaluate: Error: (\w+Error): ([\s\S]*?)(?:\n +at [\s\S]*)?$/.exec(error.message) ?? [];
  if (name && name !== 'TypeError' && name !== 'RangeError') {
    return new CommandError(message.replaceAll('\n', ' '));
  }
  if (/Target (?:page, context or browser has been closed|crashed)/.test(error.message)) {
    return new CommandError('The browser stopped in the middle of its work (out of memory?).');
  }
  return error;
}
