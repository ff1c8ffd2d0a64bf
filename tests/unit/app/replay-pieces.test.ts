/** A completion in pieces: put together they are the text, whatever it was spelt in. */
import { describe, expect, it } from 'vitest';
import { cutAtMarks, meaningOf } from '../../../src/app/replay/markers';
import { percentOf, piecesOf, sureness, surenessLabel, surenessOf } from '../../../src/app/replay/pieces';
import { splitBy, splitByKnown } from '../../../src/app/replay/vocabulary';
import type { Tokenizer } from '../../../src/selfplay/dialect';
import { CompactDialect, PieceTokenizer, ThinkAnswerDialect } from '../../../src/selfplay/dialects';
import { makeTinyTokenizer } from '../../../src/selfplay/dialects/vocabulary';

const said = (tokenizer: Tokenizer, text: string) => {
  const tokens = tokenizer.encode(text);
  return {
    tokens,
    logProbs: Float32Array.from(tokens, (_, at) => -at - 1),
    completion: tokenizer.decode(tokens),
  };
};
const texts = (pieces: readonly { text: string }[] | null) => pieces?.map(({ text }) => text);

describe('pieces', () => {
  it('are the tokens of the tiny vocabulary, each with its own probability', () => {
    const pieces = splitByKnown(said(makeTinyTokenizer(), '⟨ans⟩def f(x):\n    return x⟨end⟩'));
    expect(texts(pieces)).toEqual(['⟨ans⟩', 'def f(x):', '\n    ', 'return ', 'x', '⟨end⟩']);
    expect(pieces?.map(({ logProb }) => logProb)).toEqual([-1, -2, -3, -4, -5, -6]);
  });

  it('are whole characters where texts are spelt in bytes, with the probability of all their tokens', () => {
    const { tokenizer } = new CompactDialect();
    const pieces = splitByKnown(said(tokenizer, 'é⟨ans⟩a\u{1F600}⟨'));
    expect(texts(pieces)).toEqual(['é', '⟨ans⟩', 'a', '\u{1F600}', '⟨']);
    expect(pieces?.map(({ tokens }) => tokens)).toEqual([2, 1, 1, 4, 3]);
    expect(pieces?.[0].logProb).toBe(-3);
  });

  it('know the marks of the other dialect too', () => {
    const pieces = splitByKnown(said(new ThinkAnswerDialect().tokenizer, '<think>a</think>'));
    expect(texts(pieces)).toEqual(['<think>', 'a', '</think>']);
  });

  it('show bytes that are no character as the text has them', () => {
    const { tokenizer } = new CompactDialect();
    for (const bytes of [
      [0xe2, 0x9f, 0x61],
      [0x9f, 0x9f],
      [0xff],
      [0x61, 0xe2],
      [0xe2, 0x9f, 0xe2, 0x9f, 0xa8],
    ]) {
      const tokens = Int32Array.from(bytes);
      const completion = tokenizer.decode(tokens);
      const pieces = piecesOf(tokenizer, tokens, new Float32Array(bytes.length), completion);
      expect(texts(pieces)?.join('')).toBe(completion);
    }
  });

  it('are none where the vocabulary is another one', () => {
    const other = new PieceTokenizer(['<'], ['a', 'b']);
    const words = said(other, 'abba');
    expect(splitByKnown(words)).toBeNull();
    expect(texts(splitBy(other, words))).toEqual(['a', 'b', 'b', 'a']);
    expect(splitBy(null, words)).toBeNull();
  });

  it('of nothing are nothing', () => {
    expect(splitByKnown({ tokens: new Int32Array(), logProbs: new Float32Array(), completion: '' })).toEqual(
      [],
    );
  });
});

describe('how sure it was', () => {
  it('falls from the first shade to the last, and bounds belong to the surer one', () => {
    expect([1, 0.95, 0.9, 0.8, 0.5, 0.2, 0.05, 0.04, 0].map((p) => surenessOf(Math.log(p + 1e-12)))).toEqual([
      0, 0, 1, 1, 2, 3, 4, 5, 5,
    ]);
    expect(sureness.map((_, at) => surenessLabel(at))).toEqual([
      '95 % or more',
      '80 % to 95 %',
      '50 % to 80 %',
      '20 % to 50 %',
      '5 % to 20 %',
      'less than 5 %',
    ]);
  });

  it('is told with as many digits as say something', () => {
    expect([0, -0.05, Math.log(0.0423), Math.log(0.00042)].map(percentOf)).toEqual([
      '100 %',
      '95.1 %',
      '4.2 %',
      '0.042 %',
    ]);
  });
});

describe('marks', () => {
  it('are cut out of a text that stays the same', () => {
    const text = '⟨new⟩⟨ded⟩a ⟨⟩ b⟨think⟩';
    expect(cutAtMarks(text)).toEqual(['⟨new⟩', '⟨ded⟩', 'a ⟨⟩ b', '⟨think⟩']);
    expect(meaningOf('⟨think⟩')).toMatch(/thinks/);
    expect(meaningOf('⟨nothing⟩')).toBeUndefined();
  });
});
