/**
 * @file Random choices of the loop. Each is a function of the run's seed, the step and a name ("references of deduction"), so
 * that a resumed run needs no state to go on as it would have, and one choice more in one place moves none in another.
 */

import { RandomStream } from '../model/random';

export class Draws {
  private readonly stream: RandomStream;
  private drawn = 0;

  constructor(seed: number, step: number, name: string) {
    this.stream = new RandomStream(seed, `${name}@${step}`);
  }

  /** A seed for others: an engine's sampler, for instance. */
  seed(): number {
    return this.stream.at(this.drawn++);
  }

  /** 0 <= x < 1. */
  unit(): number {
    return this.stream.at(this.drawn++) / 2 ** 32;
  }

  /** A whole number, 0 <= x < count. */
  below(count: number): number {
    return Math.floor(this.unit() * count);
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  /** k different whole numbers below `count`, or all of them if they are fewer, in random order. */
  distinct(count: number, k: number): number[] {
    const moved = new Map<number, number>();
    return Array.from({ length: Math.min(count, k) }, (_, i) => {
      const j = i + this.below(count - i);
      const chosen = moved.get(j) ?? j;
      moved.set(j, moved.get(i) ?? i);
      return chosen;
    });
  }

  /** An index as likely as its weight, or -1 if all weights are 0. */
  weighted(weights: readonly number[]): number {
    let rest = this.unit() * weights.reduce((sum, weight) => sum + weight, 0);
    let last = -1;
    for (let i = 0; i < weights.length; i++) {
      if (weights[i] <= 0) continue;
      last = i;
      rest -= weights[i];
      if (rest < 0) break;
    }
    return last;
  }

  /** k different indices, each drawn as `weighted` from those that are left; fewer if fewer have a weight. */
  weightedDistinct(weights: readonly number[], k: number): number[] {
    const left = [...weights];
    const chosen: number[] = [];
    while (chosen.length < k) {
      const index = this.weighted(left);
      if (index < 0) break;
      chosen.push(index);
      left[index] = 0;
    }
    return chosen;
  }
}
