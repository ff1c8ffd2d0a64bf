/**
 * The tokenizer of the tiny models: the longest piece from the left, and the same ids as Hugging Face's library gives.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CompactDialect, markers } from '../../../../src/selfplay/dialects/compact';
import { PieceTokenizer } from '../../../../src/selfplay/dialects/pieces';
import { tokenizerJson } from '../../../../src/selfplay/dialects/tokenizer-json';
import { makeTinyTokenizer } from '../../../../src/selfplay/dialects/vocabulary';
import { Draws } from '../../../../src/selfplay/random';

const golden = (file: string) =>
  readFileSync(join(import.meta.dirname, '../../../golden/tokenizer', file), 'utf8');
const tiny = makeTinyTokenizer();
const spell = (tokenizer: PieceTokenizer, text: string) =>
  Array.from(tokenizer.encode(text), (id) => tokenizer.tokens[id]);

describe('pieces', () => {
  const tokenizer = new PieceTokenizer(['⟨a⟩'], ['a', 'b', 'ab', 'abab', 'ba', '.', '.*', '\n', '\\', '[a]']);

  it.each([
    ['ababa', ['abab', 'a']],
    ['aab', ['a', 'ab']],
    ['baba', ['ba', 'ba']],
    ['.*.a\\[a][a', ['.*', '.', 'a', '\\', '[a]', '\ufffd', 'a']],
    ['a⟨a⟩a', ['a', '⟨a⟩', 'a']],
    ['⟨a', ['\ufffd', 'a']],
    ['\n\r\n', ['\n', '\ufffd', '\n']],
    ['😀', ['\ufffd']],
    ['\ud83d', ['\ufffd']],
    ['', []],
  ])('take the longest that fits: %j', (text, pieces) => {
    expect(spell(tokenizer, text)).toEqual(pieces);
  });

  it('decode to their texts, and ids that are none to the unknown', () => {
    expect(tokenizer.decode(Int32Array.of(4, 0, 1, -1, 99))).toBe('ab⟨a⟩\ufffd\ufffd\ufffd');
  });

  it.each([
    [[], ['a', 'a'], /different/],
    [[], [''], /not empty/],
    [['⟨a⟩'], ['a⟨'], /tear/],
  ])('%j and %j are refused', (specials, pieces, reason) => {
    expect(() => new PieceTokenizer(specials, pieces)).toThrow(reason);
  });
});

describe('the vocabulary of the tiny models', () => {
  it('is small, and has the markers of the compact dialect', () => {
    expect(tiny.size).toBe(204);
    expect(new CompactDialect({}, { tokenizer: tiny }).stop).toEqual([...tiny.encode(markers.end)]);
  });

  it('has whatever is ASCII', () => {
    const parts = [...tiny.pieces, ...Object.values(markers)];
    for (let n = 0; n < 3000; n++) {
      const draws = new Draws(1, n, 'texts');
      const text = Array.from({ length: draws.below(12) }, () => parts[draws.below(parts.length)]).join('');
      expect(tiny.decode(tiny.encode(text))).toBe(text);
    }
    for (let code = 32; code < 127; code++) expect(tiny.encode(String.fromCharCode(code))).toHaveLength(1);
  });

  it('has no piece that joins digits of a number', () => {
    for (const piece of tiny.pieces) expect(piece).not.toMatch(/^\d.|[^\n]\d\d/);
    expect(spell(tiny, 'x + 120')).toEqual(['x', ' + ', '1', '2', '0']);
  });

  it('reads a program and a scratchpad in few pieces', () => {
    const program = 'def f(x):\n    a = 0\n    for i in x[1:]:\n        a += i\n    return a';
    expect(spell(tiny, program).join('|')).toBe(
      'def f(x):|\n    |a| = |0|\n    |for i in |x|[1:]|:|\n        |a| += |i|\n    |return |a',
    );
    expect(spell(tiny, '\n2:    a = 0\n12:        a += i').join('|')).toBe(
      '\n2:|    |a| = |0|\n12:|        |a| += |i',
    );
    expect(spell(tiny, '\n1: x=[2, 7]\n3: i=7\n4:0+7 a=7\n5: =7').join('|')).toBe(
      '\n1:| x=|[|2|, |7|]|\n3:| i=|7|\n4:|0|+|7| a=|7|\n5:| =|7',
    );
  });
});

describe("Hugging Face's tokenizers", () => {
  const texts = JSON.parse(golden('golden.json')) as [text: string, ids: number[]][];

  it('read the file that is written here', () => {
    expect(tokenizerJson(tiny)).toBe(golden('tokenizer.json'));
  });

  it(`give the same ids for ${texts.length} texts`, () => {
    expect(texts.length).toBeGreaterThan(100);
    for (const [text, ids] of texts) expect([text, ...tiny.encode(text)]).toEqual([text, ...ids]);
  });
});
