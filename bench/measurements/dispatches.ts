/** @file Dispatches, submissions and new buffers of a warm step: what a small model's time on a GPU goes into. */

import type { BenchBrowser } from '../lib/browser';
import type { Measurement } from '../lib/report';

export async function run(browser: BenchBrowser, progress: (line: string) => void): Promise<Measurement> {
  progress('counting dispatches');
  const counts = await browser.withPage((page) => page.evaluate(() => window.bench.countDispatches()));
  return {
    name: 'dispatches',
    title: 'Work for the GPU, counted at the WebGPU interface (d128 L4)',
    rows: counts.map(({ what, dispatches, submissions, buffers }) => ({
      'of a': what,
      dispatches,
      submissions,
      'new buffers': buffers,
    })),
    remarks: [],
  };
}
