/**
 * @file A tokenizer with a small vocabulary of pieces: from the left, the longest piece that fits. Pieces have no rules of their
 * own, so decoding is putting them together, and one regular expression says all there is to say to other libraries.
 */

import type { Tokenizer } from '../dialect';

/** Stands for every character that has no piece. */
export const UNKNOWN = '\ufffd';

export class PieceTokenizer implements Tokenizer {
  /** By id: special texts first, then the unknown, then pieces. */
  readonly tokens: readonly string[];
  private readonly ids: ReadonlyMap<string, number>;
  private readonly next: RegExp;

  constructor(
    readonly specials: readonly string[],
    readonly pieces: readonly string[],
  ) {
    this.tokens = [...specials, UNKNOWN, ...pieces];
    this.ids = new Map(this.tokens.map((text, id) => [text, id]));
    if (this.ids.size < this.tokens.length || this.ids.has(''))
      throw new RangeError('The pieces of a vocabulary must be different from each other and not empty.');
    const opening = new Set(specials.map((special) => special[0]));
    const torn = pieces.find((piece) => [...piece].some((character) => opening.has(character)));
    if (torn) throw new RangeError(`The piece ${JSON.stringify(torn)} could tear a special text apart.`);
    this.next = new RegExp(`${alternatives(specials)}|${alternatives(pieces)}|[^]`, 'gu');
  }

  get size(): number {
    return this.tokens.length;
  }

  encode(text: string): Int32Array {
    const unknown = this.specials.length;
    const tokens = new Int32Array(text.length);
    let count = 0;
    for (const [piece] of text.matchAll(this.next)) tokens[count++] = this.ids.get(piece) ?? unknown;
    return tokens.slice(0, count);
  }

  /** A model may write anything: ids that stand for nothing count as unknown too. */
  decode(tokens: Int32Array): string {
    return Array.from(tokens, (token) => this.tokens[token] ?? UNKNOWN).join('');
  }
}

/** A regular expression for these texts, in JavaScript, Rust and Python alike: the longest first, since the first that fits is taken. */
export function alternatives(texts: readonly string[]): string {
  const sorted = [...texts].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
  return sorted.map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|');
}
