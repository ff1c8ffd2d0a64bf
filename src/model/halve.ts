/**
 * @file A model in half the space, to be shipped. Its weights are rounded to float16 once and for all; whoever trains it computes in
 * float32 as ever.
 */

import { byteLength, readBytes } from './bytes';
import { type CheckpointFiles, isOfWeights, readCheckpoint, writeCheckpoint } from './checkpoint';
import { checkHalves } from './held';
import type { Parameter } from './parameters';

/** All is as it was but the weights, and config.json, which says how they are kept. A trainer's state is left out. */
export async function halved(files: CheckpointFiles): Promise<Record<string, Uint8Array<ArrayBuffer>>> {
  const { config, read } = await readCheckpoint(files);
  const readHalvable = async (parameter: Parameter) => {
    const values = await read(parameter);
    checkHalves(parameter.name, values);
    return values;
  };
  const written = await writeCheckpoint(config, readHalvable, { dtype: 'F16' });
  const given = files instanceof Map ? [...files] : Object.entries(files);
  const kept = given.filter(([name]) => !isOfWeights(name));
  const all = [...written, ...kept].map(
    async ([name, file]) => [name, new Uint8Array(await readBytes(file, 0, byteLength(file)))] as const,
  );
  return Object.fromEntries(await Promise.all(all));
}
