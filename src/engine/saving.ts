/**
 * @file A model on the device as files: whole, or the adapter alone as PEFT writes it, or whole with the
 * adapter merged in.
 */

import { writeAdapter } from '../model/adapter-files';
import { writeCheckpoint } from '../model/checkpoint';
import type { JsonObject } from '../model/fields';
import { mergedReader } from '../model/merged';
import type { CheckpointRef, SaveOptions } from './engine';
import type { Device } from './ort/device';
import type { ResidentModel } from './ort/resident-model';
import { TRAINER_STATE, writeTrainerState } from './ort/trainer-state';

export async function modelFiles(
  device: Device,
  model: ResidentModel,
  adapterSource: JsonObject,
  { merged = false, optimizer = true }: SaveOptions,
): Promise<CheckpointRef['files']> {
  const { adapter, base: _, ...config } = model.config;
  const read = ({ name }: { name: string }) => model.read(name);
  if (adapter && merged) {
    const readMerged = mergedReader(read, (name) => model.read(name), adapter);
    return Object.fromEntries(await writeCheckpoint(config, readMerged));
  }
  const files: CheckpointRef['files'] = adapter
    ? await writeAdapter(config, adapter, read, adapterSource)
    : Object.fromEntries(await writeCheckpoint(config, read));
  if (model.trainable && optimizer) files[TRAINER_STATE] = await writeTrainerState(device, model);
  return files;
}
