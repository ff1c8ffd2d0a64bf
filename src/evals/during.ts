/**
 * @file Held-out tasks during a run: what the loop asks every few steps, as metrics. The same seed each time, so that what changes
 * from one evaluation to the next is the model.
 */

import type { Engine } from '../engine/engine';
import type { Executor } from '../sandbox/executor';
import type { Config } from '../selfplay/config';
import type { Dialect } from '../selfplay/dialect';
import type { Players } from '../selfplay/players';
import { evaluationSamplingOf } from '../selfplay/requests';
import { Truths } from '../selfplay/truths';
import { answer, type EvaluationResult, summarise } from './evaluate';
import { askedBy, type HeldOutTask } from './tasks';

export interface EvaluatorOptions {
  config: Config;
  tasks: readonly HeldOutTask[];
  engine: Engine;
  dialect: Dialect;
  executor: Executor;
}

/** Undefined if there is nothing to ask. */
export function evaluator({ config, tasks, ...players }: EvaluatorOptions): Players['evaluate'] {
  const asked = askedBy(config, tasks);
  if (asked.length === 0) return undefined;
  const truths = new Truths(players.executor);
  return async (model, _step, control) => {
    const answered = await answer(asked, {
      ...players,
      ...control,
      truths,
      model,
      samples: config['evaluate.samples'],
      sampling: evaluationSamplingOf(config),
      seed: config.seed,
      maxPrompt: config['tokens.prompt'],
    });
    return heldOutMetrics(summarise(answered));
  };
}

/** `heldout/accuracy` counts every task alike; the others go by mode, and by level where the tasks have levels. */
export function heldOutMetrics(results: readonly EvaluationResult[]): Record<string, number> {
  const metrics: Record<string, number> = {};
  let tasks = 0;
  let solved = 0;
  for (const { mode, level, n, pass1, low, high, exact, format, tokens } of results) {
    const name = level === null ? `heldout/${mode}` : `heldout/${mode}/level_${level}`;
    if (exact !== null) metrics[`${name}/exact`] = exact;
    metrics[name] = pass1;
    if (level !== null) continue;
    tasks += n;
    solved += n * pass1;
    metrics[`${name}/low`] = low;
    metrics[`${name}/high`] = high;
    metrics[`${name}/format`] = format;
    metrics[`${name}/tokens`] = tokens;
  }
  if (tasks > 0) metrics['heldout/accuracy'] = solved / tasks;
  return metrics;
}
