/**
 * @file Asks a model held-out tasks, in the words that it is trained with, and counts. An answer counts if it is right and kept the
 * format. Base and trained model are asked the same prompts with the same seed, or their difference means nothing.
 */

import type { Engine, ModelId, Progress, Rollout } from '../engine/engine';
import type { Executor } from '../sandbox/executor';
import type { Answer, Speech } from '../selfplay/dialect';
import { type JudgedAnswer, judgeAnswer, questionOf } from '../selfplay/questions';
import type { SamplingOptions } from '../selfplay/requests';
import { sameTrace } from '../selfplay/scratchpad';
import { isTraced, Truths, truthOf } from '../selfplay/truths';
import { type Mode, modes } from '../store/records';
import { type Interval, interval, passAtK, wilson } from './pass';
import type { HeldOutTask } from './tasks';

// ---- Asking ----------------------------------------------------------------------------------------------------------

export interface Attempt {
  completion: string;
  /** Length of the completion. */
  tokens: number;
  format: boolean;
  /** Whether or not it kept the format. */
  correct: boolean;
  /**
   * Did it come, in the format, from a thought that is the true trace word for word? Where that cannot be told in full, it did not.
   * Null in modes that have no traces.
   */
  exact: boolean | null;
  /** 'unasked': the prompt is too long. That counts as wrong. */
  stopReason: Rollout['stopReason'] | 'unasked';
}

export interface Answered {
  task: HeldOutTask;
  attempts: Attempt[];
}

