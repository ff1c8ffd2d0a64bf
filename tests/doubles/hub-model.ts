/** @file Models of Hugging Face's that know nothing: the files of a family's tokenizer, and random weights if they are asked for. */

import { writeCheckpoint } from '../../src/model/checkpoint';
import { parseModelConfig } from '../../src/model/config';
import { initialParameter } from '../../src/model/parameters';
import { type Family, hubFile, readGolden } from './hub-texts';

export type ModelFiles = Record<string, Uint8Array<ArrayBuffer>>;

const names = [
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'generation_config.json',
];

export const bytesOf = (text: string) => new TextEncoder().encode(text);
export const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
export const jsonOf = (bytes: Uint8Array) => JSON.parse(textOf(bytes));

/** All but the weights; `changes` are merged into the JSON files of their names, null takes a file away. */
export function hubFiles(family: Family, changes: Record<string, object | string | null> = {}): ModelFiles {
  const files: ModelFiles = { 'config.json': bytesOf(JSON.stringify(configOf(family))) };
  const all = family === 'qwen3' ? [...names, 'chat_template.jinja'] : names;
  for (const name of all) files[name] = bytesOf(hubFile(family, name));
  for (const [name, change] of Object.entries(changes)) {
    if (change === null) delete files[name];
    else if (typeof change === 'string') files[name] = bytesOf(change);
    else files[name] = bytesOf(JSON.stringify({ ...(files[name] && jsonOf(files[name])), ...change }));
  }
  return files;
}

/** As those base models come that bring the chat template of their siblings: their texts end with another token. */
export const baseOf = (family: 'qwen2.5' | 'qwen3') =>
  hubFiles(family, {
    'generation_config.json': { eos_token_id: idOf(family, '<|endoftext|>') },
    'tokenizer_config.json': { eos_token: '<|endoftext|>' },
    'special_tokens_map.json': { eos_token: '<|endoftext|>' },
  });

export function idOf(family: Family, content: string): number {
  const { added_tokens: added } = JSON.parse(hubFile(family, 'tokenizer.json')) as {
    added_tokens: { id: number; content: string }[];
  };
  return added.find((token) => token.content === content)!.id;
}

/** Of the form of Qwen3, with more rows than the tokenizer has tokens, as the real ones have them. */
export function configOf(family: Family) {
  return {
    architectures: ['Qwen3ForCausalLM'],
    model_type: 'qwen3',
    vocab_size: readGolden(family).size + 22,
    hidden_size: 16,
    intermediate_size: 32,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    num_key_value_heads: 1,
    head_dim: 8,
    max_position_embeddings: 4096,
    rms_norm_eps: 1e-6,
    rope_theta: 1_000_000,
    tie_word_embeddings: true,
  };
}

export async function withWeights(files: ModelFiles): Promise<ModelFiles> {
  const config = parseModelConfig(jsonOf(files['config.json']));
  const written = await writeCheckpoint(config, (parameter) => initialParameter(parameter, 1));
  const entries = [...written].map(
    async ([name, file]) => [name, new Uint8Array(await file.arrayBuffer())] as const,
  );
  return { ...Object.fromEntries(await Promise.all(entries)), ...files };
}
