/**
 * @file Random tasks for properties that must hold for all: programs with quotes, fences, tags and markers in them.
 */

import { RandomStream } from '../../../../src/model/random';
import type { Answer, Proposal } from '../../../../src/selfplay/dialect';
import type { Task } from '../../../../src/store/records';

export class Dice {
  private readonly stream: RandomStream;
  private count = 0;

  constructor(seed: number) {
    this.stream = new RandomStream(seed, 'dialects');
  }

  below(limit: number): number {
    return this.stream.at(this.count++) % limit;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }

  many<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.below(most + 1) }, make);
  }

  /** Pieces in a row, of these and of whatever a text may hold. */
  text(pieces: readonly string[], most = 12): string {
    const anything = () => String.fromCodePoint(this.pick([this.below(128), this.below(0x3000), 0x1f600]));
    return this.many(most, () => (this.below(3) === 0 ? anything() : this.pick(pieces))).join('');
  }
}

export const task = (parts: Partial<Task>): Task => ({
  id: 1,
  mode: 'deduction',
  program: 'def f(a):\n    return a',
  pairs: [['1', '1']],
  message: '',
  thought: '',
  step: 0,
  origin: 'proposed',
  parents: [],
  astHash: '',
  behaviour: '',
  solveRate: null,
  composite: [],
  ...parts,
});

export const proposal = (parts: Partial<Proposal>): Proposal => ({
  kind: 'proposal',
  program: 'def f(a):\n    return a',
  inputs: ['1'],
  message: '',
  thought: '',
  ...parts,
});

export const answer = (text: string, thought = ''): Answer => ({ kind: 'answer', answer: text, thought });
