/** @file How long one waits for the first step, in a page that has just been opened, and what the second one takes. */

import type { BenchBrowser } from '../lib/browser';
import type { Measurement, Row } from '../lib/report';
import { figure, median } from '../lib/statistics';
import type { StartTimes } from '../page/start';

const REPEATS = 3;

export async function run(browser: BenchBrowser, progress: (line: string) => void): Promise<Measurement> {
  const rows: Row[] = [];
  for (const backend of ['wasm', 'webgpu'] as const) {
    progress(`cold start on ${backend}`);
    const times: StartTimes[] = [];
    for (let i = 0; i < REPEATS; i++) {
      times.push(
        await browser.withPage((page) => page.evaluate((name) => window.bench.timeStart(name), backend)),
      );
    }
    const middle = (part: keyof StartTimes) => median(times.map((each) => each[part]));
    rows.push({
      backend,
      'open ms': figure(middle('open')),
      'model ms': figure(middle('model')),
      'first step ms': figure(middle('first')),
      'second step ms': figure(middle('second')),
      'first / second': figure(middle('first') / middle('second')),
    });
  }
  return {
    name: 'start',
    title: 'From an open page to the first training step (d64 L2 B4 T32)',
    rows,
    remarks: [],
  };
}
