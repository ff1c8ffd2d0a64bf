/** @file A model that is asked held-out tasks by itself, without a run: opened, asked, closed, and counted. */

import type { Engine, ModelSource, Progress } from '../engine/engine';
import type { Executor } from '../sandbox/executor';
import type { Config } from '../selfplay/config';
import type { Speech } from '../selfplay/dialect';
import { languageOf } from '../selfplay/model-language';
import { evaluationSamplingOf } from '../selfplay/requests';
import { answer, type Detail, detailsOf, type EvaluationResult, summarise } from './evaluate';
import type { HeldOutTask } from './tasks';

export interface ModelToEvaluate {
  source: ModelSource;
  /** Says how it is asked: dialect, `evaluate.samples`, `evaluate.temperature`, seed. */
  config: Config;
  tasks: readonly HeldOutTask[];
  /** How it is spoken to; left out, that is read from its files. */
  speech?: Speech;
}

export interface Evaluation {
  results: EvaluationResult[];
  /** Task by task. */
  details: Detail[];
  backend: string;
  device: string;
}

export async function evaluateModel(
  { source, config, tasks, speech }: ModelToEvaluate,
  engine: Engine,
  executor: Executor,
  control: { signal?: AbortSignal; onProgress?: (progress: Progress) => void } = {},
): Promise<Evaluation> {
  const { backend, device } = await engine.capabilities();
  const dialect = speech ?? (await languageOf(config, await executor.about(), source)).dialect;
  const model = await engine.createModel(source, { trainable: false }, control);
  try {
    const answered = await answer(tasks, {
      engine,
      model,
      dialect,
      executor,
      samples: config['evaluate.samples'],
      sampling: evaluationSamplingOf(config),
      seed: config.seed,
      maxPrompt: config['tokens.prompt'],
      ...control,
    });
    const results = summarise(answered, { seed: config.seed });
    return { results, details: detailsOf(answered), backend, device };
  } finally {
    await engine.dispose(model);
  }
}
