/** @file A model of the base model's kind that knows nothing: its form and its vocabulary, small enough for tests. */

import { writeCheckpoint } from '../../src/model/checkpoint';
import { parseModelConfig } from '../../src/model/config';
import { initialParameter } from '../../src/model/parameters';
import { markers, tokenizerConfigJson, tokenizerJson } from '../../src/selfplay/dialects';
import { makeTinyTokenizer } from '../../src/selfplay/dialects/vocabulary';

export const tinyTokenizer = makeTinyTokenizer();

const config = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  vocab_size: tinyTokenizer.size,
  hidden_size: 32,
  intermediate_size: 96,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  max_position_embeddings: 1024,
  tie_word_embeddings: true,
  bos_token_id: null,
  eos_token_id: tinyTokenizer.encode(markers.end)[0],
};

/** The files of its folder. */
export async function tinyModel(changes: object = {}): Promise<Record<string, Uint8Array<ArrayBuffer>>> {
  const written = await writeCheckpoint(parseModelConfig({ ...config, ...changes }), (parameter) =>
    initialParameter(parameter, 1),
  );
  const files = [...written].map(
    async ([name, file]) => [name, new Uint8Array(await file.arrayBuffer())] as const,
  );
  return {
    ...Object.fromEntries(await Promise.all(files)),
    'tokenizer.json': new TextEncoder().encode(tokenizerJson(tinyTokenizer)),
    'tokenizer_config.json': new TextEncoder().encode(tokenizerConfigJson(markers.end)),
  };
}
