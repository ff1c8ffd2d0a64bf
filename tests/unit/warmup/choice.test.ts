/**
 * What the warm-up is made of differs in what it does, so that nothing is gained by knowing the few things that most programs do.
 */
import { describe, expect, it } from 'vitest';
import { fingerprint } from '../../../src/grammar/fingerprint';
import { chooseDraws, drawTask } from '../../../src/warmup/choice';

const chosen = chooseDraws(1, 1, 400);
const tasks = chosen.map((n) => drawTask(1, 1, n).task);

describe('the chosen draws', () => {
  it('are as many as were asked for, and the same for everyone', () => {
    expect(chosen).toHaveLength(400);
    expect(chooseDraws(1, 1, 100)).toEqual(chosen.slice(0, 100));
    expect(chooseDraws(2, 1, 100)).not.toEqual(chosen.slice(0, 100));
  });

  it('hold no program twice', () => {
    expect(new Set(tasks.map(({ program }) => program)).size).toBe(400);
  });

  it('hold two programs that do the same at most, where draws as they come hold many', () => {
    const mostAlike = (numbers: number[]) => {
      const times = new Map<string, number>();
      for (const n of numbers) {
        const mark = fingerprint(drawTask(1, 1, n).task.structure);
        times.set(mark, (times.get(mark) ?? 0) + 1);
      }
      return Math.max(...times.values());
    };
    expect(mostAlike(chosen)).toBe(2);
    expect(mostAlike(Array.from({ length: 400 }, (_, n) => n))).toBeGreaterThan(4);
  });
});
