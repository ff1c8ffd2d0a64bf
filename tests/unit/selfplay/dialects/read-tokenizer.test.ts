/**
 * A tokenizer.json of our own form gives the tokenizer back that it was written from; every other one is refused with a sentence.
 */
import { describe, expect, it } from 'vitest';
import { TokenizerError } from '../../../../src/model/errors';
import { PieceTokenizer } from '../../../../src/selfplay/dialects/pieces';
import { readTokenizerJson } from '../../../../src/selfplay/dialects/read-tokenizer';
import { tokenizerJson } from '../../../../src/selfplay/dialects/tokenizer-json';
import { makeTinyTokenizer } from '../../../../src/selfplay/dialects/vocabulary';

const tiny = makeTinyTokenizer();

describe('what was written is read', () => {
  it.each([
    ['the tiny vocabulary', tiny],
    ['no special texts', new PieceTokenizer([], ['a', 'b', 'ab'])],
    ['no pieces', new PieceTokenizer(['<s>', '</s>'], [])],
    ['pieces that look like ids', new PieceTokenizer(['⟨end⟩'], ['10', '2', '1', '-1', '0'])],
    ['pieces that objects have', new PieceTokenizer(['⟨end⟩'], ['constructor', '__proto__', 'toString'])],
    ['pieces that expressions are made of', new PieceTokenizer(['<|x|>'], ['.*', '[a]', '\\', '\n', '"'])],
  ])('%s', (_name, tokenizer) => {
    const text = tokenizerJson(tokenizer);
    const read = readTokenizerJson(text);
    expect([read.tokens, read.specials]).toEqual([tokenizer.tokens, tokenizer.specials]);
    expect(tokenizerJson(read)).toBe(text);
  });

  it('in whatever order and layout another program has written it', () => {
    const { version, model, ...rest } = JSON.parse(tokenizerJson(tiny));
    const vocab = Object.fromEntries(Object.entries(model.vocab).reverse());
    const turned = JSON.stringify({
      ...rest,
      model: { unk_token: model.unk_token, vocab, type: model.type },
      version,
    });
    expect(readTokenizerJson(turned).tokens).toEqual(tiny.tokens);
  });
});

type Json = ReturnType<typeof JSON.parse>;

/** The tiny tokenizer's file, changed. */
const changed = (change: (json: Json) => void) => {
  const json = JSON.parse(tokenizerJson(tiny));
  change(json);
  return JSON.stringify(json);
};

const bpe = JSON.stringify({
  version: '1.0',
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
  model: { type: 'BPE', vocab: { a: 0, b: 1, ab: 2 }, merges: ['a b'] },
});

describe('everything else is refused', () => {
  const notOurs = /^tokenizer\.json is a vocabulary of words, and not as Zeroloop writes it/;
  it.each<[what: string, text: string, sentence: RegExp]>([
    ['nothing', '', /^tokenizer\.json is not a JSON object: copy it again/],
    ['a file that was cut off', tokenizerJson(tiny).slice(0, -100), /is not a JSON object/],
    ['a list', '[]', /is not a JSON object/],
    ['an empty object', '{}', /is of another kind \(it names none\)/],
    [
      "a chat model's",
      bpe,
      /is of another kind \(BPE\) than the pieces that Zeroloop writes: choose a model/,
    ],
    ['words without a vocabulary', '{"model": {"type": "WordLevel"}}', /is of another kind/],
    [
      'a hole among the ids',
      changed(({ model }) => delete model.vocab.x),
      /has no token \d+: its ids must count/,
    ],
    ['an id twice', changed(({ model }) => (model.vocab.x = 3)), /has no token \d+: its ids must count/],
    ['an id as a text', changed(({ model }) => (model.vocab['⟨ded⟩'] = '0')), /has no token 0/],
    ['ids from 1 on', changed(({ model }) => shift(model.vocab)), /has no token 0/],
    ['another unknown', changed(({ model }) => (model.unk_token = 'x')), notOurs],
    ['a vocabulary without the unknown', changed(({ model }) => rename(model.vocab, '\ufffd', 'é')), notOurs],
    [
      'a piece that tears special texts',
      changed(({ model }) => rename(model.vocab, 'x', '⟨x')),
      /cannot be used: The piece "⟨x" could tear a special text apart\.$/,
    ],
    ['a special text that lacks', changed(({ added_tokens }) => added_tokens.pop()), /\(see model\)/],
    [
      'a special text that is none',
      changed(({ added_tokens }) => (added_tokens[0] = 1)),
      /\(see added_tokens\)/,
    ],
    ['special texts in another order', changed(({ added_tokens }) => added_tokens.reverse()), notOurs],
    [
      'a special text that swallows spaces',
      changed(({ added_tokens }) => (added_tokens[0].lstrip = true)),
      notOurs,
    ],
    ['a normalizer', changed((json) => (json.normalizer = { type: 'Lowercase' })), /\(see normalizer\)/],
    [
      'another split',
      changed((json) => (json.pre_tokenizer = { type: 'Whitespace' })),
      /\(see pre_tokenizer\)/,
    ],
    [
      'something after it',
      changed((json) => (json.post_processor = { type: 'ByteLevel' })),
      /\(see post_processor\)/,
    ],
    ['something more', changed((json) => (json.more = 1)), /\(see more\)/],
    ['truncation', changed((json) => (json.truncation = { max_length: 8 })), /\(see truncation\)/],
  ])('%s', (_what, text, sentence) => {
    const read = () => readTokenizerJson(text);
    expect(read).toThrow(TokenizerError);
    expect(read).toThrow(sentence);
    expect(read).toThrow(/^[^\n]*\.$/);
  });
});

function shift(vocab: Record<string, number>): void {
  for (const text of Object.keys(vocab)) vocab[text]++;
}

function rename(vocab: Record<string, number>, from: string, to: string): void {
  vocab[to] = vocab[from];
  delete vocab[from];
}
