/**
 * @file Texts and streams of ids from numbers, the same as tests/golden/hub-tokenizers/make.py has them, and the hashes by which what
 * comes of them is compared.
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const folder = resolve(import.meta.dirname, '../golden/hub-tokenizers');
const { fragments, specials, spaces, ranges } = JSON.parse(readFileSync(`${folder}/texts.json`, 'utf8')) as {
  fragments: string[];
  specials: string[];
  spaces: string[];
  ranges: [number, number][];
};

/** mulberry32 */
class Draws {
  constructor(private state: number) {}

  below(n: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % n;
  }

  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }
}

function part(draws: Draws, withSpecials: boolean): string {
  const kind = draws.below(8);
  const several = (count: number, one: () => number) =>
    Array.from({ length: count }, () => String.fromCharCode(one())).join('');
  if (kind <= 2) return draws.of(fragments);
  if (kind === 3) {
    const [first, last] = draws.of(ranges);
    return String.fromCodePoint(first + draws.below(last - first + 1));
  }
  if (kind === 4) return draws.of(spaces).repeat(1 + draws.below(6));
  if (kind === 5) return several(1 + draws.below(8), () => 48 + draws.below(10));
  if (kind === 6 && withSpecials) return draws.of(specials);
  return several(1 + draws.below(9), () => 97 + draws.below(26));
}

export function textOf(number: number, withSpecials = true): string {
  const draws = new Draws(number);
  return Array.from({ length: 1 + draws.below(14) }, () => part(draws, withSpecials)).join('');
}

export function idsOf(number: number, size: number): number[] {
  const draws = new Draws(number);
  return Array.from({ length: 1 + draws.below(40) }, () => draws.below(size));
}

/** A hundred at a time. */
export function hashesOf(items: readonly unknown[]): string[] {
  const rows = Array.from({ length: Math.ceil(items.length / 100) }, (_, k) =>
    items.slice(k * 100, k * 100 + 100),
  );
  return rows.map((row) => createHash('sha256').update(JSON.stringify(row)).digest('hex').slice(0, 12));
}

export const families = ['qwen2.5', 'qwen3', 'llama3.2', 'smollm2', 'tinyllama'] as const;
export type Family = (typeof families)[number];

export interface HubGolden {
  size: number;
  encoded: string[];
  plain: string[];
  decoded: string[];
  streams: string[];
  chats: string[];
  chat: string;
  samples: [text: string, ids: number[]][];
}

export const readGolden = (family: Family): HubGolden => JSON.parse(hubFile(family, 'golden.json'));
export const hubFile = (family: Family, name: string) => readFileSync(`${folder}/${family}/${name}`, 'utf8');
