/**
 * @file How tokenizers of SentencePiece's kind write: ▁ is a space, and <0xE2> is a byte of a character that has no token. The Rust
 * library puts U+FFFD for every byte of what is no UTF-8, the JavaScript one does not, so this is done here.
 */

import { isJsonObject } from '../../model/fields';

/** The only decoder with bytes that there is among models: of Llama 2 and those after it. */
export function isByteFallback(decoder: unknown): boolean {
  if (!isJsonObject(decoder) || !Array.isArray(decoder.decoders)) return false;
  return JSON.stringify(decoder.decoders.map((each: unknown) => isJsonObject(each) && each.type)) === form;
}

const form = JSON.stringify(['Replace', 'ByteFallback', 'Fuse', 'Strip']);

export function writeWithBytes(tokens: readonly string[]): string {
  const parts: string[] = [];
  let bytes: number[] = [];
  const flush = () => {
    if (bytes.length > 0) parts.push(textOf(bytes));
    bytes = [];
  };
  for (const token of tokens) {
    const byte = /^<0x([0-9A-F]{2})>$/.exec(token);
    if (byte) bytes.push(Number.parseInt(byte[1], 16));
    else {
      flush();
      parts.push(token.replaceAll('▁', ' '));
    }
  }
  flush();
  return parts.join('').replace(/^ /, '');
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(bytes: number[]): string {
  try {
    return utf8.decode(Uint8Array.from(bytes));
  } catch {
    return '\ufffd'.repeat(bytes.length);
  }
}
