/**
 * @file A PEFT adapter folder in and out: adapter_config.json and adapter_model.safetensors, beside the files
 * of the model that it belongs to. An adapter that would compute something else than plain LoRA is refused by
 * the name of what it asks for.
 */

import { ADAPTER_TARGETS, type AdapterSettings, adapterParameters, checkAdapter, isTarget } from './adapter';
import { type ByteSource, readText } from './bytes';
import type { ModelShape } from './config';
import { InvalidAdapterError, MissingFileError, MissingTensorError, WrongShapeError } from './errors';
import { isJsonObject, type JsonObject } from './fields';
import type { Parameter } from './parameters';
import { isReadable, openSafetensors } from './safetensors';
import { writeSafetensors } from './safetensors-write';

export const ADAPTER_CONFIG = 'adapter_config.json';
export const ADAPTER_WEIGHTS = 'adapter_model.safetensors';

export interface Adapter {
  settings: AdapterSettings;
  /** adapter_config.json as it was, so that an export keeps what we do not use. */
  source: JsonObject;
  read(parameter: Parameter): Promise<Float32Array>;
}

/** null where the files have no adapter. */
export async function readAdapter(
  files: ReadonlyMap<string, ByteSource>,
  shape: ModelShape,
): Promise<Adapter | null> {
  const config = files.get(ADAPTER_CONFIG);
  if (!config) return null;
  const source = parseJson(await readText(config));
  const settings = parseAdapterConfig(source);
  const weights = files.get(ADAPTER_WEIGHTS);
  if (!weights)
    throw new MissingFileError(`The adapter has no ${ADAPTER_WEIGHTS}; add it, as PEFT saves it by default.`);
  const tensors = await openSafetensors(weights, ADAPTER_WEIGHTS);

  const wanted = adapterParameters(shape, settings).flatMap(({ parts }) => parts);
  for (const { name, shape: expected } of wanted) {
    const found = tensors.tensors.get(name);
    if (!found)
      throw new MissingTensorError(`${ADAPTER_WEIGHTS} has no tensor "${name}"; ${OF_ANOTHER_MODEL}.`);
    if (found.shape.join() !== expected.join()) {
      throw new WrongShapeError(
        `"${name}" in ${ADAPTER_WEIGHTS} is [${found.shape.join(', ')}] but this model and ${ADAPTER_CONFIG} make it ` +
          `[${expected.join(', ')}]; ${OF_ANOTHER_MODEL}.`,
      );
    }
    if (!isReadable(found.dtype))
      throw new InvalidAdapterError(
        `"${name}" holds ${found.dtype} numbers; use an adapter in F32, F16 or BF16.`,
      );
  }
  const known = new Set(wanted.map(({ name }) => name));
  const surplus = [...tensors.tensors.keys()].find((name) => !known.has(name));
  if (surplus !== undefined)
    throw new InvalidAdapterError(
      `${ADAPTER_WEIGHTS} also changes "${surplus}", which is not computed; ${PLAIN}.`,
    );
  return { settings, source, read: ({ parts }) => tensors.read(parts[0]?.name ?? '') };
}

const OF_ANOTHER_MODEL = 'give the adapter together with the very model that it was trained on';
const PLAIN = `use a plain LoRA adapter of ${ADAPTER_TARGETS.join(', ')}`;

function parseJson(text: string | null): JsonObject {
  try {
    const json: unknown = JSON.parse(text ?? '');
    if (isJsonObject(json)) return json;
  } catch {}
  throw new InvalidAdapterError(`${ADAPTER_CONFIG} is not a JSON object; export the adapter again.`);
}

/** What would make an adapter more, or other, than what is computed here. */
const VARIANTS = [
  'use_dora',
  'use_rslora',
  'use_qalora',
  'use_bdlora',
  'fan_in_fan_out',
  'lora_bias',
  'modules_to_save',
  'layers_to_transform',
  'layers_pattern',
  'layer_replication',
  'exclude_modules',
  'rank_pattern',
  'alpha_pattern',
  'target_parameters',
  'trainable_token_indices',
  'alora_invocation_tokens',
  'arrow_config',
];

export function parseAdapterConfig(json: JsonObject): AdapterSettings {
  const refuse = (what: string): never => {
    throw new InvalidAdapterError(`${ADAPTER_CONFIG}: ${what}; ${PLAIN}.`);
  };
  if (json.peft_type !== 'LORA') refuse(`peft_type is ${JSON.stringify(json.peft_type)}, not "LORA"`);
  if ((json.bias ?? 'none') !== 'none') refuse(`bias is ${JSON.stringify(json.bias)}`);
  const variant = VARIANTS.find((key) => !isOff(json[key]));
  if (variant) refuse(`${variant} is ${JSON.stringify(json[variant])}`);
  const { r, lora_alpha: alpha, target_modules: targets } = json;
  if (!Array.isArray(targets)) return refuse('target_modules must be a list of names');
  const strange: unknown = targets.find((target) => !isTarget(target));
  if (strange !== undefined) refuse(`it adapts ${JSON.stringify(strange)}`);
  if (typeof r !== 'number' || typeof alpha !== 'number') return refuse('r and lora_alpha must be numbers');
  const settings = { rank: r, alpha, targets: ADAPTER_TARGETS.filter((target) => targets.includes(target)) };
  checkAdapter(settings);
  return settings;
}

const isOff = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === false ||
  (Array.isArray(value) && value.length === 0) ||
  (isJsonObject(value) && Object.keys(value).length === 0);

export async function writeAdapter(
  shape: ModelShape,
  settings: AdapterSettings,
  read: (parameter: Parameter) => Promise<Float32Array>,
  source: JsonObject,
): Promise<Record<string, Uint8Array<ArrayBuffer>>> {
  const tensors = new Map<string, { shape: readonly number[]; values: Float32Array }>();
  for (const parameter of adapterParameters(shape, settings)) {
    tensors.set(parameter.parts[0]?.name ?? '', { shape: parameter.shape, values: await read(parameter) });
  }
  const json = `${JSON.stringify({ ...source, ...adapterConfig(settings) }, null, 2)}\n`;
  return {
    [ADAPTER_CONFIG]: new TextEncoder().encode(json),
    [ADAPTER_WEIGHTS]: writeSafetensors(tensors),
  };
}

/** What PEFT needs to know; for the rest its defaults hold. */
const adapterConfig = ({ rank, alpha, targets }: AdapterSettings): JsonObject => ({
  peft_type: 'LORA',
  task_type: 'CAUSAL_LM',
  r: rank,
  lora_alpha: alpha,
  target_modules: [...targets],
  bias: 'none',
  fan_in_fan_out: false,
  init_lora_weights: true,
  inference_mode: true,
});
