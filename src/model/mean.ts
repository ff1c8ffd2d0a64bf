/**
 * @file A model between two others of its kind: number by number, some of the one and the rest of the other. What a model learned last
 * costs it some of what it knew; between its first and its last weights there is a place that has most of both (Wortsman et al. 2022).
 */

import type { ByteSource } from './bytes';
import { MissingTensorError, WrongShapeError } from './errors';
import { trainerStateFile } from './folder';
import { openSafetensors } from './safetensors';
import { writeSafetensors } from './safetensors-write';

const holdsWeights = (name: string) => /^(adapter_)?model.*\.safetensors$/.test(name);

/**
 * All files of `last` but the trainer's state; in its weights, `share` of each number is from `first`. What an adapter adds is B A, and
 * B is nothing at first: so of an adapter that began anew B is averaged alone, and the whole is what it is without one.
 */
export async function meanOf<F extends ByteSource>(
  first: Readonly<Record<string, F>>,
  last: Readonly<Record<string, F>>,
  share: number,
): Promise<Record<string, F | Uint8Array<ArrayBuffer>>> {
  const files: Record<string, F | Uint8Array<ArrayBuffer>> = {};
  for (const [name, file] of Object.entries(last)) {
    if (name === trainerStateFile) continue;
    files[name] = holdsWeights(name) ? await meanOfFiles(first[name], file, share, name) : file;
  }
  return files;
}

async function meanOfFiles(first: ByteSource | undefined, last: ByteSource, share: number, name: string) {
  if (!first) throw new MissingTensorError(`There is no ${name} among the first weights to take a part of.`);
  const [before, after] = [await openSafetensors(first, name), await openSafetensors(last, name)];
  const tensors = new Map<string, { shape: readonly number[]; values: Float32Array }>();
  for (const [tensor, { shape }] of after.tensors) {
    const [old, values] = [await before.read(tensor), await after.read(tensor)];
    if (old.length !== values.length) {
      throw new WrongShapeError(
        `"${tensor}" has ${old.length} numbers among the first weights, and ${values.length} now.`,
      );
    }
    const mean = () => values.map((value, i) => share * old[i] + (1 - share) * value);
    tensors.set(tensor, { shape, values: tensor.includes('.lora_A.') ? values : mean() });
  }
  return writeSafetensors(tensors, 'F32');
}
