/**
 * @file Which files of a folder are a model: the same ones wherever it comes from, a disk, a zip or the Hub. Programs never are: rewards
 * of somebody's own, or code that a model would have run, stay behind.
 */

import { ADAPTER_CONFIG, ADAPTER_WEIGHTS } from './adapter-files';
import { INDEX_FILE, SINGLE_FILE } from './shards';

export const trainerStateFile = 'trainer_state.safetensors';

/** What belongs to a model besides its weights. */
const companions = new Set([
  'config.json',
  ADAPTER_CONFIG,
  ADAPTER_WEIGHTS,
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'tokenizer.model',
  'vocab.json',
  'merges.txt',
  'chat_template.jinja',
  'README.md',
  'LICENSE',
  trainerStateFile,
]);

/** Of these names, those that are taken. Shards are those that the index lists, which has to be read first; null without an index. */
export function wantedFiles(names: Iterable<string>, shards: readonly string[] | null): string[] {
  const all = new Set(names);
  const weights = new Set(weightFiles(all, shards));
  return [...all].filter((name) => companions.has(name) || weights.has(name));
}

/** One file goes before many, as the reader of weights has it. */
export const weightFiles = (names: ReadonlySet<string>, shards: readonly string[] | null): string[] =>
  names.has(SINGLE_FILE) ? [SINGLE_FILE] : shards ? [INDEX_FILE, ...shards] : [];
