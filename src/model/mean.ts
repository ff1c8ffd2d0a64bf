/**
 * @file A model between two others of its kind: number by number, some of the one and the rest of the other. What a model learned last
 * costs it some of what it knew; between its first and its last weights there is a place that has most of both (Wortsman et al. 2022).
 */

import { ADAPTER_WEIGHTS } from './adapter-files';
import type { ByteSource } from './bytes';
import { MissingTensorError, WrongShapeError } from './errors';
import { trainerStateFile } from './folder';
import { openSafetensors } from './safetensors';
import { writeSafetensors } from './safetensors-write';

const holdsWeights = (name: string) => /^model.*\.safetensors$/.test(name);

/**
 * All files of `last` but the trainer's state; in its weights, `share` of each number is from `first`. What an adapter adds is B A, and
 * B is nothing at first: so of an adapter that began anew B is taken by the rest alone, and there need be no first one.
 */
export async function meanOf<F extends ByteSource>(
  first: Readonly<Record<string, F>>,
  last: Readonly<Record<string, F>>,
  share: number,
): Promise<Record<string, F | Uint8Array<ArrayBuffer>>> {
  const files: Record<string, F | Uint8Array<ArrayBuffer>> = {};
  for (const [name, file] of Object.entries(last)) {
    if (name === trainerStateFile) continue;
    if (name === ADAPTER_WEIGHTS) files[name] = await lessened(file, 1 - share);
    else files[name] = holdsWeights(name) ? await between(first[name], file, share, name) : file;
  }
  return files;
}

async function between(first: ByteSource | undefined, last: ByteSource, share: number, name: string) {
  if (!first) throw new MissingTensorError(`There is no ${name} among the first weights to take a part of.`);
  const before = await openSafetensors(first, name);
  return changed(last, name, async (tensor, values) => {
    const old = await before.read(tensor);
    if (old.length === values.length) return values.map((value, i) => share * old[i] + (1 - share) * value);
    throw new WrongShapeError(
      `"${tensor}" has ${old.length} numbers among the first weights, and ${values.length} now.`,
    );
  });
}

const lessened = (adapter: ByteSource, rest: number) =>
  changed(adapter, ADAPTER_WEIGHTS, (tensor, values) =>
    tensor.includes('.lora_B.') ? values.map((value) => rest * value) : values,
  );

/** The file with each tensor's numbers as `change` gives them. */
async function changed(
  file: ByteSource,
  name: string,
  change: (tensor: string, values: Float32Array) => Float32Array | Promise<Float32Array>,
) {
  const { tensors, read } = await openSafetensors(file, name);
  const written = new Map<string, { shape: readonly number[]; values: Float32Array }>();
  for (const [tensor, { shape }] of tensors)
    written.set(tensor, { shape, values: await change(tensor, await read(tensor)) });
  return writeSafetensors(written, 'F32');
}
