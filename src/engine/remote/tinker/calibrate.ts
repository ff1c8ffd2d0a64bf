/**
 * @file What a server does with what it is sent, measured on a model that is thrown away: nothing of it is in the API, and a wrong guess
 * would train something else than the settings say, without a word.
 *
 * Adam with an epsilon far above every gradient is plain gradient descent, so how far one step moves the log-probabilities of a sequence
 * tells how large its gradient was. Data that push nothing, and lengthen the batch, show by what the server divides.
 */

import { UnsupportedByServerError } from '../errors';
import type { Sequence } from '../wire/sampling';
import { type Averaging, averagings, divisors } from './averaging';
import type { Push, TinkerModel, WireAdam } from './tinker-model';

export interface Found {
  averaging: Averaging;
  /** Whether `grad_clip_norm` is heeded. */
  clipping: boolean;
  /** Whether samples come with log-probabilities at temperature 1. */
  ownLogProbs: boolean;
}

/** Far below what any server clips by itself, and far above what float32 cannot tell from 0. */
const pushed = 1e-3;
const epsilon = 1e6;
/**
 * How far the log-probability of the sequence is to move: little enough to be a straight line, and enough to be measured. Servers that
 * compute in 16 bits see no small one.
 */
const distances = [0.003, 0.03, 0.3];

