/** @file Which model a command is about: a folder of Hugging Face's form, or a small one that knows nothing. */

import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ModelSource } from '../engine/engine';
import { parseModelConfig } from '../model/config';
import { parameterCount } from '../model/parameters';
import type { Config } from '../selfplay/config';
import { ByteTokenizer, createDialect } from '../selfplay/dialects';
import { type Note, noteFile, readNote } from './checkpoint-folder';
import { CommandError } from './command';
import { readJsonFile } from './text-files';

export interface Model {
  source: ModelSource;
  /** In words. */
  name: string;
}

/** What opens a model, once the settings are known, on which the form of a random one depends. */
export interface NamedModel {
  /** Of a folder that training wrote. */
  note: Note | null;
  open(config: Config): Promise<Model>;
}

export async function readModel(name: string | undefined): Promise<NamedModel> {
  switch (name) {
    case undefined:
      throw new CommandError('Say which model: --model DIR, or --model random.', 2);
    case 'builtin':
      throw new CommandError('No base model ships with Zeroloop yet: use --model DIR, or --model random.', 2);
    case 'random':
      return { note: null, open: async (config) => randomModel(config) };
    default:
      return readModelFolder(name);
  }
}

const tokenizerFiles = ['tokenizer.json', 'tokenizer.model', 'vocab.json'];
/** Of a checkpoint, what a new run does not take over. */
const leftBehind = [noteFile, 'trainer_state.safetensors'];

async function readModelFolder(folder: string): Promise<NamedModel> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => {
    throw new CommandError(`${folder} is no folder: --model is the folder of a model, or random.`, 2);
  });
  const names = entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  if (!names.includes('config.json')) {
    throw new CommandError(`${folder} has no config.json: name the folder of a Hugging Face model.`, 2);
  }
  const note = await readNote(folder);
  const tokenizer = tokenizerFiles.find((file) => names.includes(file));
  if (tokenizer && note?.vocabulary !== 'bytes') {
    throw new CommandError(
      `${folder} has a tokenizer of its own (${tokenizer}), which cannot be read yet: use --model random, or a folder that train --checkpoint has written.`,
      2,
    );
  }
  const shape = describe(await readJsonFile(join(folder, 'config.json')));
  const origin = note ? `${basename(folder)} (step ${note.step} of ${note.run})` : basename(folder);
  const open = async (): Promise<Model> => {
    const files = names
      .filter((name) => !leftBehind.includes(name))
      .map(async (name) => [name, new Uint8Array(await readFile(join(folder, name)))] as const);
    const source = { kind: 'files', files: Object.fromEntries(await Promise.all(files)) } as const;
    return { source, name: `${origin}, ${shape}` };
  };
  return { note, open };
}

/** Large enough to move, small enough for any machine, and it reads what the settings want it to. */
function randomModel(config: Config): Model {
  const { tokenizer } = createDialect(config.dialect, { inputs: config['induction.inputs'] });
  if (!(tokenizer instanceof ByteTokenizer)) throw new TypeError('A random model spells texts in bytes.');
  const json = {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    vocab_size: tokenizer.size,
    hidden_size: 64,
    intermediate_size: 176,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    max_position_embeddings: config['tokens.prompt'] + config['tokens.response'],
    rms_norm_eps: 1e-5,
    rope_theta: 10_000,
    tie_word_embeddings: true,
  };
  return {
    source: { kind: 'random', config: json, seed: config.seed },
    name: `random, ${describe(json)}`,
  };
}

function describe(json: unknown): string {
  const config = parseModelConfig(json);
  const count = parameterCount(config);
  const size = count < 1e6 ? `${Math.round(count / 1e3)} thousand` : `${(count / 1e6).toFixed(1)} million`;
  return `${config.layers} layers of ${config.hiddenSize}, ${size} parameters`;
}
