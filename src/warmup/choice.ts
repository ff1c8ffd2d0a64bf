/**
 * @file Which draws of the grammar become materials. Of the programs of level 1 as they come, the 700 most common behaviours are four
 * fifths; a model that has these by heart does well on what it was taught and fails on everything else. So programs are drawn until
 * there are enough different ones, and only so many that do the same are kept.
 */

import { fingerprint } from '../grammar/fingerprint';
import type { Level } from '../grammar/levels';
import { type SampledTask, sampleTask } from '../grammar/sample';
import { Draws } from '../selfplay/random';

/** Programs of one behaviour that are kept, written differently. */
const alike = 2;

/** The n-th draw of a level: its task, and chance for what is still to be drawn about it. The same for everyone with this seed. */
export function drawTask(seed: number, level: Level, n: number): { task: SampledTask; draws: Draws } {
  const draws = new Draws(seed, n, `warm-up on level ${level}`);
  return { task: sampleTask(draws, level), draws };
}

/** The numbers of the first `count` draws that are different enough from those before them. */
export function chooseDraws(seed: number, level: Level, count: number): number[] {
  const texts = new Set<string>();
  const times = new Map<string, number>();
  const chosen: number[] = [];
  for (let n = 0; chosen.length < count; n++) {
    const { task } = drawTask(seed, level, n);
    if (texts.has(task.program)) continue;
    texts.add(task.program);
    const mark = fingerprint(task.structure);
    const before = times.get(mark) ?? 0;
    times.set(mark, before + 1);
    if (before < alike) chosen.push(n);
  }
  return chosen;
}
