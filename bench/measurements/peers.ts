/**
 * @file Training against TensorFlow.js and jax-js: the same model, the same weights, the same batch, in the same page.
 * Before anything is timed, every contestant must show the same losses as ours, or the comparison would mean nothing.
 */

import { type BenchBrowser, contestantIn } from '../lib/browser';
import { interleave, type Turns } from '../lib/interleave';
import type { JobSpec } from '../lib/jobs';
import { ensurePeers } from '../lib/peers';
import type { Measurement, Row } from '../lib/report';
import { figure, median, ratioOf, spread } from '../lib/statistics';
import { type Subject, subject, tokensOf } from '../lib/subject';

type Train = Extract<JobSpec, { kind: 'train' }>;
type Side = Pick<Train, 'who' | 'backend'>;

interface Pair {
  ours: string;
  peer: Side;
}

const small = subject(64, 2, 192, 8, 64);
const larger = subject(128, 4, 384, 16, 128);

const onProcessor: Pair[] = [
  { ours: 'wasm', peer: { who: 'tfjs', backend: 'wasm' } },
  { ours: 'wasm', peer: { who: 'jax', backend: 'wasm' } },
];
const onGpu: Pair[] = [
  { ours: 'webgpu', peer: { who: 'tfjs', backend: 'webgpu' } },
  { ours: 'webgpu', peer: { who: 'jax', backend: 'webgpu' } },
  { ours: 'webgpu', peer: { who: 'tfjs', backend: 'webgl' } },
];
const plain: Pair[] = [{ ours: 'wasm', peer: { who: 'tfjs', backend: 'cpu' } }];

export async function run(browser: BenchBrowser, progress: (line: string) => void): Promise<Measurement> {
  await ensurePeers();
  const rows: Row[] = [];
  const turns: Turns = { warmUp: 4, rounds: 7, turn: 1500, most: 20 };
  const plans: [Subject, Pair[], Turns][] = [
    [larger, onProcessor, turns],
    [small, [...onProcessor, ...plain], turns],
    [small, onGpu, { ...turns, rounds: 5 }],
  ];
  for (const [what, pairs, how] of plans) {
    for (const pair of pairs) {
      progress(`${what.name}: ours on ${pair.ours}, ${nameOf(pair.peer)}`);
      rows.push(await compare(browser, what, pair, how));
    }
  }
  return {
    name: 'peers',
    title: 'Training against TensorFlow.js and jax-js in the same page',
    rows,
    remarks: [],
  };
}

async function compare(
  browser: BenchBrowser,
  what: Subject,
  { ours, peer }: Pair,
  turns: Turns,
): Promise<Row> {
  const row: Row = { model: what.name, ours, peer: nameOf(peer) };
  try {
    return await browser.withPage(async (page) => {
      const specs: Train[] = [
        { kind: 'train', who: 'ours', backend: ours, subject: what },
        { kind: 'train', ...peer, subject: what },
      ];
      const contestants = [];
      for (const spec of specs) contestants.push(await contestantIn(page, spec));
      const [mine, theirs] = await interleave(contestants, turns);
      checkLosses(mine.warmUp.losses, theirs.warmUp.losses);
      const rate = (perStep: number[]) => figure((tokensOf(what) / median(perStep)) * 1000);
      return {
        ...row,
        'ours tokens/s': rate(mine.perStep),
        'peer tokens/s': rate(theirs.perStep),
        'ours / peer': spread(ratioOf(theirs.perStep, mine.perStep)),
        'losses differ by': lossGaps(mine.warmUp.losses, theirs.warmUp.losses)
          .map((gap) => gap.toExponential(0))
          .join(', '),
      };
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    return { ...row, 'ours / peer': `failed: ${reason}` };
  }
}

const nameOf = ({ who, backend }: Side): string =>
  `${who === 'tfjs' ? 'TensorFlow.js' : 'jax-js'} ${backend}`;

const lossGaps = (ours: number[], theirs: number[]): number[] =>
  [0, 3].map((step) => Math.abs(ours[step] - theirs[step]));

/** The same forward pass, and the same three updates of every weight. */
function checkLosses(ours: number[], theirs: number[]): void {
  const [first, fourth] = lossGaps(ours, theirs);
  if (!(first < 1e-3) || !(fourth < 1e-2)) {
    const list = (losses: number[]) => losses.map((loss) => figure(loss)).join(', ');
    throw new Error(`not the same model, losses ${list(theirs)} where ours are ${list(ours)}`);
  }
}
