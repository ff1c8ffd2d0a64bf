/**
 * @file The model before its first lesson. Embeddings are large and what layers add to them is small at first, or a token would
 * hardly know which one it is: normal(0, 0.02) everywhere, as large models are born, drowns it.
 */

import { writeCheckpoint } from '../model/checkpoint';
import { parseModelConfig } from '../model/config';
import { initialParameter, type Parameter } from '../model/parameters';

export async function newborn(config: object, seed: number): Promise<Record<string, Blob>> {
  const parsed = parseModelConfig(config);
  const deviation = ({ name, shape }: Parameter): number => {
    const fanIn = shape[shape.length - 1];
    if (name === 'embed') return 0.5;
    if (name === 'head' || name.endsWith('.out') || name.endsWith('.down')) return 0.02;
    return 0.7 / Math.sqrt(fanIn);
  };
  const files = await writeCheckpoint(parsed, (parameter) =>
    initialParameter(parameter, seed, deviation(parameter)),
  );
  return Object.fromEntries(files);
}
