/**
 * @file The weights that a run began with, where it still needs them: to stay near them (loss.kl), or to end between them and its last
 * ones (model.mean). They travel in its checkpoints, since whoever goes on with a run may have no more than the newest of these.
 */

import type { Control, Engine, ModelId, ModelSource } from '../engine/engine';
import { besideBase, hasAdapter, withoutAdapter } from '../model/adapter-base';
import { trainerStateFile } from '../model/folder';
import type { Config } from './config';
import { RunError } from './errors';
import { inMemory } from './model-files';

type Files = Record<string, Uint8Array>;

export interface FirstWeights {
  /** To ask for the log-probabilities of before; null where nobody does. */
  model: ModelId | null;
  /** None where they are the model below an adapter, which is kept anyway. */
  files: Files;
}

const staysNear = (config: Config): boolean => config['loss.kl'] > 0;
/** Of an adapter that begins with the run, B is nothing at first: it can be averaged without being kept. */
const endsBetween = (config: Config, isAdapted: boolean): boolean => config['model.mean'] > 0 && !isAdapted;

export const needsFirst = (config: Config, isAdapted: boolean): boolean =>
  staysNear(config) || endsBetween(config, isAdapted);

/** As a run begins. `model` is the one that it trains, `isBelow` says that the first weights lie below an adapter. */
export async function firstWeights(
  engine: Engine,
  config: Config,
  source: ModelSource,
  { model, isAdapted, isBelow }: { model: ModelId; isAdapted: boolean; isBelow: boolean },
  control: Control,
): Promise<FirstWeights | null> {
  if (staysNear(config)) {
    const first = await engine.createModel(source, { trainable: false, base: config['model.base'] }, control);
    const files = isBelow ? {} : await inMemory((await engine.save(first, 'reference', control)).files);
    return { model: first, files };
  }
  if (!endsBetween(config, isAdapted)) return null;
  const { [trainerStateFile]: _, ...files } = (await engine.save(model, 'reference', control)).files;
  return { model: null, files: await inMemory(files) };
}

/** From a checkpoint: what it holds of them, beside the weights that are trained. */
export async function firstWeightsAgain(
  engine: Engine,
  config: Config,
  { first, weights }: { first: Files | null; weights: Files },
  control: Control,
): Promise<FirstWeights | null> {
  const isAdapted = hasAdapter(weights);
  if (!needsFirst(config, isAdapted)) return null;
  if (!first && !isAdapted) {
    const why = staysNear(config)
      ? 'stays near its first weights (loss.kl)'
      : 'ends between its first weights and its last (model.mean)';
    throw new RunError(
      `This run ${why}, and its checkpoint does not hold them: import it with all its files, or begin a new run.`,
    );
  }
  if (!staysNear(config)) return { model: null, files: first ?? {} };
  const files = first ? besideBase(first, weights) : withoutAdapter(weights);
  const options = { trainable: false, base: config['model.base'] };
  const model = await engine.createModel({ kind: 'files', files }, options, control);
  return { model, files: first ?? {} };
}
