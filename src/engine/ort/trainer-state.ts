/**
 * @file What resuming needs beside the weights: AdamW's moments and the count of steps, in a safetensors file.
 */

import { type BasePrecision, basePrecisions } from '../../model/build';
import { unpackParameter } from '../../model/parameters';
import { openSafetensors } from '../../model/safetensors';
import { writeSafetensors } from '../../model/safetensors-write';
import type { Bytes } from '../engine';
import type { Device } from './device';
import type { ResidentModel, TrainingBlocks } from './resident-model';

export const TRAINER_STATE = 'trainer_state.safetensors';

const KINDS = ['momentum', 'variance'] as const satisfies (keyof TrainingBlocks)[];

export async function writeTrainerState(device: Device, model: ResidentModel): Promise<Bytes> {
  const tensors = new Map<string, { shape: readonly number[]; values: Float32Array }>();
  for (const parameter of model.trained) {
    if (!parameter.training) continue;
    for (const kind of KINDS) {
      const values = (await device.read(parameter.training[kind])) as Float32Array;
      for (const part of unpackParameter(parameter, values)) tensors.set(`${kind}.${part.name}`, part);
    }
  }
  return writeSafetensors(tensors, 'F32', {
    format: 'pt',
    step: String(model.step),
    base: model.config.base ?? 'float32',
  });
}

/** What the model was held in as it was trained: going on from rounded weights is not going on from exact ones. */
export async function baseOfTrainerState(file: Bytes): Promise<BasePrecision> {
  const { base } = (await openSafetensors(file, TRAINER_STATE)).metadata;
  return basePrecisions.find((each) => each === base) ?? 'float32';
}

export async function readTrainerState(device: Device, model: ResidentModel, file: Bytes): Promise<void> {
  const state = await openSafetensors(file, TRAINER_STATE);
  for (const { size, parts, training } of model.trained) {
    if (!training) continue;
    for (const kind of KINDS) {
      const packed = new Float32Array(size);
      for (const { name, offset } of parts) packed.set(await state.read(`${kind}.${name}`), offset);
      device.write(training[kind], packed);
    }
  }
  model.step = Number(state.metadata.step ?? 0);
}
