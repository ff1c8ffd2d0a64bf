/**
 * @file What the Engine calls data and losses, in the words of the wire, and back. `zeroloop_...` losses are our LossSpec to the last
 * field; only a node that announces them gets them. The others are Tinker's, which are sums over tokens.
 */

import type { Aggregation, Datum, LossSpec } from '../../engine';
import { InvalidRequestError } from '../../errors';
import type { Numbers } from './numbers';
import type { TrainingRequest, WireDatum } from './training';

type WireLoss = Pick<TrainingRequest, 'lossFn' | 'lossConfig'>;

/** By the numbers that stand for them on the wire. */
const aggregations: readonly Aggregation[] = ['sum', 'token-mean', 'sequence-mean'];

export const ownLosses = ['zeroloop_cross_entropy', 'zeroloop_policy'] as const;

export const isOurs = (lossFn: string): boolean => (ownLosses as readonly string[]).includes(lossFn);

const optional = ['dualClip', 'entropy', 'kl'] as const;

export function ownLoss(loss: LossSpec): WireLoss {
  const aggregation = aggregations.indexOf(loss.aggregation);
  switch (loss.kind) {
    case 'cross-entropy':
      return { lossFn: ownLosses[0], lossConfig: { aggregation } };
    case 'policy': {
      const { clipLow, clipHigh } = loss;
      const lossConfig: Record<string, number> = { aggregation, clipLow, clipHigh };
      for (const name of optional) if (loss[name] !== undefined) lossConfig[name] = loss[name];
      return { lossFn: ownLosses[1], lossConfig };
    }
    default:
      return loss satisfies never;
  }
}

/** A ratio that no sequence reaches and float32 still holds. */
const unlimited = 3e38;

export function lossFrom({ lossFn, lossConfig }: WireLoss): LossSpec {
  const given = (name: string, missing?: number): number => {
    const value = Object.hasOwn(lossConfig, name) ? lossConfig[name] : missing;
    if (value !== undefined && !Number.isNaN(value)) return value;
    throw new InvalidRequestError(`The loss ${lossFn} needs the number ${name} in its loss_fn_config.`);
  };
  const aggregation = (): Aggregation => {
    const found = aggregations[given('aggregation')];
    if (found) return found;
    throw new InvalidRequestError(
      `The aggregation of ${lossFn} is 0 (sum), 1 (mean over tokens) or 2 (over sequences).`,
    );
  };
  switch (lossFn) {
    case 'cross_entropy':
      return { kind: 'cross-entropy', aggregation: 'sum' };
    case 'importance_sampling':
      return { kind: 'policy', aggregation: 'sum', clipLow: 1, clipHigh: unlimited };
    case 'ppo':
      return {
        kind: 'policy',
        aggregation: 'sum',
        clipLow: 1 - given('clip_low_threshold', 0.8),
        clipHigh: given('clip_high_threshold', 1.2) - 1,
      };
    case 'zeroloop_cross_entropy':
      return { kind: 'cross-entropy', aggregation: aggregation() };
    case 'zeroloop_policy': {
      const more = optional.flatMap((name) => (Object.hasOwn(lossConfig, name) ? [[name, given(name)]] : []));
      return {
        kind: 'policy',
        aggregation: aggregation(),
        clipLow: given('clipLow'),
        clipHigh: given('clipHigh'),
        ...Object.fromEntries(more),
      };
    }
    default:
      throw new InvalidRequestError(
        `There is no loss "${lossFn}" here: cross_entropy, importance_sampling, ppo, ${ownLosses.join(' and ')} are.`,
      );
  }
}

const optionalInputs = [
  ['weights', 'weights'],
  ['advantages', 'advantages'],
  ['logProbs', 'logprobs'],
  ['referenceLogProbs', 'reference_logprobs'],
] as const satisfies [keyof Datum, string][];

export function datumToWire(datum: Datum): WireDatum {
  const inputs: Record<string, Numbers> = { target_tokens: datum.targets };
  for (const [ours, theirs] of optionalInputs) {
    const values = datum[ours];
    if (values) inputs[theirs] = values;
  }
  return { tokens: datum.tokens, inputs };
}

export function datumFromWire({ tokens, inputs }: WireDatum, index: number): Datum {
  const { target_tokens: targets } = inputs;
  if (!(targets instanceof Int32Array))
    throw new InvalidRequestError(`Datum ${index} has no target_tokens of whole numbers.`);
  const datum: Datum = { tokens, targets };
  for (const [ours, theirs] of optionalInputs) {
    const values = Object.hasOwn(inputs, theirs) ? inputs[theirs] : undefined;
    if (values) datum[ours] = values instanceof Float32Array ? values : Float32Array.from(values);
  }
  return datum;
}
