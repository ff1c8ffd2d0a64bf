/** @file The share of a real GPU's own matrix-product rate that training reaches. On a software adapter it means nothing. */

import type { BenchBrowser } from '../lib/browser';
import type { Measurement, Row } from '../lib/report';
import { figure } from '../lib/statistics';

export async function run(browser: BenchBrowser, progress: (line: string) => void): Promise<Measurement> {
  const title = "Share of the GPU's own fp32 matrix-product rate that a training step reaches";
  const software = await browser.withPage((page) => page.evaluate(() => window.bench.isSoftwareAdapter()));
  if (software !== false) {
    const why = software === null ? 'there is no WebGPU adapter' : 'the WebGPU adapter is software';
    return { name: 'share', title, rows: [], remarks: [`Not measured here: ${why}.`] };
  }
  const rows: Row[] = [];
  for (const width of [256, 512]) {
    progress(`share of the matrix-product rate at width ${width}`);
    const found = await browser.withPage((page) => page.evaluate((d) => window.bench.gpuShare(d), width));
    rows.push({
      model: found.subject,
      device: found.device,
      parameters: found.parameters.toLocaleString('en-US'),
      'matmul GFLOP/s': figure(found.matmul),
      'training GFLOP/s': figure(found.step),
      share: `${figure((100 * found.step) / found.matmul)} %`,
      'tokens/s': figure(found.tokensPerSecond),
    });
  }
  return { name: 'share', title, rows, remarks: [] };
}
