/**
 * Tokenizers of other models, held against transformers on 10,000 texts for each family: code, languages, half control tokens, spaces
 * of all kinds. tests/golden/hub-tokenizers/make.py says what they are.
 */
import { describe, expect, it } from 'vitest';
import { HubTokenizer } from '../../../../src/selfplay/dialects/hub-tokenizer';
import { families, hashesOf, hubFile, idsOf, readGolden, textOf } from '../../../doubles/hub-texts';

const texts = Array.from({ length: 10_000 }, (_, number) => textOf(number));

it('has 150,000 tokens, if need be', async () => {
  const json = JSON.parse(hubFile('qwen3', 'tokenizer.json'));
  const vocab = { ...json.model.vocab };
  for (let id = Object.keys(vocab).length; id < 150_000; id++) vocab[`token ${id}`] = id;
  const added = [{ id: 150_007, content: '<|im_end|>', special: true }];
  const tokenizer = await HubTokenizer.open({
    ...json,
    model: { ...json.model, vocab },
    added_tokens: added,
  });
  expect(tokenizer.size).toBe(150_008);
  expect([...tokenizer.encode('<|im_end|>')]).toEqual([150_007]);
});

describe.each(families)('%s', async (family) => {
  const golden = readGolden(family);
  const tokenizer = await HubTokenizer.open(JSON.parse(hubFile(family, 'tokenizer.json')));
  const encoded = texts.map((text) => [...tokenizer.encode(text)]);

  it.each(golden.samples)('reads %j', (text, ids) => {
    expect([...tokenizer.encode(text)]).toEqual(ids);
  });

  it('reads 10,000 texts as transformers does', () => {
    expect(hashesOf(encoded)).toEqual(golden.encoded);
  });

  it('reads them as mere letters, as if there were no control tokens', () => {
    const plain = texts.slice(0, 2000).map((text) => [...tokenizer.encodePlain(text)]);
    expect(hashesOf(plain)).toEqual(golden.plain);
    const controls = new Set(tokenizer.controls.values());
    expect(plain.flat().filter((id) => controls.has(id))).toEqual([]);
  });

  it('writes them as transformers does', () => {
    expect(hashesOf(encoded.map((ids) => tokenizer.decode(Int32Array.from(ids))))).toEqual(golden.decoded);
  });

  it('writes any ids as transformers does, halves of characters among them', () => {
    const streams = Array.from({ length: 10_000 }, (_, number) => idsOf(number, golden.size));
    expect(hashesOf(streams.map((ids) => tokenizer.decode(Int32Array.from(ids))))).toEqual(golden.streams);
    expect(tokenizer.size).toBe(golden.size);
  });
});
