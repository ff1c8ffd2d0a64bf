/**
 * @file What a step's record teaches: from its episodes, their advantages and its lessons to an update of the weights. It depends on
 * nothing but the record and the configuration, so that a run which goes on from an older checkpoint repeats the updates in between
 * from its log, bit for bit, without playing the games again.
 */

import type {
  Aggregation,
  Control,
  Datum,
  Engine,
  LossMetrics,
  LossReport,
  LossSpec,
  ModelId,
  OptimReport,
} from '../engine/engine';
import { type Episode, type Lesson, type Role, roles, type StepRecord } from '../store/records';
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
export interface Learned {
  updates: number;
  /** Updates that were left out because their gradients were not finite. */
  skipped: number;
  sequences: number;
  /** Tokens of completions that were learned from, and all that went through the model, lessons included. */
  tokens: number;
  computedTokens: number;
  /** Of the policy; null if nothing but lessons was learned from. */
  loss: number | null;
  gradNorm: number;
  entropy: number | null;
  clipFraction: number | null;
  approxKl: number | null;
  referenceKl: number | null;
  learningRate: number;
  /** Of the lessons: the loss is the mean over their tokens. */
  hindsight: { sequences: number; tokens: number; loss: number } | null;
}

/** Null if there is nothing to learn from. */
export async function learn(
  { engine, tokenizer, model, reference }: Learner,
  config: Config,
  step: number,
  { episodes, lessons = [] }: Pick<StepRecord, 'episodes' | 'lessons'>,
  control: Control = {},
): Promise<Learned | null> {
  const played = episodes.flatMap((episode) => {
    const datum = datumOf(episode, tokenizer);
    return datum ? [{ role: episode.role, datum }] : [];
  });
  const taught = lessons.map((lesson) => datumOfLesson(lesson, tokenizer));
  if (played.length + taught.length === 0) return null;
  if (reference !== null) await compare(engine, reference, config, played, control);
  const adam = adamOf(config, step);
  const weight = config['hindsight.weight'];
  const updates: Update[] = [];
  for (let epoch = 0; epoch < config['loss.epochs']; epoch++) {
    for (const batch of minibatches(played, taught, config, step, epoch)) {
      control.signal?.throwIfAborted();
      const losses: LossReport[] = [];
      for (const { data, loss } of partsOf(batch.played, config)) {
        losses.push(await engine.forwardBackward(model, data, loss, control));
      }
      const lesson =
        batch.taught.length > 0
          ? await engine.forwardBackward(model, summed(batch.taught, 'token-mean', weight), teaching, control)
          : null;
      updates.push({ losses, lesson, optim: await engine.optimStep(model, adam) });
    }
  }
  return {
    ...together(updates),
    sequences: played.length,
    learningRate: adam.learningRate,
    hindsight: taught.length > 0 ? { sequences: taught.length, ...ofLessons(updates, weight) } : null,
  };
}

/** Weights make the mean. */
const teaching: LossSpec = { kind: 'cross-entropy', aggregation: 'sum' };

/** A completion to learn from. */
interface Exercise {
  role: Role;
  datum: Datum;
}

/** One step of the optimizer, and the losses of the parts that it was made of. */
interface Update {
  losses: LossReport[];
  /** Of what was taught with it, if anything was. */
  lesson: LossReport | null;
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
  if (batch.length === 0) return [];
  const losses = roles.map((role) => lossOf(config, role));
  const all = batch.map(({ datum }) => datum);
  if (losses[0].kl === losses[1].kl) return [{ data: all, loss: losses[0] }];
  const weighted = summed(all, config['loss.aggregation']);
  return roles.flatMap((role, index) => {
    const data = weighted.filter((_, place) => batch[place].role === role);
    return data.length > 0 ? [{ data, loss: { ...losses[index], aggregation: 'sum' } }] : [];
  });
}

/** With weights whose plain sum is what the aggregation would make of all of them, times `weight`. */
function summed(data: readonly Datum[], aggregation: Aggregation, weight = 1): Datum[] {
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
    weights: datum.weights!.map((each) => (each * weight) / divisor(index)),
  }));
}

