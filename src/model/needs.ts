/**
 * @file What people ask of a model before they fetch it: how much memory does it take to train it, and how much to let it answer? One
 * list, for the page, the command line and docs/MODELS.md, so that all of them say the same.
 */

import { ADAPTER_TARGETS } from './adapter';
import type { BuiltShape } from './build';
import type { ModelShape } from './config';
import { type MemoryLimits, type MemoryPlan, type MemoryUse, planMemory } from './memory';

export interface Need {
  /** 'to train all of it' */
  what: string;
  plan: MemoryPlan;
  /** Where layers are computed again on the way back, which takes longer. The plan itself, where nothing is kept for a way back. */
  least: MemoryPlan;
}

/** Tokens of a row, of prompt and answer together. */
export const usualContext = 512;

/** As runs make one where nobody chooses otherwise: rank 16, beside every matrix of a layer. */
const adapter = { rank: 16, alpha: 32, targets: [...ADAPTER_TARGETS], seed: 0 };

const uses: { what: string; built: Pick<BuiltShape, 'adapter' | 'base'>; training: MemoryUse['training'] }[] =
  [
    { what: 'to train all of it', built: {}, training: 'full' },
    { what: 'to train an adapter', built: { adapter }, training: 'full' },
    { what: 'to train an adapter on 4 bits', built: { adapter, base: 'int4' }, training: 'full' },
    { what: 'to answer', built: {}, training: 'none' },
  ];

const unlimited: MemoryLimits = { maxBufferSize: Infinity, maxBindingSize: Infinity };

export function memoryNeeds(shape: ModelShape, limits: MemoryLimits = unlimited): Need[] {
  const use = engineUse(shape, Math.min(shape.maxPositions, usualContext));
  return uses.map(({ what, built, training }) => {
    const plan = (recompute: boolean) =>
      planMemory({ ...shape, ...built }, { ...use, training, recompute }, limits);
    return { what, plan: plan(false), least: plan(training === 'full') };
  });
}

/** As the engine decides it: layers are computed again only where there is no room to keep them. */
export function planAsEngine(shape: BuiltShape, use: MemoryUse, limits: MemoryLimits): MemoryPlan {
  const kept = planMemory(shape, use, limits);
  return kept.verdict.fits ? kept : planMemory(shape, { ...use, recompute: true }, limits);
}

/** As the engine cuts its work, see src/engine/ort: tokens in one pass of training, sequences that are written side by side. */
const engine = { trainingTokens: 2048, rows: 64, cacheBytes: 2 ** 29, leastRows: 4 };

export function engineUse(shape: ModelShape, context: number): Omit<MemoryUse, 'training'> {
  const rowBytes = context * shape.kvHeads * shape.headDim * 2 * shape.layers * 4;
  const rows = 2 ** Math.floor(Math.log2(Math.max(engine.leastRows, engine.cacheBytes / rowBytes)));
  return {
    batch: Math.max(1, Math.floor(engine.trainingTokens / context)),
    context,
    sampleBatch: Math.min(engine.rows, rows),
    sampleContext: context,
    // Heads of such sizes are attended to in place, others need a second cache: isCacheInPlace of src/graph.
    cacheCopies: shape.headDim % 16 === 0 ? 1 : 2,
  };
}