/** The second begins as the first does, and goes on with tokens that nothing is to be learned from. */
const short = sequence([2, 3, 4, 5]);
const long = sequence([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
const other = sequence([9, 8, 7, 6, 5, 4, 3, 2, 9, 10]);

type Probed = typeof short;

function sequence(ids: number[]) {
  return { tokens: Int32Array.from(ids.slice(0, -1)), targets: Int32Array.from(ids.slice(1)) };
}

export async function calibrate(
  model: TinkerModel,
  sample: (prompt: Int32Array, temperature: number) => Promise<Sequence[]>,
): Promise<Found> {
  const ownLogProbs = await samplesItsOwn(model, sample);
  const probe = await Probe.open(model);
  let first: Seen | null = null;
  for (const distance of distances) {
    await probe.findRate(distance);
    const alone = await probe.response([short]);
    const seen: Seen = {
      'a second sequence': (await probe.response([short, other])) / alone,
      'a longer sequence': (await probe.response([long])) / alone,
      'half the advantages': (await probe.response([short], { push: pushed / 2 })) / alone,
    };
    first ??= seen;
    const averaging = averagingOf(seen);
    if (averaging === null) continue;
    const clipped = await probe.response([short], { clip: 1e-12 });
    return { averaging, clipping: Math.abs(clipped / alone) < 0.1, ownLogProbs };
  }
  const told = Object.entries(first ?? {}).map(([name, times]) => `${name} by ${times.toPrecision(2)}`);
  throw new UnsupportedByServerError(
    `This server puts the losses of tokens together in a way that is not known here (its gradient is multiplied for ${told.join(', ')}), so it would not learn what the settings say: use another server.`,
  );
}

export type Seen = Record<'a second sequence' | 'a longer sequence' | 'half the advantages', number>;

/** What each rule makes of the same three. */
function expectedOf(averaging: Averaging): Seen {
  const first = (...lengths: number[]) => 1 / divisors(averaging, lengths)[0];
  const [a, b, c] = [short, other, long].map(({ tokens }) => tokens.length);
  return {
    'a second sequence': first(a, b) / first(a),
    'a longer sequence': first(c) / first(a),
    'half the advantages': 0.5,
  };
}

/** Null where none of the rules fits. */
export function averagingOf(seen: Seen): Averaging | null {
  const names = Object.keys(seen) as (keyof Seen)[];
  // The rules lie a factor of two or more apart.
  const fits = (averaging: Averaging) => {
    const expected = expectedOf(averaging);
    return names.every((name) => Math.abs(Math.log2(seen[name] / expected[name])) < 0.4);
  };
  return (Object.keys(averagings) as Averaging[]).find(fits) ?? null;
}

class Probe {
  /** What the weights are moved by is this times the gradient. */
  private rate = 1e-5;

  private constructor(
    private readonly model: TinkerModel,
    private logProbs: Float32Array[],
  ) {}

  static async open(model: TinkerModel): Promise<Probe> {
    return new Probe(model, await model.score([short, other, long]));
  }

  /** By how much a step on these data raises the short sequence: there and back, so that nothing is left of it, nor of its curve. */
  async response(
    data: Probed[],
    { push = pushed, clip }: { push?: number; clip?: number } = {},
  ): Promise<number> {
    const there = await this.moved(data, push, clip);
    return (there - (await this.moved(data, -push, clip))) / 2;
  }

  private async moved(data: Probed[], push: number, clip?: number): Promise<number> {
    const batch = data.map((datum): Push => {
      const learned = datum === other ? 0 : short.tokens.length;
      return {
        ...datum,
        logProbs: this.logProbs[[short, other, long].indexOf(datum)],
        pushes: Float32Array.from(datum.tokens, (_, t) => (t < learned ? push : 0)),
      };
    });
    refuseNoise(batch, await this.model.push(batch));
    await this.model.step({ ...descent(this.rate), ...(clip !== undefined && { grad_clip_norm: clip }) });
    const before = sum(this.logProbs[0]);
    this.logProbs = await this.model.score([short, other, long]);
    return sum(this.logProbs[0]) - before;
  }

  /** From below, so that the model is not torn apart; steps too small to be seen need no way back. */
  async findRate(distance: number): Promise<void> {
    for (let attempt = 0; attempt < 12; attempt++) {
      const moved = await this.moved([short], pushed);
      if (moved < distance / 30 && moved > -distance) {
        this.rate *= 10;
        continue;
      }
      await this.moved([short], -pushed);
      if (moved > distance / 3 && moved < 3 * distance) return;
      this.rate *= Math.min(Math.max(distance / Math.abs(moved), 0.01), 100);
    }
    throw new UnsupportedByServerError(
      'This server takes importance_sampling and learns nothing from it: use another server, or look at its log.',
    );
  }
}

const descent = (rate: number): WireAdam => ({
  learning_rate: (rate * epsilon) / pushed,
  beta1: 0,
  beta2: 0,
  eps: epsilon,
  weight_decay: 0,
});

/** What it says of a sequence when it scores and when it learns must be the same, or the ratio is not 1. */
function refuseNoise(batch: Push[], returned: Float32Array[]): void {
  const apart = Math.max(
    ...batch.flatMap(({ logProbs }, i) =>
      [...logProbs].map((p, t) => Math.abs(p - (returned[i]?.[t] ?? Number.NaN))),
    ),
  );
  if (apart < 0.1) return;
  throw new UnsupportedByServerError(
    `This server's log-probabilities differ by ${apart.toPrecision(2)} between "forward" and "forward_backward", so that nothing would be learned as it should: switch its dropout off.`,
  );
}

async function samplesItsOwn(
  model: TinkerModel,
  sample: (prompt: Int32Array, temperature: number) => Promise<Sequence[]>,
): Promise<boolean> {
  const prompt = Int32Array.of(2, 3);
  // So cold that a distribution which was divided by its temperature is quite another one.
  const sequences = await sample(prompt, 0.1);
  const data = sequences.map(({ tokens }) => sequence([...prompt, ...tokens]));
  const scored = await model.score(data);
  return sequences.every(
    ({ tokens, logProbs }, i) =>
      logProbs !== null &&
      logProbs.length === tokens.length &&
      logProbs.every((p, t) => Math.abs(p - scored[i][prompt.length - 1 + t]) < 0.05),
  );
}

const sum = (values: Float32Array): number => values.reduce((total, value) => total + value, 0);
