/**
 * @file A Hugging Face folder in, and a Hugging Face folder out. On the way in, everything is checked from
 * headers alone, so that a wrong checkpoint is refused before any weight is read; numbers are then read one
 * engine parameter at a time. On the way out, tensors get transformers' names, shapes and types, and
 * config.json keeps fields we never used.
 */

import { type ByteSource, readText } from './bytes';
import { type ModelConfig, parseModelConfig } from './config';
import {
  InvalidConfigError,
  MissingFileError,
  MissingTensorError,
  UnsupportedModelError,
  WrongShapeError,
} from './errors';
import type { JsonObject } from './fields';
import { type Parameter, type ParameterPart, parameters, unpackParameter } from './parameters';
import { isReadable } from './safetensors';
import { encodeFloats, safetensorsHeader, type WriteDtype } from './safetensors-write';
import { INDEX_FILE, openWeights, planShards, shardIndex, type Weights } from './shards';

/** The files of a folder by name. */
export type CheckpointFiles = ReadonlyMap<string, ByteSource> | Readonly<Record<string, ByteSource>>;

export interface Checkpoint {
  /** As config.json says, except that a tied head which turns out to be a matrix of its own is untied. */
  config: ModelConfig;
  parameters: Parameter[];
  /** What is odd about the checkpoint but no obstacle; sentences for a person. */
  warnings: string[];
  /** One of `parameters`, packed as the engine keeps it. */
  read(parameter: Parameter): Promise<Float32Array>;
}

const EMBEDDING = 'model.embed_tokens.weight';
const HEAD = 'lm_head.weight';

export interface ReadOptions {
  /** Reads no numbers at all, as for a model that is not here yet; what depends on them is a warning. */
  headersOnly?: boolean;
}

export async function readCheckpoint(
  files: CheckpointFiles,
  { headersOnly = false }: ReadOptions = {},
): Promise<Checkpoint> {
  const byName = files instanceof Map ? files : new Map(Object.entries(files));
  const declared = parseModelConfig(await readConfigJson(byName));
  const weights = await openWeights(byName);
  const { config, nameOf, warnings } = await settleHead(declared, weights, headersOnly);
  const wanted = parameters(config);

  const parts = wanted.flatMap((parameter) => parameter.parts);
  for (const part of parts) checkPart(part, nameOf(part.name), weights);
  const surplus = surplusTensors(weights, new Set(parts.map((part) => nameOf(part.name))), config);
  if (surplus.length > 0) warnings.push(surplusWarning(surplus));

  const read = async (parameter: Parameter): Promise<Float32Array> => {
    const { parts, size } = parameter;
    if (parts.length === 1 && parts[0]) return weights.read(nameOf(parts[0].name));
    const packed = new Float32Array(size);
    for (const { name, offset } of parts) packed.set(await weights.read(nameOf(name)), offset);
    return packed;
  };
  return { config, parameters: wanted, warnings, read };
}

async function readConfigJson(files: ReadonlyMap<string, ByteSource>): Promise<unknown> {
  const file = files.get('config.json');
  if (!file) throw new MissingFileError('The checkpoint has no config.json; add it.');
  try {
    return JSON.parse((await readText(file)) ?? '');
  } catch {
    throw new InvalidConfigError('config.json is not JSON; download it again.');
  }
}

/**
 * A tied checkpoint should hold one matrix for both ends. Some hold two: equal ones are one, and different
 * ones mean that config.json is mistaken. Some hold it under the name of the head alone. As transformers
 * decides each of these.
 */
async function settleHead(config: ModelConfig, weights: Weights, headersOnly: boolean) {
  const warnings: string[] = [];
  const asIs = { config, nameOf: (name: string) => name, warnings };
  if (!config.tiedHead || !weights.tensors.has(HEAD)) return asIs;
  if (!weights.tensors.has(EMBEDDING)) {
    return { ...asIs, nameOf: (name: string) => (name === EMBEDDING ? HEAD : name) };
  }
  if (headersOnly) {
    warnings.push(
      `The checkpoint holds ${HEAD} although config.json says that the head is the embedding; ` +
        'if the two differ, which is found out when they are here, it takes the memory of both.',
    );
    return asIs;
  }
  if (await sameValues(weights, EMBEDDING, HEAD)) return asIs;
  warnings.push(
    `config.json says that the head is the embedding, but ${HEAD} differs from ${EMBEDDING}; ` +
      'the two are kept apart, as transformers does.',
  );
  return { ...asIs, config: { ...config, tiedHead: false } };
}

