/**
 * @file What WebAssembly costs: a training step in the page (SIMD, threads) against onnxruntime-node's native code, for
 * the same graph, weights and batch. Native code has wider vectors than WebAssembly's 128 bits.
 */

import { type BenchBrowser, contestantIn } from '../lib/browser';
import { interleave } from '../lib/interleave';
import type { JobSpec } from '../lib/jobs';
import { withNodeEngine } from '../lib/node';
import type { Measurement, Row } from '../lib/report';
import { figure, median, ratioOf, spread } from '../lib/statistics';
import { subject, tokensOf } from '../lib/subject';

export async function run(browser: BenchBrowser, progress: (line: string) => void): Promise<Measurement> {
  const rows: Row[] = [];
  for (const what of [subject(64, 2, 192, 8, 64), subject(128, 4, 384, 16, 128)]) {
    progress(`${what.name}: wasm against node`);
    const spec = (backend: string): JobSpec => ({ kind: 'train', who: 'ours', backend, subject: what });
    const [wasm, node] = await browser.withPage(async (page) =>
      withNodeEngine(async (inNode) => {
        const contestants = [await contestantIn(page, spec('wasm')), await inNode(spec('node'))];
        return interleave(contestants, { warmUp: 3, rounds: 9, turn: 1500, most: 20 });
      }),
    );
    const rate = (perStep: number[]) => figure((tokensOf(what) / median(perStep)) * 1000);
    rows.push({
      model: what.name,
      'wasm tokens/s': rate(wasm.perStep),
      'node tokens/s': rate(node.perStep),
      'wasm / node': spread(ratioOf(node.perStep, wasm.perStep)),
    });
  }
  return {
    name: 'wasm',
    title: 'Training on WebAssembly against onnxruntime-node, the same graph',
    rows,
    remarks: [],
  };
}
