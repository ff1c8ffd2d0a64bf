/**
 * @file A tokenizer that needs no vocabulary file: the 256 bytes of UTF-8, and one token for each special text. It takes every
 * text there is, halves of surrogate pairs included, and gives the same text back.
 */

import type { Tokenizer } from '../dialect';

const REPLACEMENT = 0xfffd;

export class ByteTokenizer implements Tokenizer {
  /** How many ids there are: bytes first, special texts after them. */
  readonly size: number;
  private readonly ids: Map<string, number>;
  private readonly special: RegExp | null;

  constructor(private readonly specials: readonly string[] = []) {
    this.ids = new Map(specials.map((text, index) => [text, 256 + index]));
    if (this.ids.size < specials.length || this.ids.has(''))
      throw new RangeError('Special texts must be different from each other and not empty.');
    this.size = 256 + specials.length;
    const longestFirst = [...specials].sort((a, b) => b.length - a.length);
    this.special = specials.length > 0 ? new RegExp(longestFirst.map(escapeRegExp).join('|'), 'g') : null;
  }

  /** Of a special text. */
  id(special: string): number {
    const id = this.ids.get(special);
    if (id === undefined) throw new RangeError(`This tokenizer has no token for ${JSON.stringify(special)}.`);
    return id;
  }

  encode(text: string): Int32Array {
    const tokens = new Int32Array(text.length * 3);
    let count = 0;
    let at = 0;
    for (const match of this.special ? text.matchAll(this.special) : []) {
      count = writeBytes(text, at, match.index, tokens, count);
      tokens[count++] = this.id(match[0]);
      at = match.index + match[0].length;
    }
    count = writeBytes(text, at, text.length, tokens, count);
    return tokens.slice(0, count);
  }

  /** A model may write anything: what is no UTF-8, and ids that stand for nothing, become U+FFFD. */
  decode(tokens: Int32Array): string {
    const parts: string[] = [];
    let at = 0;
    while (at < tokens.length) {
      if (isByte(tokens[at])) {
        const start = at;
        while (at < tokens.length && isByte(tokens[at])) at++;
        parts.push(readBytes(tokens.subarray(start, at)));
      } else parts.push(this.specials[tokens[at++] - 256] ?? '\ufffd');
    }
    return parts.join('');
  }
}

export function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

const isByte = (token: number) => token >= 0 && token < 256;

// TextEncoder would replace halves of surrogate pairs, and TextDecoder swallow a byte order mark. Here such a half has the three
// bytes that its number would have (WTF-8).

function writeBytes(text: string, from: number, to: number, into: Int32Array, count: number): number {
  let at = from;
  while (at < to) {
    const point = text.codePointAt(at)!;
    at += point > 0xffff ? 2 : 1;
    if (point < 0x80) {
      into[count++] = point;
      continue;
    }
    const more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    into[count++] = LEADS[more] | (point >> (6 * more));
    for (let k = more - 1; k >= 0; k--) into[count++] = 0x80 | ((point >> (6 * k)) & 0x3f);
  }
  return count;
}

/** First bytes of characters by how many bytes follow, and the smallest character that needs as many. */
const LEADS = [0, 0xc0, 0xe0, 0xf0];
const SMALLEST = [0, 0x80, 0x800, 0x10000];

function readBytes(bytes: Int32Array): string {
  const chunks: string[] = [];
  let points: number[] = [];
  let at = 0;
  while (at < bytes.length) {
    const lead = bytes[at++];
    if (lead < 0x80) points.push(lead);
    else {
      const more = lead >= 0xf8 || lead < 0xc0 ? 0 : lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
      let point = lead & (0x3f >> more);
      let read = 0;
      while (read < more && (bytes[at] & 0xc0) === 0x80) {
        point = (point << 6) | (bytes[at++] & 0x3f);
        read++;
      }
      const whole = more > 0 && read === more && point >= SMALLEST[more] && point <= 0x10ffff;
      points.push(whole ? point : REPLACEMENT);
    }
    if (points.length === 4096) {
      chunks.push(String.fromCodePoint(...points));
      points = [];
    }
  }
  chunks.push(String.fromCodePoint(...points));
  return chunks.join('');
}
