/**
 * @file Chance for test doubles: as even as needed, the same for the same parts, and fast. It is none of the loop's own random
 * numbers, so that a mistake there is not mirrored here.
 */

/** FNV-1a of all parts, as 32 bits. */
export function hashOf(...parts: (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const part of parts) {
    const text = String(part);
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    hash = Math.imul(hash ^ 0xff, 0x01000193);
  }
  return hash >>> 0;
}

/** Mulberry32. */
export class Chance {
  private state: number;

  constructor(...parts: (string | number)[]) {
    this.state = hashOf(...parts);
  }

  /** 0 <= x < 1. */
  unit(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number, 0 <= x < count. */
  below(count: number): number {
    return Math.floor(this.unit() * count);
  }

  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  happens(probability: number): boolean {
    return this.unit() < probability;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  /** In another order. */
  shuffled<T>(list: readonly T[]): T[] {
    const left = [...list];
    for (let i = left.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [left[i], left[j]] = [left[j], left[i]];
    }
    return left;
  }
}

/** A few turns of the event queue, so that what runs side by side comes back in another order. */
export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await null;
}
