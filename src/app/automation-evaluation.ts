/** @file Evaluation for programs that drive the page: the engine in its worker, Python in its sandbox, and only counting here. */

import type { ModelSource } from '../engine/engine';
import { WorkerEngine } from '../engine/worker';
import { type Evaluation, evaluateModel } from '../evals/model';
import type { HeldOutTask } from '../evals/tasks';
import type { Executor } from '../sandbox/executor';
import { type Config, readConfig } from '../selfplay/config';
import { takeHanded } from './automation-files';

export interface EvaluationOrder {
  backend: 'auto' | 'webgpu' | 'wasm';
  /** 'handed': the files of the folder "model". */
  model: ModelSource | 'handed';
  config: Partial<Config>;
  tasks: HeldOutTask[];
}

export async function evaluate(
  { backend, model, config, tasks }: EvaluationOrder,
  executor: Executor,
): Promise<Evaluation> {
  const source = handedOr(model);
  const engine = await WorkerEngine.open(backend);
  try {
    return await evaluateModel({ source, config: readConfig(config), tasks }, engine, executor);
  } finally {
    await engine.close();
  }
}

export function handedOr(model: ModelSource | 'handed'): ModelSource {
  return model === 'handed' ? { kind: 'files', files: takeHanded('model') } : model;
}
