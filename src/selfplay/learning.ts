/**
 * @file What a step's record teaches: from its episodes and their advantages to an update of the weights. It depends on nothing but the
 * record and the configuration, so that a run which goes on from an older checkpoint repeats the updates in between from its log,
 * bit for bit, without playing the games again.
 */

import type { Control, Datum, Engine, LossReport, ModelId, OptimReport } from '../engine/engine';
import type { Episode } from '../store/records';
import type { Config } from './config';
import type { Tokenizer } from './dialect';
import { Draws } from './random';
import { adamOf, lossOf } from './requests';

export interface Learner {
  engine: Engine;
  tokenizer: Tokenizer;
  model: ModelId;
  /** The first weights, for the KL term; null without one. */
  reference: ModelId | null;
}

/** Of all updates of a step together. */
export interface Lesson {
  updates: number;
  /** Updates that were left out because their gradients were not finite. */
  skipped: number;
  sequences: number;
  /** Tokens that were learned from, and those that went through the model for it. */
  tokens: number;
  computedTokens: number;
  loss: number;
  gradNorm: number;
  entropy: number | null;
  clipFraction: number | null;
  approxKl: number | null;
  referenceKl: number | null;
  learningRate: number;
}

/** Null if there is nothing to learn from. */
export async function learn(
  { engine, tokenizer, model, reference }: Learner,
  config: Config,
  step: number,
  episodes: readonly Episode[],
  control: Control = {},
): Promise<Lesson | null> {
  const data = episodes.flatMap((episode) => datumOf(episode, tokenizer) ?? []);
  if (data.length === 0) return null;
  if (reference !== null) {
    const logProbs = await engine.forward(reference, data, control);
    data.forEach((datum, index) => {
      datum.referenceLogProbs = logProbs[index];
    });
  }
  const adam = adamOf(config, step);
  const reports: { loss: LossReport; optim: OptimReport }[] = [];
  for (let epoch = 0; epoch < config['loss.epochs']; epoch++) {
    for (const batch of minibatches(data, config, step, epoch)) {
      control.signal?.throwIfAborted();
      const loss = await engine.forwardBackward(model, batch, lossOf(config), control);
      reports.push({ loss, optim: await engine.optimStep(model, adam) });
    }
  }
  return { ...together(reports), sequences: data.length, learningRate: adam.learningRate };
}

/** What the model read and wrote as one sequence; only what it wrote counts. Null for what was not trained on. */
function datumOf({ prompt, tokens, logProbs, advantage }: Episode, tokenizer: Tokenizer): Datum | null {
  if (advantage === null || tokens.length === 0) return null;
  const read = tokenizer.encode(prompt);
  const whole = new Int32Array(read.length + tokens.length);
  whole.set(read);
  whole.set(tokens, read.length);
  const length = whole.length - 1;
  const written = read.length - 1; // the position that predicts the first token of the completion
  const spread = (value: (index: number) => number) => {
    const values = new Float32Array(length);
    for (let index = 0; index < tokens.length; index++) values[written + index] = value(index);
    return values;
  };
  return {
    tokens: whole.slice(0, -1),
    targets: whole.slice(1),
    weights: spread(() => 1),
    advantages: spread(() => advantage),
    logProbs: spread((index) => logProbs[index]),
  };
}

/** One batch in the order of the record, or several that are drawn anew in each epoch. */
function minibatches(data: readonly Datum[], config: Config, step: number, epoch: number): Datum[][] {
  const count = Math.min(config['loss.minibatches'], data.length);
  if (count === 1) return [[...data]];
  const order = new Draws(config.seed, step, `minibatches of epoch ${epoch}`).distinct(
    data.length,
    data.length,
  );
  const start = (part: number) => Math.floor((part * data.length) / count);
  return Array.from({ length: count }, (_, part) =>
    order.slice(start(part), start(part + 1)).map((index) => data[index]),
  );
}

function together(
  reports: readonly { loss: LossReport; optim: OptimReport }[],
): Omit<Lesson, 'sequences' | 'learningRate'> {
  const metrics = reports.map(({ loss }) => loss.metrics);
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  const mean = (values: number[]) => sum(values) / values.length;
  const meanKnown = (values: (number | undefined)[]) => {
    const known = values.filter((value) => value !== undefined);
    return known.length > 0 ? mean(known) : null;
  };
  return {
    updates: reports.length,
    skipped: reports.filter(({ optim }) => !optim.applied).length,
    tokens: sum(metrics.map(({ tokens }) => tokens)),
    computedTokens: sum(metrics.map(({ computedTokens }) => computedTokens)),
    loss: mean(reports.map(({ loss }) => loss.loss)),
    gradNorm: mean(reports.map(({ optim }) => optim.gradNorm)),
    entropy: meanKnown(metrics.map(({ entropy }) => entropy)),
    clipFraction: meanKnown(metrics.map(({ clipFraction }) => clipFraction)),
    approxKl: meanKnown(metrics.map(({ approxKl }) => approxKl)),
    referenceKl: meanKnown(metrics.map(({ referenceKl }) => referenceKl)),
  };
}
