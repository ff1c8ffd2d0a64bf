/** @file Contestants take turns, A B A B, after a warm-up that compiles, allocates and is not counted. */

import type { Timing } from './jobs';

export interface Contestant {
  time(count: number): Promise<Timing>;
}

export interface Turns {
  /** Steps of the warm-up, whose losses are kept for comparison. */
  warmUp: number;
  rounds: number;
  /** Milliseconds that a turn should take at least; each contestant does as many steps as that needs. */
  turn: number;
  /** Steps that a turn takes at most. */
  most: number;
}

export interface Outcome {
  warmUp: Timing;
  /** Milliseconds a step, round by round. */
  perStep: number[];
}

export async function interleave(
  contestants: readonly Contestant[],
  { warmUp, rounds, turn, most }: Turns,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const counts: number[] = [];
  for (const contestant of contestants) {
    const first = await contestant.time(warmUp);
    const { ms } = await contestant.time(1);
    counts.push(Math.max(1, Math.min(most, Math.round(turn / ms))));
    outcomes.push({ warmUp: first, perStep: [] });
  }
  for (let round = 0; round < rounds; round++) {
    for (const [i, contestant] of contestants.entries()) {
      const { ms } = await contestant.time(counts[i]);
      outcomes[i].perStep.push(ms / counts[i]);
    }
  }
  return outcomes;
}
