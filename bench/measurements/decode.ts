/**
 * @file What a batch gains in sampling: tokens/s of 64 sequences side by side against one alone, on the same engine. A
 * sequence alone is what the sampler really computes for it: at least four rows, so that rounding never depends on company.
 */

import type { Page } from 'playwright';
import { type BenchBrowser, contestantIn } from '../lib/browser';
import { type Contestant, interleave, type Turns } from '../lib/interleave';
import type { JobSpec } from '../lib/jobs';
import { withNodeEngine } from '../lib/node';
import type { Measurement, Row } from '../lib/report';
import { figure, median, ratioOf, spread } from '../lib/statistics';
import { type Subject, subject } from '../lib/subject';

const ROWS = 64;
const TOKENS = 64;
/** The software adapter would take minutes for more. */
const FEW_TOKENS = 16;

export async function run(browser: BenchBrowser, progress: (line: string) => void): Promise<Measurement> {
  const rows: Row[] = [];
  const turns: Turns = { warmUp: 1, rounds: 7, turn: 1000, most: 10 };
  const measure = async (
    backend: string,
    what: Subject,
    open: (spec: JobSpec) => Promise<Contestant>,
    how: Turns,
    tokens = TOKENS,
  ) => {
    progress(`d${what.config.hidden_size} on ${backend}`);
    const spec = (count: number): JobSpec => ({
      kind: 'sample',
      who: 'ours',
      backend,
      subject: what,
      rows: count,
      tokens,
    });
    const [one, many] = await interleave([await open(spec(1)), await open(spec(ROWS))], how);
    const rate = (perCall: number[], count: number) => figure((count * tokens * 1000) / median(perCall));
    const gain = ratioOf(
      one.perStep.map((ms) => ms * ROWS),
      many.perStep,
    );
    rows.push({
      model: `d${what.config.hidden_size} L${what.config.num_hidden_layers}`,
      backend,
      'B=1 tokens/s': rate(one.perStep, 1),
      'B=64 tokens/s': rate(many.perStep, ROWS),
      'B=64 / B=1': spread(gain),
    });
  };

  const [small, medium, wide] = [
    subject(64, 2, 192, 1, 1),
    subject(128, 4, 384, 1, 1),
    subject(256, 4, 768, 1, 1),
  ];
  await withNodeEngine(async (inNode) => {
    for (const what of [medium, wide]) await measure('node', what, inNode, turns);
  });
  for (const what of [medium, wide]) {
    await browser.withPage((page) => measure('wasm', what, (spec) => contestantIn(page, spec), turns));
  }
  const software = await browser.withPage((page) => page.evaluate(() => window.bench.isSoftwareAdapter()));
  if (software !== null) {
    const [what, tokens] = software ? [small, FEW_TOKENS] : [medium, TOKENS];
    const open = (page: Page) => (spec: JobSpec) => contestantIn(page, spec);
    const few: Turns = { ...turns, rounds: 5, most: software ? 1 : turns.most };
    await browser.withPage((page) => measure('webgpu', what, open(page), few, tokens));
  }
  return {
    name: 'decode',
    title: `Sampling: ${ROWS} sequences side by side against one`,
    rows,
    remarks: [],
  };
}
