/**
 * @file The language of a model: the vocabulary that its files bring, the settings that go with it, and the files that tell other
 * programs how it is spoken to. To a model without a tokenizer texts are spelt in bytes.
 */

import type { ModelSource } from '../engine/engine';
import { type ByteSource, readText } from '../model/bytes';
import { parseModelConfig } from '../model/config';
import { TokenizerError } from '../model/errors';
import type { About } from '../sandbox/executor';
import type { Config } from './config';
import type { Vocabulary, WritingDialect } from './dialect';
import { HubTokenizer, markers, openTokenizer, PieceTokenizer, tokenizerConfigJson } from './dialects';
import { RunError } from './errors';
import { type Files, hubVocabulary, languageFiles, readJson } from './hub-language';
import { configOf, inMemory } from './model-files';
import { presetNames, presetSettings } from './presets';
import { dialectOf } from './speaking';

const tokenizerFile = 'tokenizer.json';
const tokenizerConfigFile = 'tokenizer_config.json';
const generationFile = 'generation_config.json';

/** Any of these is a tokenizer of the model's own. */
export const tokenizerFiles = [tokenizerFile, 'tokenizer.model', 'vocab.json'] as const;

/** All that a model's language can be read from: enough for everything here, without the weights. */
export const wordFiles: readonly string[] = ['config.json', ...tokenizerFiles, ...languageFiles];

type Tokenizers = PieceTokenizer | HubTokenizer;

/** The vocabulary that a model brings; null if texts are to be spelt in bytes. */
async function tokenizerOf(source: ModelSource): Promise<Tokenizers | null> {
  if (source.kind === 'random') return null;
  const found = tokenizerFiles.find((name) => source.files[name]);
  if (found === undefined) return null;
  if (found === tokenizerFile) return opened(source.files[found]);
  throw new TokenizerError(
    `This model's tokenizer is of an older form (${found}): make a tokenizer.json of it, as transformers does with AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER).`,
  );
}

/** A large one takes a second to open, and is asked for whenever a setting changes. */
const known = new WeakMap<ByteSource, Promise<Tokenizers>>();

function opened(file: ByteSource): Promise<Tokenizers> {
  const open = async () => openTokenizer((await readText(file)) ?? '');
  const tokenizer = known.get(file) ?? open();
  known.set(file, tokenizer);
  return tokenizer;
}

/** Tokens of a prompt and a completion, as a rule: what takes longer asks for more than most machines have. */
const enough = 4096;

/** What suits a model, where nobody chose otherwise: one with a vocabulary of pieces is small, and was raised in one dialect. */
export async function settingsFor(source: ModelSource): Promise<Partial<Config>> {
  const tokenizer = await tokenizerOf(source);
  if (tokenizer instanceof PieceTokenizer) return raisedInPieces;
  if (tokenizer === null) return {};
  const model = await configOf(source);
  const room = Math.min(enough, model === null ? enough : parseModelConfig(model).maxPositions);
  const response = Math.floor(room / 2);
  const prompt = room - response;
  return {
    dialect: 'think-answer',
    'tokens.prompt': prompt,
    'tokens.content': prompt,
    'tokens.response': response,
  };
}

const raisedInPieces: Partial<Config> = {
  dialect: 'compact',
  'induction.inputs': 8,
  'tokens.prompt': 512,
  'tokens.content': 512,
  'tokens.response': 512,
};

/** The model's vocabulary, if model, vocabulary and settings belong together; null if texts are to be spelt in bytes. */
export async function checkLanguage(config: Config, source: ModelSource): Promise<Vocabulary | null> {
  const tokenizer = await tokenizerOf(source);
  if (!tokenizer) {
    if (config['prompts.template'] !== 'chat') return null;
    throw new RunError(
      'prompts.template is chat, and this model brings neither a tokenizer nor a chat template: set prompts.template=plain.',
    );
  }
  const vocabulary =
    tokenizer instanceof HubTokenizer
      ? await hubLanguage(config, tokenizer, filesOf(source))
      : piecesLanguage(config, tokenizer);
  const model = await configOf(source);
  if (model === null) return vocabulary; // the engine will say so
  const { vocabSize } = parseModelConfig(model);
  if (vocabSize < tokenizer.size) {
    throw new RunError(
      `${tokenizerFile} has ${tokenizer.size} tokens, and the model only ${vocabSize} (vocab_size in config.json): take all files from the same model.`,
    );
  }
  return vocabulary;
}

function piecesLanguage(config: Config, tokenizer: PieceTokenizer): Vocabulary {
  if (config.dialect !== 'compact') {
    throw new RunError(
      `This model has a vocabulary for the dialect compact, and the settings ask for ${config.dialect}: set dialect=compact${orPresets('compact')}.`,
    );
  }
  const missing = Object.values(markers).find((marker) => !tokenizer.tokens.includes(marker));
  if (missing) {
    throw new RunError(
      `${tokenizerFile} has no token ${missing}, which the dialect compact is spoken with: choose a model that was made with Zeroloop.`,
    );
  }
  return { tokenizer, stop: [...tokenizer.encode(markers.end)] };
}

function hubLanguage(config: Config, tokenizer: HubTokenizer, files: Files): Promise<Vocabulary> {
  if (config.dialect === 'think-answer') return hubVocabulary(tokenizer, files, config);
  throw new RunError(
    `This model has a vocabulary of its own, in which the dialect ${config.dialect} cannot be spoken: set dialect=think-answer${orPresets('think-answer')}.`,
  );
}

/** The first few of those that speak it. */
function orPresets(dialect: Config['dialect']): string {
  const speaks = (name: (typeof presetNames)[number]) =>
    (presetSettings(name).dialect ?? 'think-answer') === dialect;
  const fitting = presetNames.filter(speaks).slice(0, 4);
  return fitting.length > 0 ? `, or choose one of the presets ${fitting.join(', ')}` : '';
}

const filesOf = (source: ModelSource): Files => (source.kind === 'files' ? source.files : {});

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
  const vocabulary = source && (await checkLanguage(config, source));
  const dialect = dialectOf(config, about, vocabulary ?? undefined);
  const given = source ? filesOf(source) : {};
  const generation = await generationConfig(given, dialect.stop);
  if (!vocabulary) return { dialect, files: { [generationFile]: generation } };
  const own = [tokenizerFile, ...languageFiles].flatMap((name) => {
    const file = given[name];
    return file ? [[name, file] as const] : [];
  });
  // Without one, transformers would not know pieces for what they are.
  const made = config.dialect === 'compact' && {
    [tokenizerConfigFile]: encode(tokenizerConfigJson(markers.end)),
  };
  const files = await inMemory({ ...made, ...Object.fromEntries(own), [generationFile]: generation });
  return { dialect, files };
}

/** What the model came with, but for how a completion ends: that is the dialect's affair. */
async function generationConfig(given: Files, stop: readonly number[]): Promise<Uint8Array> {
  // With this mark transformers would look for the end in config.json instead.
  const { _from_model_config: _, ...rest } = await readJson(given, generationFile);
  const json = { ...rest, eos_token_id: stop.length === 1 ? stop[0] : stop };
  return encode(`${JSON.stringify(json, null, 2)}\n`);
}

const encode = (text: string) => new TextEncoder().encode(text);
