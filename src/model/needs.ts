/**
 * @file What people ask of a model before they fetch it: how much memory does it take to train it, and how much to let it answer? One
 * list, for the page, the command line and docs/MODELS.md, so that all of them say the same.
 */

import type { ModelShape } from './config';
import { type MemoryLimits, type MemoryPlan, type MemoryUse, planMemory } from './memory';

export interface Need {
  /** 'to train all of it' */
  what: string;
  plan: MemoryPlan;
}

/** A usual run: four rows of 512 tokens are learned from at once, and sixteen answers are written side by side. */
export const usualUse = { batch: 4, context: 512, sampleBatch: 16 } as const;

const uses: { what: string; changes: Pick<MemoryUse, 'training'> }[] = [
  { what: 'to train all of it', changes: { training: 'full' } },
  { what: 'to answer', changes: { training: 'none' } },
];

const unlimited: MemoryLimits = { maxBufferSize: Infinity, maxBindingSize: Infinity };

export function memoryNeeds(shape: ModelShape, limits: MemoryLimits = unlimited): Need[] {
  const context = Math.min(shape.maxPositions, usualUse.context);
  return uses.map(({ what, changes }) => ({
    what,
    plan: planMemory(shape, { ...usualUse, context, sampleContext: context, ...changes }, limits),
  }));
}
