/**
 * @file A model on the device as files: whole, or the adapter alone as PEFT writes it, or whole with the
 * adapter merged in.
 */

import { adapterNames, isAdapted, mergeAdapter } from '../model/adapter';
import { writeAdapter } from '../model/adapter-files';
import { writeCheckpoint } from '../model/checkpoint';
import type { JsonObject } from '../model/fields';
import { type Parameter, unpackParameter } from '../model/parameters';
import type { CheckpointRef, SaveOptions } from './engine';
import type { Device } from './ort/device';
import type { ResidentModel } from './ort/resident-model';
import { TRAINER_STATE, writeTrainerState } from './ort/trainer-state';

export async function modelFiles(
  device: Device,
  model: ResidentModel,
  adapterSource: JsonObject,
  { merged = false }: SaveOptions,
): Promise<CheckpointRef['files']> {
  const { adapter, base: _, ...config } = model.config;
  const read = ({ name }: { name: string }) => model.read(name);
  if (adapter && merged) return Object.fromEntries(await writeCheckpoint(config, mergedReader(model)));
  const files: CheckpointRef['files'] = adapter
    ? await writeAdapter(config, adapter, read, adapterSource)
    : Object.fromEntries(await writeCheckpoint(config, read));
  if (model.trainable) files[TRAINER_STATE] = await writeTrainerState(device, model);
  return files;
}

/** The weights with what the adapter adds to them. */
function mergedReader(model: ResidentModel): (parameter: Parameter) => Promise<Float32Array> {
  const { adapter } = model.config;
  return async (parameter) => {
    const weights = await model.read(parameter.name);
    for (const { name, values } of unpackParameter(parameter, weights)) {
      if (!adapter || !isAdapted(name, adapter)) continue;
      const { a, b } = adapterNames(name);
      mergeAdapter(values, await model.read(a), await model.read(b), adapter);
    }
    return weights;
  };
}