/** What the model read and wrote as one sequence; only what it wrote counts. Null for what was not trained on. */
function datumOf({ prompt, tokens, logProbs, advantage }: Episode, tokenizer: Tokenizer): Datum | null {
  if (advantage === null || tokens.length === 0) return null;
  const { spread, ...sequence } = sequenceOf(tokenizer.encode(prompt), tokens);
  return {
    ...sequence,
    advantages: spread(() => advantage),
    logProbs: spread((index) => logProbs[index]),
  };
}

function datumOfLesson({ prompt, completion }: Lesson, tokenizer: Tokenizer): Datum {
  const { spread: _, ...sequence } = sequenceOf(tokenizer.encode(prompt), tokenizer.encode(completion));
  return sequence;
}

/** `spread` gives the tokens that were written a value each, and others 0. */
function sequenceOf(read: Int32Array, written: Int32Array) {
  const whole = new Int32Array(read.length + written.length);
  whole.set(read);
  whole.set(written, read.length);
  const first = read.length - 1; // the position that predicts the first token of what was written
  const spread = (value: (index: number) => number) => {
    const values = new Float32Array(whole.length - 1);
    for (let index = 0; index < written.length; index++) values[first + index] = value(index);
    return values;
  };
  return { tokens: whole.slice(0, -1), targets: whole.slice(1), weights: spread(() => 1), spread };
}

/**
 * One batch in the order of the record, or several that are drawn anew in each epoch. What was taught is divided as what was played
 * is, and may be too little for all of them.
 */
function minibatches<T, U>(
  played: readonly T[],
  taught: readonly U[],
  config: Config,
  step: number,
  epoch: number,
): { played: T[]; taught: U[] }[] {
  const count = Math.min(config['loss.minibatches'], played.length || taught.length);
  const draws = (name: string) => new Draws(config.seed, step, `${name} of epoch ${epoch}`);
  const parts = {
    played: divided(played, count, draws('minibatches')),
    taught: divided(taught, count, draws('minibatches of lessons')),
  };
  return parts.played.map((part, index) => ({ played: part, taught: parts.taught[index] }));
}

function divided<T>(data: readonly T[], count: number, draws: Draws): T[][] {
  if (count === 1) return [[...data]];
  const order = draws.distinct(data.length, data.length);
  const start = (part: number) => Math.floor((part * data.length) / count);
  return Array.from({ length: count }, (_, part) =>
    order.slice(start(part), start(part + 1)).map((index) => data[index]),
  );
}

function together(updates: readonly Update[]): Omit<Learned, 'sequences' | 'learningRate' | 'hindsight'> {
  const ofPolicy = updates.filter(({ losses }) => losses.length > 0);
  const metrics = updates.flatMap(({ losses }) => losses.map((each) => each.metrics));
  const taught = updates.flatMap(({ lesson }) => lesson?.metrics ?? []);
  /** Mean over the updates of what is a mean over the tokens of each. */
  const meanOf = (name: 'entropy' | 'clipFraction' | 'approxKl' | 'referenceKl') => {
    const known = updates.flatMap(({ losses }) => overTokens(losses, name) ?? []);
    return known.length > 0 ? mean(known) : null;
  };
  return {
    updates: updates.length,
    skipped: updates.filter(({ optim }) => !optim.applied).length,
    tokens: sum(metrics.map(({ tokens }) => tokens)),
    computedTokens: sum([...metrics, ...taught].map(({ computedTokens }) => computedTokens)),
    loss:
      ofPolicy.length > 0 ? mean(ofPolicy.map(({ losses }) => sum(losses.map(({ loss }) => loss)))) : null,
    gradNorm: mean(updates.map(({ optim }) => optim.gradNorm)),
    entropy: meanOf('entropy'),
    clipFraction: meanOf('clipFraction'),
    approxKl: meanOf('approxKl'),
    referenceKl: meanOf('referenceKl'),
  };
}

function ofLessons(updates: readonly Update[], weight: number): { tokens: number; loss: number } {
  const reports = updates.flatMap(({ lesson }) => lesson ?? []);
  return {
    tokens: sum(reports.map(({ metrics }) => metrics.tokens)),
    loss: mean(reports.map(({ loss }) => loss / weight)),
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
