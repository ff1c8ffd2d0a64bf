/**
 * @file A model on the Hub, looked at before it is fetched: config.json first, which refuses most of what cannot be loaded, then the names
 * and headers of its weights, a few kilobytes of them. It is the reader of checkpoints that looks, so what it accepts can be loaded.
 */

import { ADAPTER_CONFIG, ADAPTER_WEIGHTS, readAdapter } from '../adapter-files';
import { readCheckpoint } from '../checkpoint';
import { type ModelConfig, parseModelConfig } from '../config';
import { InvalidConfigError, MissingFileError } from '../errors';
import { wantedFiles, weightFiles } from '../folder';
import type { Dtype } from '../safetensors';
import { INDEX_FILE, openWeights, pickleAmong, SINGLE_FILE, shardsIn } from '../shards';
import { type HubAddress, pageOf } from './address';
import type { HubClient, Pinned } from './client';
import type { HubFile } from './files';
import { RemoteFile } from './remote';

/** Plain data: it travels to workers, and is kept beside a download that is not done. */
export interface HubModel extends Pinned {
  config: ModelConfig;
  /** Those that are fetched, small ones first, so that what can be wrong with them is known before the weights come. */
  files: HubFile[];
  /** Of all files. */
  bytes: number;
  /** Of the weights: 'BF16'. */
  numbers: Dtype[];
  warnings: string[];
}

export async function lookAt(
  client: HubClient,
  address: HubAddress,
  signal?: AbortSignal,
): Promise<HubModel> {
  const pinned = await client.pin(address, signal);
  const listed = new Map((await client.list(pinned, signal)).map((file) => [file.name, file]));
  const remote = (file: HubFile) => new RemoteFile(client, pinned, file, signal);

  const configFile = listed.get('config.json');
  if (!configFile) throw new MissingFileError(whyNoModel(pinned, [...listed.keys()]));
  parseModelConfig(parse(await remote(configFile).text()));

  const index = listed.has(SINGLE_FILE) ? undefined : listed.get(INDEX_FILE);
  const shards = index ? shardsIn(await remote(index).text()) : null;
  const weights = weightFiles(new Set(listed.keys()), shards);
  if (weights.length === 0) throw new MissingFileError(whyNoWeights(pinned, [...listed.keys()]));

  const headers = new Map(
    ['config.json', ...weights, ADAPTER_CONFIG, ADAPTER_WEIGHTS].flatMap((name) => {
      const file = listed.get(name);
      return file ? [[name, remote(file)] as const] : [];
    }),
  );
  const { config, warnings } = await readCheckpoint(headers, { headersOnly: true });
  await readAdapter(headers, config);
  const { tensors } = await openWeights(headers);
  const files = wantedFiles(listed.keys(), shards)
    .flatMap((name) => listed.get(name) ?? [])
    .sort((a, b) => Number(isWeights(a)) - Number(isWeights(b)) || a.size - b.size);
  return {
    ...pinned,
    config,
    files,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
    numbers: [...new Set([...tensors.values()].map(({ dtype }) => dtype))],
    warnings,
  };
}

export const isWeights = ({ name }: HubFile) => name.endsWith('.safetensors');

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidConfigError('Its config.json is not JSON: choose another revision, or another model.');
  }
}

function whyNoModel(model: HubAddress, names: readonly string[]): string {
  const has = (ending: string) => names.some((name) => name.toLowerCase().endsWith(ending));
  const { id, revision } = model;
  if (has('.gguf'))
    return `${id} holds GGUF files, which cannot be trained: choose the original model, which its page (${pageOf(model)}) names.`;
  if (names.includes(ADAPTER_CONFIG))
    return `${id} is an adapter (LoRA), and no model of its own: choose the model that it belongs to.`;
  if (names.includes('model_index.json')) return `${id} makes images, not text: choose a language model.`;
  return `${id} has no config.json at ${revision}: choose a model that transformers loads, or another revision.`;
}

function whyNoWeights({ id, revision }: HubAddress, names: readonly string[]): string {
  const pickle = pickleAmong(names);
  return pickle
    ? `${id} has its weights as a pickle only (${pickle}), which may run code: choose a revision with safetensors, often refs/pr/1, or another model.`
    : `${id} has neither ${SINGLE_FILE} nor ${INDEX_FILE} at ${revision}: choose a model with its weights.`;
}
