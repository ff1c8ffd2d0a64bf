/**
 * @file A model with what its adapter adds in its weights, so that it needs none any more and any program can open it. Merged into the
 * weights as they came, however they were held while it trained.
 */

import { type AdapterSettings, adapterNames, adapterParameters, isAdapted, mergeAdapter } from './adapter';
import { hasAdapter, withoutAdapter } from './adapter-base';
import { readAdapter } from './adapter-files';
import type { ByteSource } from './bytes';
import { isOfWeights, readCheckpoint, writeCheckpoint } from './checkpoint';
import { type Parameter, unpackParameter } from './parameters';

type Read<P> = (which: P) => Promise<Float32Array> | Float32Array;

/** Reads weights with the adapter's part added; `readAdapted` gives the adapter's matrices by name. */
export function mergedReader(
  read: Read<Parameter>,
  readAdapted: Read<string>,
  adapter: AdapterSettings,
): (parameter: Parameter) => Promise<Float32Array> {
  return async (parameter) => {
    const weights = await read(parameter);
    for (const { name, values } of unpackParameter(parameter, weights)) {
      if (!isAdapted(name, adapter)) continue;
      const { a, b } = adapterNames(name);
      mergeAdapter(values, await readAdapted(a), await readAdapted(b), adapter);
    }
    return weights;
  };
}

/** The files of a whole model; those without an adapter are given back as they are. */
export async function merged<F extends ByteSource>(
  files: Readonly<Record<string, F>>,
): Promise<Record<string, F | Blob>> {
  if (!hasAdapter(files)) return { ...files };
  const base = withoutAdapter(files);
  const { config, read } = await readCheckpoint(base);
  const adapter = await readAdapter(new Map(Object.entries(files)), config);
  if (!adapter) return base;
  const matrices = new Map(adapterParameters(config, adapter.settings).map((each) => [each.name, each]));
  const readAdapted = (name: string) => adapter.read(matrices.get(name) as Parameter);
  const written = await writeCheckpoint(config, mergedReader(read, readAdapted, adapter.settings));
  const kept = Object.entries(base).filter(([name]) => !isOfWeights(name));
  return { ...Object.fromEntries(written), ...Object.fromEntries(kept) };
}
