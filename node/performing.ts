/** @file Does one operation on a model in the engine, and says what came of it in the words of the wire. */

import type { Engine, LossMetrics, ModelId, ModelSource } from '../src/engine/engine';
import { metricsToJson } from '../src/engine/remote/wire/body';
import { datumFromWire, isOurs, lossFrom } from '../src/engine/remote/wire/losses';
import type { TrainingRequest, TrainingResult } from '../src/engine/remote/wire/training';
import type { Below, Checkpoints } from './checkpoints';
import type { Operation } from './operations';
import type { Result } from './results';

export interface Performer {
  checkpoints: Checkpoints;
}

interface Place {
  engine: Engine;
  model: ModelId;
  /** The model's name on the wire, and the operation's number. */
  id: string;
  seq: number;
  below: Below;
  /** The model that an adapter in these files belongs to. */
  modelBelow(files: Record<string, unknown>): Promise<ModelSource | undefined>;
}

export interface Performed {
  result: Result;
  /** What takes the model's place in the engine. */
  model?: ModelId;
}

export async function perform(
  operation: Operation,
  place: Place,
  { checkpoints }: Performer,
): Promise<Performed> {
  const { engine, model, id, seq, below, modelBelow } = place;
  const whose = { model: id, below };
  switch (operation.kind) {
    case 'train': {
      const result = await train(engine, model, operation.request);
      return { result: { kind: 'training', result } };
    }
    case 'optim': {
      const { step, gradNorm, applied } = await engine.optimStep(model, operation.adam);
      const metrics = metricsToJson({ step, grad_norm: gradNorm, applied: Number(applied) });
      return { result: { kind: 'json', json: { type: 'optim_step', metrics } } };
    }
    case 'save': {
      const { name, merged, optimizer } = operation;
      const { files } = await engine.save(model, name, {}, { merged, optimizer });
      const { path, manifest } = await checkpoints.write(whose, 'weights', name, files);
      return {
        result: { kind: 'json', json: { type: 'save_weights', path, zeroloop: { files: manifest } } },
      };
    }
    case 'load': {
      const files = await checkpoints.files(operation.path);
      const { path: name, optimizer } = operation;
      const loaded = await engine.load({ name, files }, { optimizer, baseModel: await modelBelow(files) });
      await engine.dispose(model);
      return {
        result: { kind: 'json', json: { type: 'load_weights', path: operation.path } },
        model: loaded,
      };
    }
    case 'publish': {
      if (operation.name === null) {
        const json = { type: 'save_weights_for_sampler', sampling_session_id: samplingSessionOf(id, seq) };
        return { result: { kind: 'json', json } };
      }
      const { files } = await engine.save(model, operation.name, {}, { merged: true });
      const { path } = await checkpoints.write(whose, 'sampler_weights', operation.name, files);
      return { result: { kind: 'json', json: { type: 'save_weights_for_sampler', path } } };
    }
    default:
      return operation satisfies never;
  }
}

/** It says what it is: the model after this operation. So it survives a restart. */
export const samplingSessionOf = (id: string, seq: number): string => `${id}.s${seq}`;

async function train(engine: Engine, model: ModelId, request: TrainingRequest): Promise<TrainingResult> {
  const batch = request.data.map(datumFromWire);
  if (request.forwardOnly) {
    const logProbs = await engine.forward(model, batch);
    return { outputType: 'ArrayRecord', outputs: logProbs.map((logprobs) => ({ logprobs })), metrics: {} };
  }
  const { loss, logProbs, entropy, metrics } = await engine.forwardBackward(model, batch, lossFrom(request));
  const outputs: TrainingResult['outputs'] = logProbs.map((logprobs) => ({ logprobs }));
  if (entropy) for (const [i, entropies] of entropy.entries()) outputs[i].entropies = entropies;
  const told = isOurs(request.lossFn) ? { ...metrics } : reducible(metrics);
  return { outputType: 'ArrayRecord', outputs, metrics: { 'loss:sum': loss, ...told } };
}

/** Tinker's SDK divides batches, and each metric's name has to tell it how to put the parts together. */
const reducible = ({ tokens, computedTokens, seconds, ...means }: LossMetrics): Record<string, number> => ({
  'tokens:sum': tokens,
  'computedTokens:sum': computedTokens,
  'seconds:sum': seconds,
  ...Object.fromEntries(Object.entries(means).map(([name, value]) => [`${name}:mean`, value])),
});
