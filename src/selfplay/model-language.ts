/**
 * @file The language of a model: the vocabulary that its tokenizer.json brings, the settings that go with it, and the files that tell
 * other programs how it is spoken to. To a model without a tokenizer.json texts are spelt in bytes.
 */

import type { ModelSource } from '../engine/engine';
import { type ByteSource, readText } from '../model/bytes';
import { parseModelConfig } from '../model/config';
import { InvalidConfigError, TokenizerError } from '../model/errors';
import { isJsonObject, type JsonObject } from '../model/fields';
import type { About } from '../sandbox/executor';
import type { Config } from './config';
import type { WritingDialect } from './dialect';
import { markers, type PieceTokenizer, readTokenizerJson, tokenizerConfigJson } from './dialects';
import { RunError } from './errors';
import { configOf, inMemory } from './model-files';
import { presetNames, presetSettings } from './presets';
import { dialectOf } from './speaking';

const tokenizerFile = 'tokenizer.json';
const tokenizerConfigFile = 'tokenizer_config.json';
const generationFile = 'generation_config.json';

/** Any of these is a tokenizer of the model's own. */
export const tokenizerFiles = [tokenizerFile, 'tokenizer.model', 'vocab.json'] as const;

/** The vocabulary that a model brings; null if texts are to be spelt in bytes. */
async function vocabularyOf(source: ModelSource): Promise<PieceTokenizer | null> {
  if (source.kind === 'random') return null;
  const found = tokenizerFiles.find((name) => source.files[name]);
  if (found === undefined) return null;
  if (found === tokenizerFile) return readTokenizerJson((await readText(source.files[found])) ?? '');
  throw new TokenizerError(
    `This model has a tokenizer of another kind (${found}), and other tokenizers are not supported yet: choose a model that was made with Zeroloop.`,
  );
}

/** What suits a model, where nobody chose otherwise: one with a vocabulary of pieces is small, and was raised in one dialect. */
export async function settingsFor(source: ModelSource): Promise<Partial<Config>> {
  return (await vocabularyOf(source)) ? raisedInPieces : {};
}

const raisedInPieces: Partial<Config> = {
  dialect: 'compact',
  'induction.inputs': 8,
  'tokens.prompt': 512,
  'tokens.content': 512,
  'tokens.response': 512,
};

/** The model's vocabulary, if model, vocabulary and settings belong together. */
export async function checkLanguage(config: Config, source: ModelSource): Promise<PieceTokenizer | null> {
  const vocabulary = await vocabularyOf(source);
  if (!vocabulary) return null;
  if (config.dialect !== 'compact') {
    const fitting = presetNames.filter((name) => presetSettings(name).dialect === 'compact');
    const presets = fitting.length > 0 ? `, or choose one of the presets ${fitting.join(', ')}` : '';
    throw new RunError(
      `This model has a vocabulary for the dialect compact, and the settings ask for ${config.dialect}: set dialect=compact${presets}.`,
    );
  }
  const missing = Object.values(markers).find((marker) => !vocabulary.tokens.includes(marker));
  if (missing) {
    throw new RunError(
      `${tokenizerFile} has no token ${missing}, which the dialect compact is spoken with: choose a model that was made with Zeroloop.`,
    );
  }
  const model = await configOf(source);
  if (model === null) return vocabulary; // the engine will say so
  const { vocabSize } = parseModelConfig(model);
  if (vocabSize < vocabulary.size) {
    throw new RunError(
      `${tokenizerFile} has ${vocabulary.size} tokens, and the model only ${vocabSize} (vocab_size in config.json): take all files from the same model.`,
    );
  }
  return vocabulary;
}

export interface Language {
  dialect: WritingDialect;
  /** What goes into every checkpoint for it. */
  files: Readonly<Record<string, Uint8Array>>;
}

/** Without a source, as for a model that brings nothing. */
export async function languageOf(
  config: Config,
  about: Pick<About, 'modules' | 'limits'>,
  source: ModelSource | null,
): Promise<Language> {
  const tokenizer = source && (await checkLanguage(config, source));
  const given = source?.kind === 'files' ? source.files : {};
  if (!tokenizer) {
    const dialect = dialectOf(config, about);
    return { dialect, files: { [generationFile]: await generation(given[generationFile], dialect.stop) } };
  }
  const stop = [...tokenizer.encode(markers.end)];
  return {
    dialect: dialectOf(config, about, { tokenizer, stop }),
    files: await inMemory({
      [tokenizerFile]: given[tokenizerFile],
      [tokenizerConfigFile]: given[tokenizerConfigFile] ?? encode(tokenizerConfigJson(markers.end)),
      [generationFile]: await generation(given[generationFile], stop),
    }),
  };
}

/** What the model came with, but for how a completion ends: that is the dialect's affair. */
async function generation(given: ByteSource | undefined, stop: readonly number[]): Promise<Uint8Array> {
  // With this mark transformers would look for the end in config.json instead.
  const { _from_model_config: _, ...rest } = given ? parse((await readText(given)) ?? '') : {};
  const json = { ...rest, eos_token_id: stop.length === 1 ? stop[0] : stop };
  return encode(`${JSON.stringify(json, null, 2)}\n`);
}

function parse(text: string): JsonObject {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = null;
  }
  if (isJsonObject(json)) return json;
  throw new InvalidConfigError(`${generationFile} is not a JSON object: download it again.`);
}

const encode = (text: string) => new TextEncoder().encode(text);
