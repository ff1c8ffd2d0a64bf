/**
 * @file A low-rank adapter (LoRA): beside a frozen matrix W [out, in] two small ones are trained, A [rank, in]
 * and B [out, rank], and x W^T becomes x W^T + alpha / rank * (x A^T) B^T. Names, shapes and beginnings are
 * PEFT's, one pair for each Hugging Face matrix, whatever we pack it with: so its files are plain copies.
 */

import type { ModelShape } from './config';
import { InvalidAdapterError } from './errors';
import { type Parameter, parameters, sizeOf } from './parameters';
import { RandomStream } from './random';

export const ADAPTER_TARGETS = [
  'q_proj',
  'k_proj',
  'v_proj',
  'o_proj',
  'gate_proj',
  'up_proj',
  'down_proj',
] as const;

/** A matrix of every layer, by the name that Hugging Face gives its module. */
export type AdapterTarget = (typeof ADAPTER_TARGETS)[number];

export interface AdapterSettings {
  rank: number;
  /** The adapter's part is multiplied by alpha / rank. */
  alpha: number;
  targets: readonly AdapterTarget[];
}

export function checkAdapter({ rank, alpha, targets }: AdapterSettings): void {
  const refuse = (what: string): never => {
    throw new InvalidAdapterError(what);
  };
  if (!Number.isSafeInteger(rank) || rank < 1)
    refuse(`An adapter's rank must be a whole number of at least 1, not ${rank}.`);
  if (!(Number.isFinite(alpha) && alpha > 0)) refuse(`An adapter's alpha must be above 0, not ${alpha}.`);
  if (targets.length === 0)
    refuse(`An adapter needs a target: choose some of ${ADAPTER_TARGETS.join(', ')}.`);
  const strange = targets.find((target, i) => !isTarget(target) || targets.indexOf(target) !== i);
  if (strange !== undefined)
    refuse(
      `"${strange}" is no target of an adapter, or is named twice: choose some of ${ADAPTER_TARGETS.join(', ')}.`,
    );
}

export const isTarget = (name: unknown): name is AdapterTarget =>
  (ADAPTER_TARGETS as readonly unknown[]).includes(name);

/** The adapter's matrices beside one Hugging Face matrix: their names here. */
export const adapterNames = (matrix: string) => ({ a: `${matrix}.lora_A`, b: `${matrix}.lora_B` });

/** Whether a parameter is an adapter's. */
export const isAdapters = (name: string): boolean => /\.lora_[AB]$/.test(name);

export const isAdapted = (matrix: string, { targets }: AdapterSettings): boolean =>
  targets.some((target) => matrix.endsWith(`.${target}.weight`));

/** A and B of every matrix that is adapted, in the order of the model's parameters. */
export function adapterParameters(shape: ModelShape, settings: AdapterSettings): Parameter[] {
  const { rank } = settings;
  const matrices = parameters(shape).flatMap(({ parts }) => parts);
  return matrices
    .filter(({ name }) => isAdapted(name, settings))
    .flatMap(({ name, shape: [out, width] }) => {
      const { a, b } = adapterNames(name);
      return [matrix(a, peftName(name, 'A'), [rank, width]), matrix(b, peftName(name, 'B'), [out, rank])];
    });
}

const peftName = (matrix: string, kind: 'A' | 'B') =>
  `base_model.model.${matrix.replace(/weight$/, `lora_${kind}.weight`)}`;

const matrix = (name: string, part: string, shape: number[]): Parameter => ({
  name,
  shape,
  size: sizeOf(shape),
  decay: true,
  parts: [{ name: part, shape, offset: 0 }],
});

/**
 * As PEFT begins: A uniform within 1 / sqrt(in) (Kaiming's, as torch.nn.Linear has it), B zero, so that nothing
 * changes yet.
 */
export function initialAdapter({ name, shape, size, parts }: Parameter, seed: number): Float32Array {
  const values = new Float32Array(size);
  if (name.endsWith('lora_B')) return values;
  const stream = new RandomStream(seed, parts[0]?.name ?? name);
  const bound = 1 / Math.sqrt(shape[1] ?? 1);
  for (let i = 0; i < size; i++) values[i] = bound * (2 * ((stream.at(i) + 0.5) / 2 ** 32) - 1);
  return values;
}

/** W + alpha / rank * B A, into W. */
export function mergeAdapter(
  weight: Float32Array,
  a: Float32Array,
  b: Float32Array,
  { rank, alpha }: AdapterSettings,
): void {
  const width = a.length / rank;
  const row = new Float64Array(width); // summed in double precision: rounded once, when it is added
  for (let out = 0; out < b.length / rank; out++) {
    row.fill(0);
    for (let r = 0; r < rank; r++) {
      const factor = b[out * rank + r] as number;
      if (factor === 0) continue;
      for (let i = 0; i < width; i++) (row[i] as number) += factor * (a[r * width + i] as number);
    }
    for (let i = 0; i < width; i++)
      (weight[out * width + i] as number) += (alpha / rank) * (row[i] as number);
  }
}
