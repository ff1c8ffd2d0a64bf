/** @file What the study compares: ways to learn, the controls that they have to beat, and the ablations of the original. */

import type { PresetName } from '../selfplay/presets';

export type Arm = { name: string } & (
  | { preset: PresetName; settings: readonly string[] }
  /** The warm-up simply continued, learning from as many tokens as that arm with the same seed. */
  | { like: string }
);

export const arms: readonly Arm[] = [
  { name: 'hindsight', preset: 'laptop', settings: [] },
  { name: 'hindsight-frozen', preset: 'laptop', settings: ['proposer=frozen', 'hindsight.proposals=0'] },
  { name: 'continued', like: 'hindsight' },
  { name: 'pure', preset: 'pure', settings: [] },
  { name: 'pure-frozen', preset: 'pure', settings: ['proposer=frozen'] },
];

/** Of learning from rewards alone. */
export const ablations: readonly Arm[] = [
  { name: 'deduction-only', preset: 'pure', settings: ['modes=deduction'] },
  { name: 'no-induction', preset: 'pure', settings: ['modes=deduction,abduction'] },
  { name: 'no-references', preset: 'pure', settings: ['references=0'] },
  { name: 'solver-only', preset: 'pure', settings: ['proposer=off', 'solve.mix=uniform'] },
];