export interface AnswerOptions {
  engine: Engine;
  model: ModelId;
  dialect: Speech;
  executor: Executor;
  /** Answers to each task. */
  samples: number;
  sampling: SamplingOptions;
  seed: number;
  /** Tokens of the longest prompt that is asked. Default: any. */
  maxPrompt?: number;
  /** Traces that are known from before; kept by whoever asks the same tasks again. */
  truths?: Truths;
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

const unasked = (mode: Mode): Attempt => ({
  completion: '',
  tokens: 0,
  format: false,
  correct: false,
  exact: isTraced(mode) ? false : null,
  stopReason: 'unasked',
});

/** In the order of the tasks. Python judges the first answers while the model still writes the last. */
export async function answer(tasks: readonly HeldOutTask[], options: AnswerOptions): Promise<Answered[]> {
  const { engine, model, dialect, executor, samples, sampling, seed, signal, onProgress } = options;
  const { maxPrompt = Number.POSITIVE_INFINITY, truths = new Truths(executor) } = options;
  const answered = await Promise.all(
    tasks.map(async (task) => ({
      task,
      prompt: await dialect.tokenizer.encode(await dialect.solve(questionOf(task))),
      judge: judgeOnce(executor, task, signal),
      attempts: Array.from({ length: samples }, () => unasked(task.mode)),
    })),
  );
  const asked = answered.filter(({ prompt }) => prompt.length <= maxPrompt);

  const total = asked.length * samples;
  let done = 0;
  let failed = false;
  const consider = async ({ prompt, sample, tokens, stopReason }: Rollout): Promise<void> => {
    const { task, judge, attempts } = asked[prompt];
    const completion = await dialect.tokenizer.decode(tokens);
    const { format, parsed } = await dialect.parseAnswer(task.mode, completion);
    if (failed) return; // nobody counts it any more
    const correct = parsed !== null && (await judge(parsed.answer)).correct;
    const exact = isTraced(task.mode) ? correct && format && (await thoughtTruly(task, parsed)) : null;
    attempts[sample] = { completion, tokens: tokens.length, format, correct, exact, stopReason };
    done++;
    onProgress?.({ phase: 'evaluating', done, total });
  };

  /** Traces are made as they are needed, while the model still writes, and each once. */
  const thoughtTruly = async (task: HeldOutTask, { answer, thought }: Answer): Promise<boolean> => {
    if (thought === '') return false;
    const truth = await truthOf(truths, task, answer);
    return truth !== null && sameTrace(thought, truth);
  };

  const considered: Promise<void>[] = [];
  if (total > 0) {
    const prompts = asked.map(({ prompt }) => prompt);
    const rollouts = engine.sample(
      { ...sampling, model, prompts, samples, stop: dialect.stop, seed },
      { signal },
    );
    for await (const rollout of rollouts) {
      const considering = consider(rollout);
      considering.catch(() => {
        failed = true;
      });
      considered.push(considering);
      if (failed) break; // no need to write on what nobody can judge
    }
  }
  await Promise.all(considered);
  if (done !== total) {
    throw new Error(`The engine was asked for ${total} answers and gave ${done}: evaluate again.`);
  }
  return answered.map(({ task, attempts }) => ({ task, attempts }));
}

/** The same answer is judged once: a greedy model gives few different ones. */
function judgeOnce(
  executor: Executor,
  task: HeldOutTask,
  signal?: AbortSignal,
): (answer: string) => Promise<JudgedAnswer> {
  const known = new Map<string, Promise<JudgedAnswer>>();
  return (text) => {
    const judged = known.get(text) ?? judgeAnswer(executor, task, text, { signal });
    known.set(text, judged);
    return judged;
  };
}

// ---- Counting --------------------------------------------------------------------------------------------------------

export interface EvaluationResult {
  mode: Mode;
  /** Null for all levels together. */
  level: number | null;
  /** Tasks. */
  n: number;
  /** Chance that one answer counts, with its 95 % interval. */
  pass1: number;
  low: number;
  high: number;
  /** Chance that it counts and its thought is the true trace, with its 95 % interval. Null in modes that have no traces. */
  exact: number | null;
  exactLow: number | null;
  exactHigh: number | null;
  /** By k: the chance that one of k answers counts. */
  passK: Record<number, number>;
  /** Share of the answers that kept the format. */
  format: number;
  /** Mean length of the answers. */
  tokens: number;
  /** Tasks whose prompts are too long. They count as wrong. */
  unasked: number;
}

export interface SummaryOptions {
  /** Which k to tell pass@k for, as far as there are answers. Default: 1, 2, 4, ... and all answers. */
  ks?: readonly number[];
  /** Of the intervals, where there are several answers to a task. */
  seed?: number;
}

/** For each mode and level, then for each mode. */
export function summarise(answered: readonly Answered[], options: SummaryOptions = {}): EvaluationResult[] {
  const byLevel: EvaluationResult[] = [];
  const byMode: EvaluationResult[] = [];
  for (const mode of modes) {
    const ofMode = answered.filter(({ task }) => task.mode === mode);
    if (ofMode.length === 0) continue;
    const levels = new Set(ofMode.flatMap(({ task }) => task.level ?? []));
    for (const level of [...levels].sort((a, b) => a - b)) {
      const ofLevel = ofMode.filter(({ task }) => task.level === level);
      byLevel.push(resultOf(mode, level, ofLevel, options));
    }
    byMode.push(resultOf(mode, null, ofMode, options));
  }
  return [...byLevel, ...byMode];
}

function resultOf(
  mode: Mode,
  level: number | null,
  answered: readonly Answered[],
  { ks, seed = 0 }: SummaryOptions,
): EvaluationResult {
  const counts = countsOf(answered, counting);
  const rates = ratesOf(counts);
  const samples = Math.min(...counts.map(({ n }) => n));
  const passK = Object.fromEntries(
    (ks ?? powersUpTo(samples))
      .filter((k) => k <= samples)
      .map((k) => [k, mean(counts.map(({ n, c }) => passAtK(n, c, k)))]),
  );
  const written = answered.flatMap(({ attempts }) =>
    attempts.filter(({ stopReason }) => stopReason !== 'unasked'),
  );
  const [low, high] = boundsOf(counts, rates, seed);
  const exactly = countsOf(answered, ({ exact }) => exact === true);
  const [exactLow, exactHigh] = isTraced(mode) ? boundsOf(exactly, ratesOf(exactly), seed) : [null, null];
  return {
    mode,
    level,
    n: answered.length,
    pass1: mean(rates),
    low,
    high,
    exact: isTraced(mode) ? mean(ratesOf(exactly)) : null,
    exactLow,
    exactHigh,
    passK,
    format: mean(written.map(({ format }) => (format ? 1 : 0))),
    tokens: mean(written.map(({ tokens }) => tokens)),
    unasked: answered.filter(({ attempts }) => attempts.some(({ stopReason }) => stopReason === 'unasked'))
      .length,
  };
}

interface Count {
  n: number;
  c: number;
}

const counting = ({ format, correct }: Attempt) => format && correct;

const countsOf = (answered: readonly Answered[], counts: (attempt: Attempt) => boolean): Count[] =>
  answered.map(({ attempts }) => ({ n: attempts.length, c: attempts.filter(counts).length }));

const ratesOf = (counts: readonly Count[]) => counts.map(({ n, c }) => (n > 0 ? c / n : 0));

/** What can be laid beside another model's, task by task. */
export interface Detail {
  id: string;
  mode: Mode;
  level: number | null;
  /** Share of the answers that count, and of those that are exact too; null where there are no traces. */
  right: number;
  exact: number | null;
}

export function detailsOf(answered: readonly Answered[]): Detail[] {
  const rights = ratesOf(countsOf(answered, counting));
  const exacts = ratesOf(countsOf(answered, ({ exact }) => exact === true));
  return answered.map(({ task: { id, mode, level } }, i) => ({
    id,
    mode,
    level,
    right: rights[i],
    exact: isTraced(mode) ? exacts[i] : null,
  }));
}

/**
 * Where all or none of the answers count, drawing tasks again changes nothing and would seem to be certain; so it is as if each task
 * had been asked once.
 */
function boundsOf(counts: readonly Count[], rates: readonly number[], seed: number): Interval {
  const once = counts.every(({ n }) => n <= 1);
  const alike = rates.every((rate) => rate === 0) || rates.every((rate) => rate === 1);
  return once || alike ? wilson(sum(rates), rates.length) : interval(rates, seed);
}

function powersUpTo(samples: number): number[] {
  const powers: number[] = [];
  for (let k = 1; k < samples; k *= 2) powers.push(k);
  return samples > 0 ? [...powers, samples] : [];
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

function mean(values: readonly number[]): number {
  return values.length ? sum(values) / values.length : 0;
}
