/** @file Single operations in the shapes of a training step: where its time goes, and what would be worth changing. */

import type { BenchBrowser } from '../lib/browser';
import type { Measurement, Row } from '../lib/report';
import { figure } from '../lib/statistics';
import { subject } from '../lib/subject';

export async function run(browser: BenchBrowser, progress: (line: string) => void): Promise<Measurement> {
  const rows: Row[] = [];
  const subjects = { wasm: subject(128, 4, 384, 16, 128), webgpu: subject(64, 2, 192, 8, 64) };
  for (const backend of ['wasm', 'webgpu'] as const) {
    const what = subjects[backend];
    progress(`${what.name} on ${backend}`);
    const times = await browser.withPage((page) =>
      page.evaluate(([name, shapes]) => window.bench.timeOperators(name, shapes), [backend, what] as const),
    );
    for (const { what: operation, ms, rate } of times) {
      rows.push({ backend, model: what.name, operation, ms: figure(ms), 'work / ns': figure(rate) });
    }
  }
  return {
    name: 'operators',
    title: 'Single operations in the shapes of a training step',
    rows,
    remarks: [],
  };
}
