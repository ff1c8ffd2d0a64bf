/** @file One question to one or two models: asked as held-out tasks are, and judged by Python as the answers come. */

import { signal } from '@preact/signals';
import type { Executor } from '../../sandbox/executor';
import { questionOf, type Solvable } from '../../selfplay/questions';
import { Truths } from '../../selfplay/truths';
import * as format from '../format';
import { nameOfModel } from '../state/models';
import { sandbox } from '../state/sandbox';
import { isCancelled } from '../state/toasts';
import { wait } from '../state/waiting';
import { close, player, rest } from './bench';
import { checkQuestion } from './checking';
import { judgeSample, type Sample } from './judging';
import type { Question } from './question';
import { warningsOf } from './warnings';

export interface Column {
  ref: string;
  name: string;
  status: 'waiting' | 'loading' | 'warming' | 'answering' | 'done' | 'stopped' | 'failed';
  /** In the order of the samples; null for those still to come. */
  samples: readonly (Sample | null)[];
  /** Milliseconds of answering, and those before it that went into making programs for the device. */
  ms: number;
  warmUp: number;
  /** What the model cannot read, and the like. */
  warnings: readonly string[];
  failure: string | null;
  /** What it was given to read. */
  prompt: string;
}

export interface Order {
  question: Question;
  models: readonly string[];
  samples: number;
  temperature: number;
}

/** Of the last question that was asked. */
export const columns = signal<readonly Column[]>([]);
export const asked = signal<{ question: Question; task: Solvable; truth: string | null } | null>(null);
/** What is wrong with the question. */
export const refused = signal<{ about: string; reason: string } | null>(null);
export const isSolving = signal(false);

let orders = 0;

export async function solve({ question, models, samples, temperature }: Order): Promise<void> {
  if (isSolving.value) return;
  isSolving.value = true;
  // One that was cancelled may still be on its way out when the next one begins.
  const order = ++orders;
  const update = (next: (before: readonly Column[]) => readonly Column[]) => {
    if (order === orders) columns.value = next(columns.value);
  };
  refused.value = null;
  await wait('Solving', async ({ signal: stop, tell }) => {
    tell(null, 'starting Python');
    const executor = await sandbox();
    tell(null, 'checking the question');
    const checked = await checkQuestion(executor, question, { signal: stop });
    stop.throwIfAborted();
    if (!checked.ok) {
      refused.value = checked;
      return;
    }
    asked.value = { question, task: checked.task, truth: checked.truth };
    // At temperature 0 all answers are the same one.
    const count = temperature === 0 ? 1 : samples;
    columns.value = models.map((ref) => ({
      ...empty,
      ref,
      name: nameOfModel(ref),
      samples: Array(count).fill(null),
    }));
    const seed = crypto.getRandomValues(new Uint32Array(1))[0] >>> 1;
    for (const [index, { name }] of columns.value.entries()) {
      const change = (next: Partial<Column>) =>
        update((before) => before.map((each, at) => (at === index ? { ...each, ...next } : each)));
      const share = (done: number) => tell((index + done) / models.length, name);
      await ask({
        executor,
        task: checked.task,
        ref: models[index],
        count,
        temperature,
        seed,
        stop,
        share,
        change,
      }).catch((error: Error) => {
        if (isCancelled(error)) {
          update((before) =>
            before.map((each) => (each.status === 'done' ? each : { ...each, status: 'stopped' })),
          );
          throw error;
        }
        change({ status: 'failed', failure: error.message });
        // Nobody knows what state it is in.
        return close();
      });
    }
  });
  rest();
  isSolving.value = false;
}

const empty: Omit<Column, 'ref' | 'name' | 'samples'> = {
  status: 'waiting',
  ms: 0,
  warmUp: 0,
  warnings: [],
  failure: null,
  prompt: '',
};

/** The first few tokens take no longer than this, unless their programs had to be made. */
const noticeable = 500;

interface Asking {
  executor: Executor;
  task: Solvable;
  ref: string;
  count: number;
  temperature: number;
  seed: number;
  stop: AbortSignal;
  share: (done: number) => void;
  change: (next: Partial<Column>) => void;
}

async function ask({
  executor,
  task,
  ref,
  count,
  temperature,
  seed,
  stop,
  share,
  change,
}: Asking): Promise<void> {
  change({ status: 'loading' });
  share(0);
  const model = await player(ref, await executor.about(), {
    signal: stop,
    onProgress: ({ done, total }) => share((0.2 * done) / total),
  });
  stop.throwIfAborted();
  const { engine, dialect, config, context } = model;
  const text = await dialect.solve(questionOf(task));
  const prompt = await dialect.tokenizer.encode(text);
  const truths = new Truths(executor);
  change({ prompt: text, warnings: await warningsOf(model, task, prompt.length, truths) });
  const room = Math.min(config['tokens.response'], context - prompt.length);
  if (room < 8) {
    throw new Error(
      `The question takes ${format.count(prompt.length)} tokens, and this model reads ${format.count(context)} at once: make it shorter.`,
    );
  }
  change({ status: 'warming' });
  let start = performance.now();
  let isWarm = false;
  const samples: (Sample | null)[] = Array(count).fill(null);
  const judging: Promise<void>[] = [];
  let done = 0;
  const rollouts = engine.sample(
    {
      model: model.model,
      prompts: [prompt],
      samples: count,
      maxTokens: room,
      temperature,
      stop: dialect.stop,
      seed,
    },
    {
      signal: stop,
      onProgress: () => {
        if (isWarm) return;
        isWarm = true;
        const passed = performance.now() - start;
        const warmUp = passed > noticeable ? passed : 0;
        start += warmUp;
        change({ status: 'answering', warmUp });
      },
    },
  );
  let ms = 0;
  for await (const { sample, tokens, stopReason } of rollouts) {
    ms = Math.max(0, performance.now() - start);
    const completion = await dialect.tokenizer.decode(tokens);
    const judge = async () => {
      const judged = await judgeSample(
        { executor, truths, task, dialect, signal: stop },
        completion,
        stopReason === 'length',
      );
      samples[sample] = { ...judged, tokens: tokens.length };
      done++;
      share(0.2 + (0.8 * done) / count);
      change({ samples: [...samples], ms });
    };
    judging.push(judge());
  }
  await Promise.all(judging);
  change({ status: 'done', ms });
}
