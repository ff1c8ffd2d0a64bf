/** @file Evaluation for programs that drive the page: the engine in its worker, Python in its sandbox, and only counting here. */

import { WorkerEngine } from '../engine/worker';
import { type Evaluation, evaluateModel } from '../evals/model';
import type { HeldOutTask } from '../evals/tasks';
import type { Executor } from '../sandbox/executor';
import { type Config, readConfig } from '../selfplay/config';
import { type ModelName, openModel } from './automation-models';
import { settingsFor, speechOf } from './models/language';

export interface EvaluationOrder {
  backend: 'auto' | 'webgpu' | 'wasm';
  model: ModelName;
  /** What is left out is as the model wants it, see settingsFor, or as in "strict". */
  config: Partial<Config>;
  tasks: HeldOutTask[];
}

export async function evaluate(
  { backend, model, config, tasks }: EvaluationOrder,
  executor: Executor,
): Promise<Evaluation> {
  const source = await openModel(model);
  const complete = readConfig({ ...(await settingsFor(source)), ...config });
  const engine = await WorkerEngine.open(backend);
  try {
    const speech = await speechOf(complete, await executor.about(), source);
    return await evaluateModel({ source, config: complete, tasks, speech }, engine, executor);
  } finally {
    await engine.close();
  }
}
