/** Which checkpoints stay, and how the rule is told. */
import { describe, expect, it } from 'vitest';
import { defaultRule, describeRule, thinned } from '../../../src/store/thinning';

/** What is left when checkpoints come one after another and the rule is applied each time. */
function survivors(steps: number[], rule: { newest: number; every: number }): number[] {
  let kept: number[] = [];
  for (const step of steps) {
    kept.push(step);
    const gone = thinned(kept, rule);
    kept = kept.filter((one) => !gone.includes(one));
  }
  return kept;
}

const everyTen = Array.from({ length: 21 }, (_, index) => index * 10);

describe('thinning', () => {
  it.each([
    [defaultRule, [0, 50, 100, 150, 190, 200]],
    [{ newest: 1, every: 0 }, [200]],
    [{ newest: 0, every: 0 }, [200]],
    [{ newest: 3, every: 0 }, [180, 190, 200]],
    [{ newest: 1, every: 100 }, [0, 100, 200]],
    [{ newest: 1, every: 1 }, everyTen],
  ])('by %o keeps %o', (rule, expected) => {
    expect(survivors(everyTen, rule)).toEqual(expected);
  });

  it('keeps the first of a stretch even where no checkpoint falls on a round step', () => {
    expect(survivors([7, 21, 35, 49, 63, 77, 91, 105], { newest: 1, every: 50 })).toEqual([7, 63, 105]);
  });

  it('one at a time or all at once is the same', () => {
    const gone = thinned(everyTen, defaultRule);
    expect(everyTen.filter((step) => !gone.includes(step))).toEqual(survivors(everyTen, defaultRule));
  });

  it('can be told to people', () => {
    expect(describeRule(defaultRule)).toBe(
      'The newest 2 checkpoints are kept, and the first one of every 50 steps.',
    );
    expect(describeRule({ newest: 1, every: 0 })).toBe('The newest checkpoint is kept.');
    expect(describeRule({ newest: 1, every: 1 })).toBe('Every checkpoint is kept.');
  });
});
