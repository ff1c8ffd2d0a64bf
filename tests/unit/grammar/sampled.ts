/** Tasks of a level, each from draws of its own, so that one more asked for changes none. */
import { type Level, levels } from '../../../src/grammar/levels';
import { type SampledTask, sampleTask } from '../../../src/grammar/sample';
import { Draws } from '../../../src/selfplay/random';

export { levels };

export const drawsOf = (n: number, name: string) => new Draws(1, n, name);

export const sampled = (level: Level, count: number): SampledTask[] =>
  Array.from({ length: count }, (_, n) => sampleTask(drawsOf(n, `level ${level}`), level));
