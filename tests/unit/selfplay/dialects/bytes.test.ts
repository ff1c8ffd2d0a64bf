/**
 * Bytes and special texts: every text survives, and so does everything a model may emit.
 */
import { describe, expect, it } from 'vitest';
import { ByteTokenizer } from '../../../../src/selfplay/dialects';
import { Dice } from './tasks';

const specials = ['<a>', '<a><b>', '⟨end⟩', '[x]*', '</a>'];
const tokenizer = new ByteTokenizer(specials);
const roundTrip = (text: string) => tokenizer.decode(tokenizer.encode(text));

describe('a text', () => {
  it.each([
    '',
    'abc',
    'größe',
    '😀',
    '\ufeffa',
    '\0',
    '\ud800',
    '\udc00\ud800',
    'a\udfff<a>',
    '⟨en',
    '<a',
    '\r\n\u2028',
  ])('such as %j survives', (text) => {
    expect(roundTrip(text)).toBe(text);
  });

  it('survives, whatever it is made of', () => {
    for (let seed = 0; seed < 3000; seed++) {
      const dice = new Dice(seed);
      const text = dice.text([...specials, '<', 'a>', '⟨', '\ud83d', '\ude00', '\ud800', 'é', '\uffff']);
      expect(roundTrip(text)).toBe(text);
    }
  });

  it('is spelt in UTF-8, where it is that of no special token', () => {
    expect([...tokenizer.encode('é<a>x')]).toEqual([0xc3, 0xa9, 256, 0x78]);
    for (const text of ['größe €', '😀 𐍈', 'ﷺ']) {
      expect([...tokenizer.encode(text)]).toEqual([...new TextEncoder().encode(text)]);
    }
  });

  it('is matched with the longest special text', () => {
    expect([...tokenizer.encode('<a><b><a>')]).toEqual([257, 256]);
    expect([...tokenizer.encode('[x]*')]).toEqual([259]);
  });

  it('of a megabyte takes a moment', () => {
    const text = `${'⟨en'.repeat(100_000)}${'<a>'.repeat(100_000)}${'x'.repeat(400_000)}`;
    const start = performance.now();
    expect(roundTrip(text)).toBe(text);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

describe('tokens', () => {
  it('are 256 bytes and the special texts', () => {
    expect(tokenizer.size).toBe(261);
    expect(tokenizer.id('⟨end⟩')).toBe(258);
    expect(() => tokenizer.id('<c>')).toThrow('This tokenizer has no token for "<c>".');
  });

  it.each([
    [[0x61, 0xff, 0x62], 'a\ufffdb'],
    [[0xc3], '\ufffd'],
    [[0xc3, 256], '\ufffd<a>'],
    [[0x80, 0x80], '\ufffd\ufffd'],
    [[0xc0, 0x80], '\ufffd'],
    [[0xf4, 0x90, 0x80, 0x80], '\ufffd'],
    [[0xe2, 0x82, 0x61], '\ufffda'],
    [[261, 9999, -1], '\ufffd\ufffd\ufffd'],
  ])('%j are no text, and show it', (tokens, text) => {
    expect(tokenizer.decode(Int32Array.from(tokens))).toBe(text);
  });

  it('of well-formed UTF-8 read as TextDecoder reads them', () => {
    for (let seed = 0; seed < 500; seed++) {
      const dice = new Dice(seed);
      const text = dice.text(['é', '€', '😀', 'a']).replace(/\p{Surrogate}/gu, '');
      const bytes = new TextEncoder().encode(text);
      expect(tokenizer.decode(Int32Array.from(bytes))).toBe(
        new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes),
      );
    }
  });

  it('cannot be two of one text, or of none', () => {
    expect(() => new ByteTokenizer(['a', 'a'])).toThrow(RangeError);
    expect(() => new ByteTokenizer([''])).toThrow(RangeError);
  });
});
