/**
 * @file How a Tinker server puts the losses of tokens together. The API leaves it open, and servers differ: each is one of these rules,
 * which one is measured (calibrate.ts), and what is sent is multiplied so that the sum comes out as ours.
 */

/** In numbers of tokens, prompts included, since no weights are sent that would leave them out. */
type Divisor = (length: number, total: number, count: number) => number;

export const averagings = {
  'sums over tokens': () => 1,
  'takes the mean over tokens': (_, total) => total,
  'takes the mean over sequences of sums over tokens': (_, __, count) => count,
  'takes the mean over sequences of means over tokens': (length, _, count) => length * count,
  'sums means over the tokens of each sequence': (length) => length,
} satisfies Record<string, Divisor>;

export type Averaging = keyof typeof averagings;

/** By what the server divides the sum of each sequence of a batch. */
export function divisors(averaging: Averaging, lengths: readonly number[]): number[] {
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const divisor: Divisor = averagings[averaging];
  return lengths.map((length) => divisor(length, total, lengths.length));
}