async function sameValues(weights: Weights, one: string, other: string): Promise<boolean> {
  const [a, b] = [await weights.read(one), await weights.read(other)];
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

function checkPart(part: ParameterPart, name: string, weights: Weights): void {
  const found = weights.tensors.get(name);
  if (!found) {
    const hint =
      name === HEAD
        ? 'if the head is the embedding, config.json must say "tie_word_embeddings": true'
        : 'use a complete checkpoint that belongs to this config.json';
    throw new MissingTensorError(`The checkpoint has no tensor "${name}"; ${hint}.`);
  }
  const isSame = found.shape.length === part.shape.length && found.shape.every((n, i) => n === part.shape[i]);
  if (!isSame) {
    throw new WrongShapeError(
      `"${name}" in ${found.file} is [${found.shape.join(', ')}] but config.json makes it ` +
        `[${part.shape.join(', ')}]; use the config.json that belongs to these weights.`,
    );
  }
  if (!isReadable(found.dtype)) {
    throw new UnsupportedModelError(
      `"${name}" in ${found.file} holds ${found.dtype} numbers; use a checkpoint in F32, F16 or BF16.`,
    );
  }
}

/** Old Llama checkpoints carry their rotation frequencies along; those follow from config.json. */
function surplusTensors(weights: Weights, used: Set<string>, config: ModelConfig): string[] {
  const expected = (name: string) =>
    used.has(name) || name.endsWith('.rotary_emb.inv_freq') || (config.tiedHead && name === HEAD);
  return [...weights.tensors.keys()].filter((name) => !expected(name));
}

function surplusWarning(names: string[]): string {
  const shown = names.slice(0, 3).join(', ') + (names.length > 3 ? ', ...' : '');
  return `${names.length} tensors of the checkpoint are no part of this model and are left out: ${shown}`;
}

/** Files that hold the weights, or say how they are kept: whoever changes the weights writes these anew, and leaves all others. */
export const isOfWeights = (name: string): boolean =>
  name === 'config.json' || /\.safetensors(\.index\.json)?$/.test(name);

export interface WriteOptions {
  /** Default F32: exact. */
  dtype?: WriteDtype;
  /** Larger checkpoints are dealt out to several files. Default 5 GB, as transformers had it. */
  maxShardBytes?: number;
  /** The original's generation_config.json, where there was one. */
  generationConfig?: JsonObject;
}

export async function writeCheckpoint(
  config: ModelConfig,
  readParameter: (parameter: Parameter) => Promise<Float32Array> | Float32Array,
  options: WriteOptions = {},
): Promise<Map<string, Blob>> {
  const { dtype = 'F32', maxShardBytes = 5e9 } = options;
  const wanted = parameters(config);
  const shards = planShards(
    wanted.flatMap((parameter) => parameter.parts),
    dtype,
    maxShardBytes,
  );
  const pieces = new Map(
    shards.flatMap(({ entries }) => {
      const file = [new Blob([safetensorsHeader(entries, dtype)])];
      return entries.map(({ name }) => [name, file] as const);
    }),
  );
  for (const parameter of wanted) {
    // Each parameter is asked for once, and let go before the next: a browser may move a Blob to disk.
    const values = await readParameter(parameter);
    if (values.length !== parameter.size) throw wrongLength(parameter, values.length);
    for (const part of unpackParameter(parameter, values)) {
      pieces.get(part.name)?.push(new Blob([encodeFloats(part.values, dtype)]));
    }
  }

  const files = new Map<string, Blob>();
  files.set('config.json', jsonFile(exportedConfig(config, dtype)));
  files.set('generation_config.json', jsonFile(options.generationConfig ?? generationConfig(config)));
  for (const { file, entries } of shards) files.set(file, new Blob(pieces.get(entries[0]?.name ?? '')));
  if (shards.length > 1) files.set(INDEX_FILE, new Blob([shardIndex(shards, dtype)]));
  return files;
}

function wrongLength({ name, size }: Parameter, length: number): WrongShapeError {
  return new WrongShapeError(
    `"${name}" must have ${size} numbers but was given ${length}; give the weights of this very model.`,
  );
}

const TORCH_DTYPES: Record<WriteDtype, string> = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' };

/** transformers called the type torch_dtype, and dtype since version 5: the source's spelling is kept. */
function exportedConfig(config: ModelConfig, dtype: WriteDtype): JsonObject {
  const { source, tiedHead } = config;
  const torchDtype = TORCH_DTYPES[dtype];
  return {
    ...source,
    tie_word_embeddings: tiedHead,
    ...(source.dtype === undefined || source.torch_dtype !== undefined ? { torch_dtype: torchDtype } : {}),
    ...(source.dtype === undefined ? {} : { dtype: torchDtype }),
  };
}

function generationConfig({ bosTokenId, eosTokenIds }: ModelConfig): JsonObject {
  return {
    _from_model_config: true,
    ...(bosTokenId === null ? {} : { bos_token_id: bosTokenId }),
    ...(eosTokenIds.length === 0
      ? {}
      : { eos_token_id: eosTokenIds.length === 1 ? eosTokenIds[0] : eosTokenIds }),
  };
}

function jsonFile(json: JsonObject): Blob {
  return new Blob([`${JSON.stringify(json, null, 2)}\n`], { type: 'application/json' });
}
