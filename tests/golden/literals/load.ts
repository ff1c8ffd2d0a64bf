/**
 * @file What CPython makes of literals (see make.py), and values in the order that it shows them in.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repr } from '../../../src/sandbox/repr';
import type { Value } from '../../../src/sandbox/value';

/** null: Python refuses the text. */
type Made = string | null;

interface Golden {
  texts: [text: string, made: Made][];
  differences: [why: string, text: string, python: Made, ours: Made][];
  pairs: [a: string, b: string, equal: boolean][];
  reprs: [value: Plain, repr: string][];
  calls: [text: string, made: Made][];
}

export const golden: Golden = JSON.parse(readFileSync(join(import.meta.dirname, 'golden.json'), 'utf8'));

/** See `plain` in make.py. */
export type Plain =
  | null
  | boolean
  | [type: 'int' | 'float', content: string]
  | [type: 'complex', parts: [string, string]]
  | [type: 'str' | 'bytes', points: number[]]
  | [type: 'list' | 'tuple' | 'set' | 'frozenset', items: Plain[]]
  | [type: 'dict', entries: [Plain, Plain][]];

/** A value from the plain JSON that make.py writes it as. */
export function fromPlain(plain: Plain): Value {
  if (plain === null) return { type: 'none' };
  if (typeof plain === 'boolean') return { type: 'bool', value: plain };
  const [type, content] = plain;
  switch (type) {
    case 'int':
      return { type, value: content.startsWith('-') ? -BigInt(content.slice(1)) : BigInt(content) };
    case 'float':
      return { type, value: fromBits(content) };
    case 'complex':
      return { type, real: fromBits(content[0]), imag: fromBits(content[1]) };
    case 'str':
      return { type, points: content };
    case 'bytes':
      return { type, bytes: content };
    case 'dict':
      return { type, entries: content.map(([name, item]) => [fromPlain(name), fromPlain(item)]) };
    default:
      return { type, items: content.map(fromPlain) };
  }
}

const fromBits = (bits: string) => new Float64Array(new BigUint64Array([BigInt(`0x${bits}`)]).buffer)[0];

/** repr, but sets are in the order of their members' reprs, as make.py writes them. */
export const show = (value: Value): string => repr(ordered(value));

function ordered(value: Value): Value {
  if (value.type === 'dict')
    return { ...value, entries: value.entries.map(([name, item]) => [ordered(name), ordered(item)]) };
  if (!('items' in value)) return value;
  const items = value.items.map(ordered);
  if (value.type === 'set' || value.type === 'frozenset') items.sort((a, b) => (repr(a) < repr(b) ? -1 : 1));
  return { ...value, items };
}
