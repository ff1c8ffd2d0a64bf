/**
 * @file The browser that benchmarks drive: the bench page served by Vite, in the headless Chromium that the tests use.
 * Each measurement gets a page of its own, so that nothing of the one before it is still in memory.
 */

import { type Browser, chromium, type Page } from 'playwright';
import { createServer, type ViteDevServer } from 'vite';
import { chromiumArgs, ensureChromium } from '../../scripts/chromium.mjs';
import type {} from '../page/main'; // declares window.bench
import { benchConfig } from '../vite.config';
import type { Contestant } from './interleave';
import type { JobSpec } from './jobs';

export class BenchBrowser {
  private constructor(
    private readonly browser: Browser,
    private readonly server: ViteDevServer,
    private readonly url: string,
  ) {}

  static async open(): Promise<BenchBrowser> {
    const executablePath = await ensureChromium();
    const server = await createServer(benchConfig);
    await server.listen();
    const url = server.resolvedUrls?.local[0];
    if (!url) throw new Error('The server of the bench page has no address.');
    const browser = await chromium.launch({ executablePath, args: chromiumArgs() });
    return new BenchBrowser(browser, server, new URL('bench/page/index.html', url).href);
  }

  get version(): string {
    return this.browser.version();
  }

  async withPage<T>(use: (page: Page) => Promise<T>): Promise<T> {
    const page = await this.browser.newPage();
    page.on('pageerror', (error) => process.stderr.write(`page: ${error.message}\n`));
    try {
      await page.goto(this.url);
      await page.waitForFunction(() => 'bench' in window);
      return await use(page);
    } finally {
      await page.close();
    }
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.server.close();
  }
}

/** A job in the page; it times itself there, so the way to the page and back does not count. */
export async function contestantIn(page: Page, spec: JobSpec): Promise<Contestant> {
  const id = await page.evaluate((job) => window.bench.open(job), spec);
  return { time: (count) => page.evaluate(([job, n]) => window.bench.time(job, n), [id, count] as const) };
}
