/** A model is spoken to in the vocabulary that its files bring, or in bytes; what does not belong together is refused with a sentence. */
import { describe, expect, it } from 'vitest';
import type { ModelSource } from '../../../src/engine/engine';
import { InvalidConfigError, TokenizerError } from '../../../src/model/errors';
import { type Config, readConfig } from '../../../src/selfplay/config';
import {
  ByteTokenizer,
  createDialect,
  markers,
  PieceTokenizer,
  tokenizerJson,
} from '../../../src/selfplay/dialects';
import { RunError } from '../../../src/selfplay/errors';
import { checkLanguage, languageOf, settingsFor } from '../../../src/selfplay/model-language';
import { aboutToys } from '../../doubles/executor';
import { tinyModel, tinyTokenizer } from '../../doubles/tiny-model';

const text = (value: string) => new TextEncoder().encode(value);
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const jsonOf = (bytes: Uint8Array) => JSON.parse(textOf(bytes));

const tiny = await tinyModel();
const small = await tinyModel({ vocab_size: tinyTokenizer.size - 1 });
/** ⟨end⟩ in pieces, and in the bytes of each dialect. */
const end = tinyTokenizer.tokens.indexOf('⟨end⟩');
const [endInBytes, endAmongTags] = [createDialect('compact').stop[0], createDialect('think-answer').stop[0]];
const compact: Partial<Config> = { dialect: 'compact' };
const only = (...names: string[]) => Object.fromEntries(names.map((name) => [name, tiny[name]]));
const speak = (source: ModelSource | null, settings = compact) =>
  languageOf(readConfig(settings), aboutToys, source);
const files = (given: Record<string, Uint8Array<ArrayBuffer>>): ModelSource => ({
  kind: 'files',
  files: given,
});

const spelling = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i));
const reversed = new PieceTokenizer(Object.values(markers).reverse(), ['\n', ...spelling.reverse()]);

describe('the vocabulary', () => {
  it.each<[what: string, source: ModelSource | null]>([
    ['no model at all', null],
    ['a random model', { kind: 'random', config: {}, seed: 1 }],
    ['files without a tokenizer', files(only('config.json', 'model.safetensors'))],
  ])('of %s is bytes', async (_what, source) => {
    for (const dialect of ['compact', 'think-answer'] as const) {
      const spoken = await speak(source, { dialect });
      expect(spoken.dialect.tokenizer).toBeInstanceOf(ByteTokenizer);
      expect(spoken.dialect.stop).toEqual(createDialect(dialect).stop);
      expect(Object.keys(spoken.files)).toEqual(['generation_config.json']);
    }
  });

  it('of a model with a tokenizer.json is that', async () => {
    const { dialect } = await speak(files(tiny));
    expect(dialect.name).toBe('compact');
    expect(dialect.stop).toEqual([end]);
    const prompt = dialect.solve({ mode: 'deduction', program: 'def f(x):\n    return x', input: '1' });
    expect(dialect.tokenizer.encode(prompt)).toEqual(tinyTokenizer.encode(prompt));
  });

  it('may be another one than ours, if it has the markers', async () => {
    const other = { ...tiny, 'tokenizer.json': text(tokenizerJson(reversed)) };
    const { dialect } = await speak(files(other));
    expect(dialect.stop).toEqual([0]);
    expect([...dialect.tokenizer.encode('⟨end⟩~')]).toEqual([0, reversed.tokens.indexOf('~')]);
  });

  it('may be in a Blob, as a page has files', async () => {
    const { dialect } = await speak({
      kind: 'files',
      files: { 'tokenizer.json': new Blob([tiny['tokenizer.json']]) },
    });
    expect(dialect.stop).toEqual([end]);
  });
});

it('settings that nobody chose are such as a model with pieces can be trained with', async () => {
  const settings = await settingsFor(files(tiny));
  expect(settings).toMatchObject({
    dialect: 'compact',
    'induction.inputs': 8,
    'tokens.prompt': 512,
    'tokens.response': 512,
  });
  await expect(checkLanguage(readConfig(settings), files(tiny))).resolves.not.toBeNull();
  expect(await settingsFor(files(only('config.json')))).toEqual({});
  expect(await settingsFor({ kind: 'random', config: {}, seed: 1 })).toEqual({});
});

