/** @file Traces and measures a second, once Python is warm. */

import { BenchBrowser } from '../lib/browser';
import type { Measurement } from '../lib/report';
import { figure } from '../lib/statistics';
import type {} from '../sandbox/page'; // declares window.timeSandbox

export async function run(_progress: (line: string) => void): Promise<Measurement> {
  const browser = await BenchBrowser.open();
  try {
    const { traces, measures } = await browser.withPage(async (page) => {
      page.on('console', (message) => {
        if (message.type() === 'error') process.stderr.write(`page: ${message.text()}\n`);
      });
      await page.addScriptTag({ type: 'module', url: '/bench/sandbox/page.ts' });
      await page.waitForFunction(() => 'timeSandbox' in window);
      return page.evaluate(() => window.timeSandbox());
    });
    return {
      name: 'warm',
      title: 'Traces and measures a second, warm',
      rows: [{ 'traces/s': figure(traces), 'measures/s': figure(measures) }],
      remarks: [],
    };
  } finally {
    await browser.close();
  }
}
