/** @file What losses ask of data and what is told of them, wherever they are computed. */

import type { Datum, LossMetrics, LossSpec } from './engine';
import { InvalidRequestError } from './errors';

/** Refuses data that lack what the loss reads. */
export function checkLoss(batch: Datum[], loss: LossSpec): void {
  if (loss.kind !== 'policy') return;
  batch.forEach(({ advantages, logProbs, referenceLogProbs }, i) => {
    const missing = !advantages
      ? 'advantages'
      : !logProbs
        ? 'logProbs'
        : loss.kl && !referenceLogProbs
          ? 'referenceLogProbs'
          : null;
    if (missing) throw new InvalidRequestError(`Datum ${i} has no ${missing}, which this policy loss needs.`);
  });
}

/** Means over the tokens that count, each as much as any other. */
export function policyMetrics(
  batch: Datum[],
  weights: Float32Array[],
  logProbs: Float32Array[],
  /** Null where they are not known. */
  entropies: Float32Array[] | null,
  { clipLow, clipHigh }: Extract<LossSpec, { kind: 'policy' }>,
): Pick<LossMetrics, 'entropy' | 'clipFraction' | 'approxKl' | 'referenceKl'> {
  let [tokens, entropy, clipped, kl, referenceKl] = [0, 0, 0, 0, 0];
  batch.forEach((datum, i) => {
    weights[i].forEach((weight, t) => {
      if (weight === 0) return;
      tokens++;
      entropy += entropies?.[i][t] ?? 0;
      const logRatio = logProbs[i][t] - (datum.logProbs?.[t] ?? 0);
      const [ratio, advantage] = [Math.exp(logRatio), datum.advantages?.[t] ?? 0];
      if (advantage > 0 ? ratio > 1 + clipHigh : advantage < 0 && ratio < 1 - clipLow) clipped++;
      kl -= logRatio;
      if (datum.referenceLogProbs) {
        const d = datum.referenceLogProbs[t] - logProbs[i][t];
        referenceKl += Math.expm1(d) - d;
      }
    });
  });
  const mean = (sum: number) => sum / Math.max(1, tokens);
  const reference = batch.some(({ referenceLogProbs }) => referenceLogProbs)
    ? { referenceKl: mean(referenceKl) }
    : {};
  return {
    ...(entropies && { entropy: mean(entropy) }),
    clipFraction: mean(clipped),
    approxKl: mean(kl),
    ...reference,
  };
}
