/** Advantages: the original's numbers, the paper's formula, and what must hold of any batch. */
import { describe, expect, it } from 'vitest';
import { type AdvantageSettings, advantages, type Scored } from '../../../src/selfplay/advantages';
import { Draws } from '../../../src/selfplay/random';
import { modes, roles } from '../../../src/store/records';

const settings = (
  baseline: AdvantageSettings['advantage.baseline'],
  level: AdvantageSettings['advantage.level'] = 'sequence',
  floor = 0,
  negative = 1,
): AdvantageSettings => ({
  'advantage.baseline': baseline,
  'advantage.level': level,
  'advantage.floor': floor,
  'advantage.negative': negative,
});
const scored = (rewards: number[], rest: Partial<Scored> = {}, tokens: number[] = []): Scored[] =>
  rewards.map((reward, i) => ({
    mode: 'deduction',
    role: 'solve',
    group: 1,
    reward,
    tokens: tokens[i] ?? 10,
    ...rest,
  }));
const rounded = (values: number[]) => values.map((value) => Math.round(value * 1000) / 1000);

const rewards = [1, -0.5, -1, 1];
const lengths = [100, 400, 8000, 120];

describe('the vectors of the reference', () => {
  it('token-level, as the original has it', () => {
    const made = advantages(scored(rewards, {}, lengths), settings('task-relative', 'token', 1e-4));
    expect(rounded(made)).toEqual([5.855, 1.294, -0.226, 5.855]);
  });

  it('sequence-level, as the paper has it', () => {
    const made = advantages(scored(rewards, {}, lengths), settings('task-relative'));
    expect(rounded(made)).toEqual([0.849, -0.606, -1.091, 0.849]);
  });

  it.each(['task-relative', 'group', 'rloo'] as const)('all equal: zeros (%s)', (baseline) => {
    for (const level of ['sequence', 'token'] as const) {
      // 0.1 cannot be written in binary, so that a mean of three is not 0.1.
      const made = advantages(scored([0.1, 0.1, 0.1], {}, [3, 5, 7]), settings(baseline, level));
      expect(made).toEqual([0, 0, 0]);
    }
  });
});

describe('baselines', () => {
  const mixed: Scored[] = [
    ...scored([1, 0], { group: 1 }),
    ...scored([1, 1, -2], { group: 2 }),
    ...scored([5], { group: 3 }),
  ];

  it('compares within a group', () => {
    const made = advantages(mixed, settings('group'));
    expect(rounded(made)).toEqual(
      rounded([Math.SQRT1_2, -Math.SQRT1_2, 1 / Math.sqrt(3), 1 / Math.sqrt(3), -2 / Math.sqrt(3), 0]),
    );
  });

  it('leaves one out', () => {
    expect(advantages(mixed, settings('rloo'))).toEqual([1, -1, 1.5, 1.5, -3, 0]);
  });

  it('leaves one out by tokens too', () => {
    const made = advantages(scored([1, 0, 4], {}, [1, 2, 3]), settings('rloo', 'token'));
    expect(made).toEqual([1 - 12 / 5, 0 - 13 / 4, 4 - 1 / 3]);
  });

  it('or does not compare', () => {
    expect(advantages(mixed, settings('none'))).toEqual(mixed.map(({ reward }) => reward));
  });

  it('keeps modes and roles apart', () => {
    const both = [
      ...scored(rewards),
      ...scored([7, 9], { role: 'propose' }),
      ...scored([3, 2], { mode: 'induction' }),
    ];
    const made = advantages(both, settings('task-relative'));
    expect(made.slice(0, 4)).toEqual(advantages(scored(rewards), settings('task-relative')));
    const one = rounded([Math.SQRT1_2])[0];
    expect(rounded(made.slice(4))).toEqual([-one, one, one, -one]);
  });

  it('compares proposals, which have a prompt each, with those of their mode', () => {
    const proposals = rewards.flatMap((reward, group) => scored([reward], { role: 'propose', group }));
    expect(advantages(proposals, settings('group'))).toEqual(
      advantages(proposals, settings('task-relative')),
    );
    expect(advantages(proposals, settings('rloo'))[0]).toBeCloseTo(1 - (1 - 0.5 - 1) / 3, 12);
  });
});

describe('the floor', () => {
  it('keeps small differences small', () => {
    const small = scored([0.5, 0.5, 0.5, 0.51]);
    const [without, within] = [0, 0.1].map((floor) =>
      advantages(small, settings('task-relative', 'sequence', floor)),
    );
    expect(without[3]).toBeCloseTo(1.5, 6);
    expect(within[3]).toBeLessThan(0.08);
  });
});

describe('what pushes away', () => {
  it.each(['task-relative', 'group', 'rloo', 'none'] as const)('counts less (%s)', (baseline) => {
    const whole = advantages(scored(rewards), settings(baseline));
    for (const negative of [0, 0.25]) {
      const made = advantages(scored(rewards), settings(baseline, 'sequence', 0, negative));
      expect(made).toEqual(whole.map((value) => (value > 0 ? value : value * negative || 0)));
    }
  });
});

describe('any batch', () => {
  const draws = new Draws(11, 0, 'batches');
  const batch = (): Scored[] =>
    Array.from({ length: draws.below(40) }, () => ({
      mode: modes[draws.below(4)],
      role: roles[draws.below(2)],
      group: draws.below(6),
      reward: [-1, -0.5, 0, 0.1, 1, draws.unit(), 1e-300, 1e200][draws.below(8)],
      tokens: draws.below(3) * draws.below(100),
    }));

  it('has finite advantages, the same each time', () => {
    for (let i = 0; i < 300; i++) {
      const made = batch();
      for (const baseline of ['task-relative', 'group', 'rloo', 'none'] as const) {
        for (const level of ['sequence', 'token'] as const) {
          const values = advantages(made, settings(baseline, level));
          expect(values.length).toBe(made.length);
          expect(values.every(Number.isFinite)).toBe(true);
          expect(advantages(made, settings(baseline, level))).toEqual(values);
        }
      }
    }
  });

  it('has mean 0 and deviation 1 in each mode and role, whatever the unit of rewards', () => {
    for (let i = 0; i < 100; i++) {
      const values = Array.from({ length: 3 + draws.below(30) }, () => draws.unit());
      const made = advantages(scored(values), settings('task-relative'));
      const mean = made.reduce((a, b) => a + b) / made.length;
      const variance = made.reduce((a, b) => a + (b - mean) ** 2, 0) / (made.length - 1);
      expect(mean).toBeCloseTo(0, 10);
      expect(variance).toBeCloseTo(1, 10);
      const other = advantages(scored(values.map((value) => 3 * value - 7)), settings('task-relative'));
      other.forEach((value, k) => {
        expect(value).toBeCloseTo(made[k], 8);
      });
    }
  });

  it('refuses what is not a reward', () => {
    expect(() => advantages(scored([1, Number.NaN]), settings('none'))).toThrow(RangeError);
    expect(advantages([], settings('group'))).toEqual([]);
  });
});
