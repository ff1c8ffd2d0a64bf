/**
 * @file Our losses as functions of the log-probability of each token: their value, and how much they fall as it rises. A server that can push
 * tokens up or down by given amounts can therefore learn by any of them, whatever losses it has. Only the entropy bonus is not of this
 * kind: it depends on all words of the vocabulary.
 */

import type { Datum, LossSpec } from '../../engine';
import { aggregate } from '../../ort/batches';

export interface Slopes {
  /** Of the batch. */
  loss: number;
  /** Per datum and token: by how much the loss falls as the log-probability rises. */
  pushes: Float32Array[];
  weights: Float32Array[];
}

export function slopesOf(batch: Datum[], logProbs: Float32Array[], spec: LossSpec): Slopes {
  const weights = aggregate(batch, spec.aggregation);
  const ofToken = spec.kind === 'policy' ? policyTerm(spec) : crossEntropyTerm;
  let loss = 0;
  const pushes = batch.map((datum, i) =>
    weights[i].map((weight, t) => {
      if (weight === 0) return 0;
      const { objective, slope } = ofToken(datum, t, logProbs[i][t]);
      loss -= weight * objective;
      return weight * slope;
    }),
  );
  return { loss, pushes, weights };
}

/** What is to rise, and how fast it does with the log-probability. */
type Term = (datum: Datum, t: number, logProb: number) => { objective: number; slope: number };

const crossEntropyTerm: Term = (_, __, logProb) => ({ objective: logProb, slope: 1 });

/** As in graph/losses.ts: e^30 is still finite times any advantage. */
const largestLogRatio = 30;

function policyTerm({ clipLow, clipHigh, dualClip, kl }: Extract<LossSpec, { kind: 'policy' }>): Term {
  return ({ advantages, logProbs, referenceLogProbs }, t, logProb) => {
    const advantage = advantages?.[t] ?? 0;
    const ratio = Math.exp(Math.min(logProb - (logProbs?.[t] ?? 0), largestLogRatio));
    const free = ratio * advantage;
    const clipped = Math.min(Math.max(ratio, 1 - clipLow), 1 + clipHigh) * advantage;
    let objective = Math.min(free, clipped);
    let slope = free <= clipped ? free : 0;
    if (dualClip) {
      const worst = Math.min(advantage, 0) * dualClip;
      if (worst > objective) [objective, slope] = [worst, 0];
    }
    if (kl && referenceLogProbs) {
      const d = Math.min(referenceLogProbs[t] - logProb, largestLogRatio);
      objective -= kl * (Math.expm1(d) - d);
      slope += kl * Math.expm1(d);
    }
    return { objective, slope };
  };
}
