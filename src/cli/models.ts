/**
 * @file Which model a command is about: a folder of Hugging Face's form, one on the Hub, the base model, or a small one that knows nothing.
 */

import { openAsBlob } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { root } from '../../scripts/lib.mjs';
import type { Bytes, ModelSource } from '../engine/engine';
import { parseModelConfig } from '../model/config';
import { TokenizerError } from '../model/errors';
import { parameterCount } from '../model/parameters';
import { type Config, readConfig } from '../selfplay/config';
import { ByteTokenizer, createDialect } from '../selfplay/dialects';
import { RunError } from '../selfplay/errors';
import { baseModelFiles } from '../selfplay/model-files';
import { checkLanguage, settingsFor, wordFiles } from '../selfplay/model-language';
import { isThere, type Note, noteFile, readNote } from './checkpoint-folder';
import { CommandError } from './command';
import { fetchFromHub, isOnHub } from './hub';
import { partEnding } from './hub-cache';
import { readJsonFile } from './text-files';

export interface Model {
  source: ModelSource;
  /** In words. */
  name: string;
}

/** What opens a model, once the settings are known, on which the form of a random one depends. */
export interface NamedModel {
  /** What suits it, where nothing else is chosen. */
  settings: Partial<Config>;
  /** Of a folder that training wrote. */
  note: Note | null;
  open(config: Config): Promise<Model>;
}

/** `builtin`: the folder of the base model. */
export async function readModel(
  name: string | undefined,
  builtin = join(root, 'public/model'),
): Promise<NamedModel> {
  switch (name) {
    case undefined:
      throw new CommandError(
        'Say which model: --model DIR, --model hf:ID, --model builtin, or --model random.',
        2,
      );
    case 'builtin':
      return readBaseModel(builtin);
    case 'random':
      return { settings: {}, note: null, open: async (config) => randomModel(config) };
    default:
      return isOnHub(name) ? readHubModel(name) : readModelFolder(name);
  }
}

async function readBaseModel(folder: string): Promise<NamedModel> {
  for (const file of baseModelFiles) {
    if (await isThere(join(folder, file))) continue;
    throw new CommandError(
      `The base model is missing (there is no ${join(folder, file)}): npm run warmup makes it.`,
      2,
    );
  }
  return openFolder(folder, baseModelFiles, null, 'the base model');
}

async function readHubModel(name: string): Promise<NamedModel> {
  const check = async (folder: string) => {
    const { settings, open } = await readModelFolder(folder, name);
    await open(readConfig(settings));
  };
  return readModelFolder(await fetchFromHub(name, check), name);
}

/** Of a checkpoint, what a new run does not take over. */
const leftBehind = [noteFile, 'trainer_state.safetensors'];

/** `called`: what people know it by, where that is not its folder. */
async function readModelFolder(folder: string, called?: string): Promise<NamedModel> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => {
    throw new CommandError(
      `${folder} is no folder: --model is the folder of a model, hf:ID for one on the Hub, builtin, or random.`,
      2,
    );
  });
  const names = entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  if (!names.includes('config.json')) {
    throw new CommandError(`${folder} has no config.json: name the folder of a Hugging Face model.`, 2);
  }
  const note = await readNote(folder);
  const title = called ?? basename(folder);
  const origin = note ? `${title} (step ${note.step} of ${note.run})` : title;
  const taken = names.filter((name) => !leftBehind.includes(name) && !name.endsWith(partEnding));
  return openFolder(folder, taken, note, origin, called);
}

/** Weights are read only when the model is opened; what the settings depend on, now. */
async function openFolder(
  folder: string,
  names: readonly string[],
  note: Note | null,
  origin: string,
  called = folder,
): Promise<NamedModel> {
  const words = names.filter((name) => wordFiles.includes(name));
  const settings = await settingsFor(await filesOf(folder, words)).catch(blame(called));
  const shape = describe(await readJsonFile(join(folder, 'config.json')));
  const open = async (config: Config): Promise<Model> => {
    const source = await filesOf(folder, names);
    await checkLanguage(config, source).catch(blame(called));
    return { source, name: `${origin}, ${shape}` };
  };
  return { settings, note, open };
}

const blame = (model: string) => (error: Error) => {
  const explained = error instanceof TokenizerError || error instanceof RunError;
  throw explained ? new CommandError(`${model}: ${error.message}`, 2) : error;
};

async function filesOf(folder: string, names: readonly string[]): Promise<ModelSource> {
  const files = names.map(async (name) => [name, await bytesOf(join(folder, name))] as const);
  return { kind: 'files', files: Object.fromEntries(await Promise.all(files)) };
}

/** Larger weights are read in parts, from where they are: they need not be here beside the copy that is computed with. */
const large = 2 ** 24;

async function bytesOf(path: string): Promise<Bytes> {
  const isLarge = path.endsWith('.safetensors') && (await stat(path)).size > large;
  return isLarge ? openAsBlob(path) : new Uint8Array(await readFile(path));
}

/** Large enough to move, small enough for any machine, and it reads what the settings want it to. */
function randomModel(config: Config): Model {
  const { tokenizer, stop } = createDialect(config.dialect, { inputs: config['induction.inputs'] });
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
    bos_token_id: null,
    eos_token_id: stop[0],
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
