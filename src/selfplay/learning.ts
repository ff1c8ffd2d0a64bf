/**
 * @file What a step's record teaches: from its episodes and their advantages to an update of the weights. It depends on nothing but the
 * record and the configuration, so that a run which goes on from an older checkpoint repeats the updates in between from its log,
 * bit for bit, without playing the games again.
 */

import type {
  Aggregation,
  Control,
  Datum,
  Engine,
  LossMetrics,
  LossReport,
  ModelId,
  OptimReport,
} from '../engine/engine';
import { type Episode, type Role, roles } from '../store/records';
import type { Config } from './config';
import type { Tokenizer } from './dialect';
import { Draws } from './random';
import { adamOf, lossOf, type PolicyLoss } from './requests';

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
  const played = episodes.flatMap((episode) => {
    const datum = datumOf(episode, tokenizer);
    return datum ? [{ role: episode.role, datum }] : [];
  });
  if (played.length === 0) return null;
  if (reference !== null) await compare(engine, reference, config, played, control);
  const adam = adamOf(config, step);
  const reports: Update[] = [];
  for (let epoch = 0; epoch < config['loss.epochs']; epoch++) {
    for (const batch of minibatches(played, config, step, epoch)) {
      control.signal?.throwIfAborted();
      const losses: LossReport[] = [];
      for (const { data, loss } of partsOf(batch, config)) {
        losses.push(await engine.forwardBackward(model, data, loss, control));
      }
      reports.push({ losses, optim: await engine.optimStep(model, adam) });
    }
  }
  return { ...together(reports), sequences: played.length, learningRate: adam.learningRate };
}

/** A completion to learn from. */
interface Exercise {
  role: Role;
  datum: Datum;
}

/** One step of the optimizer, and the losses of the parts that it was made of. */
interface Update {
  losses: LossReport[];
  optim: OptimReport;
}

/** What the first weights say of those who are held near them. */
async function compare(
  engine: Engine,
  reference: ModelId,
  config: Config,
  played: readonly Exercise[],
  control: Control,
): Promise<void> {
  const held = played.filter(({ role }) => lossOf(config, role).kl).map(({ datum }) => datum);
  if (held.length === 0) return;
  const logProbs = await engine.forward(reference, held, control);
  held.forEach((datum, index) => {
    datum.referenceLogProbs = logProbs[index];
  });
}

/**
 * What is learned from in one call: the engine holds all data of a call alike near the first weights. Parts are weighted so that a
 * token counts as it would in a call for all of them.
 */
function partsOf(batch: readonly Exercise[], config: Config): { data: Datum[]; loss: PolicyLoss }[] {
  const losses = roles.map((role) => lossOf(config, role));
  const all = batch.map(({ datum }) => datum);
  if (losses[0].kl === losses[1].kl) return [{ data: all, loss: losses[0] }];
  const weighted = summed(all, config['loss.aggregation']);
  return roles.flatMap((role, index) => {
    const data = weighted.filter((_, place) => batch[place].role === role);
    return data.length > 0 ? [{ data, loss: { ...losses[index], aggregation: 'sum' } }] : [];
  });
}

/** With weights whose plain sum is what the aggregation would make of all of them. */
function summed(data: readonly Datum[], aggregation: Aggregation): Datum[] {
  const lengths = data.map(({ weights }) => weights!.reduce((sum, weight) => sum + weight, 0));
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  const divisors: Record<Aggregation, (index: number) => number> = {
    sum: () => 1,
    'token-mean': () => tokens,
    'sequence-mean': (index) => lengths[index] * data.length,
  };
  const divisor = divisors[aggregation];
  return data.map((datum, index) => ({
    ...datum,
    weights: datum.weights!.map((weight) => weight / divisor(index)),
  }));
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
function minibatches<T>(data: readonly T[], config: Config, step: number, epoch: number): T[][] {
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

function together(updates: readonly Update[]): Omit<Lesson, 'sequences' | 'learningRate'> {
  const metrics = updates.flatMap(({ losses }) => losses.map((each) => each.metrics));
  /** Mean over the updates of what is a mean over the tokens of each. */
  const meanOf = (name: 'entropy' | 'clipFraction' | 'approxKl' | 'referenceKl') => {
    const known = updates.flatMap(({ losses }) => overTokens(losses, name) ?? []);
    return known.length > 0 ? mean(known) : null;
  };
  return {
    updates: updates.length,
    skipped: updates.filter(({ optim }) => !optim.applied).length,
    tokens: sum(metrics.map(({ tokens }) => tokens)),
    computedTokens: sum(metrics.map(({ computedTokens }) => computedTokens)),
    loss: mean(updates.map(({ losses }) => sum(losses.map(({ loss }) => loss)))),
    gradNorm: mean(updates.map(({ optim }) => optim.gradNorm)),
    entropy: meanOf('entropy'),
    clipFraction: meanOf('clipFraction'),
    approxKl: meanOf('approxKl'),
    referenceKl: meanOf('referenceKl'),
  };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]) => sum(values) / values.length;

/** Of the parts of an update, each of which knows the mean of its own tokens. */
function overTokens(losses: readonly LossReport[], name: keyof LossMetrics): number | null {
  const known = losses.flatMap(({ metrics }) => {
    const value = metrics[name];
    return value === undefined ? [] : [{ value, tokens: metrics.tokens }];
  });
  if (known.length < 2) return known[0]?.value ?? null;
  return sum(known.map(({ value, tokens }) => value * tokens)) / sum(known.map(({ tokens }) => tokens));
}