describe('what goes into checkpoints', () => {
  it('is how the model came, unchanged', async () => {
    const { files: kept } = await speak(files(tiny));
    expect(Object.keys(kept).sort()).toEqual([
      'generation_config.json',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    for (const name of ['tokenizer.json', 'tokenizer_config.json']) expect(kept[name]).toEqual(tiny[name]);
    const own = text('{"tokenizer_class": "PreTrainedTokenizerFast", "mine": 1}');
    expect(
      (await speak(files({ ...tiny, 'tokenizer_config.json': own }))).files['tokenizer_config.json'],
    ).toEqual(own);
  });

  it('has a tokenizer_config.json, or transformers would not know the tokenizer', async () => {
    const { files: kept } = await speak(files(only('tokenizer.json')));
    expect(jsonOf(kept['tokenizer_config.json'])).toMatchObject({
      tokenizer_class: 'PreTrainedTokenizerFast',
      eos_token: '⟨end⟩',
      pad_token: '⟨end⟩',
    });
  });

  it.each<[what: string, source: ModelSource, settings: Partial<Config>, json: object]>([
    ['the pieces', files(tiny), compact, { eos_token_id: end }],
    ['bytes', files(only('config.json')), compact, { eos_token_id: endInBytes }],
    [
      'bytes and tags',
      files(only('config.json')),
      { dialect: 'think-answer' },
      { eos_token_id: endAmongTags },
    ],
    [
      'a file that says more, and says it wrong',
      files({
        ...tiny,
        'generation_config.json': text('{"temperature": 0.7, "eos_token_id": 2, "_from_model_config": true}'),
      }),
      compact,
      { temperature: 0.7, eos_token_id: end },
    ],
  ])('says how completions end, for %s', async (_what, source, settings, json) => {
    const spoken = await speak(source, settings);
    expect(jsonOf(spoken.files['generation_config.json'])).toEqual(json);
    expect(spoken.dialect.stop).toEqual([spoken.dialect.tokenizer.encode('⟨end⟩')[0]]);
  });

  it('is the same for a run that goes on from there', async () => {
    const first = await speak(files(tiny));
    const again = await speak(files({ ...tiny, ...first.files } as typeof tiny));
    expect(again.files).toEqual(first.files);
  });
});

describe('what does not belong together', () => {
  const bpe = text('{"model": {"type": "BPE"}}');
  const unmarked = text(tokenizerJson(new PieceTokenizer(['⟨end⟩'], spelling)));
  const size = tinyTokenizer.size;

  it.each<[what: string, source: ModelSource, settings: Partial<Config>, error: unknown, sentence: RegExp]>([
    [
      'pieces and think-answer',
      files(tiny),
      { dialect: 'think-answer' },
      RunError,
      /a vocabulary for the dialect compact, and the settings ask for think-answer: set dialect=compact[,.]/,
    ],
    [
      'a vocabulary larger than the model',
      files(small),
      compact,
      RunError,
      new RegExp(`^tokenizer\\.json has ${size} tokens, and the model only ${size - 1} `),
    ],
    [
      'a torn BPE',
      files({ 'tokenizer.json': bpe }),
      compact,
      TokenizerError,
      /^tokenizer\.json has no vocabulary/,
    ],
    [
      'sentencepiece',
      files({ 'tokenizer.model': bpe }),
      compact,
      TokenizerError,
      /older form \(tokenizer\.model\): make a tokenizer\.json of it/,
    ],
    ['an old BPE', files({ 'vocab.json': bpe }), compact, TokenizerError, /older form \(vocab\.json\)/],
    [
      'pieces without markers',
      files({ 'tokenizer.json': unmarked }),
      compact,
      RunError,
      /^tokenizer\.json has no token ⟨ded⟩, which the dialect compact is spoken with: choose/,
    ],
    [
      'a broken generation_config.json',
      files({ ...tiny, 'generation_config.json': text('{') }),
      compact,
      InvalidConfigError,
      /^generation_config\.json is not a JSON object: download it again\.$/,
    ],
  ])('%s is refused', async (_what, source, settings, error, sentence) => {
    const refused = speak(source, settings);
    await expect(refused).rejects.toBeInstanceOf(error);
    await expect(refused).rejects.toThrow(sentence);
  });

  it('a model with more tokens than its vocabulary is not', async () => {
    await expect(speak(files(await tinyModel({ vocab_size: size + 56 })))).resolves.toBeDefined();
  });
});
