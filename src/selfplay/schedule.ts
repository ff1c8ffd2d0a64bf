/**
 * @file What changes with the step alone, so that a resumed run has nothing to remember. Steps count from 1.
 */

import type { Settings } from './config';

/**
 * The rate of a step: up in equal parts over the warm-up, then constant, or down to 0 at what would be the step after the last.
 */
export function learningRate(
  step: number,
  settings: Settings<'steps' | 'optimizer.rate' | 'optimizer.schedule' | 'optimizer.warmup'>,
): number {
  const { steps, 'optimizer.rate': rate, 'optimizer.warmup': warmup } = settings;
  if (step <= warmup) return (rate * step) / warmup;
  const done = Math.min((step - warmup - 1) / Math.max(steps - warmup, 1), 1);
  switch (settings['optimizer.schedule']) {
    case 'constant':
      return rate;
    case 'linear':
      return rate * (1 - done);
    case 'cosine':
      return (rate * (1 + Math.cos(Math.PI * done))) / 2;
  }
}

export interface Composition {
  /** How often a proposer must build on earlier programs. */
  chance: number;
  min: number;
  max: number;
}

export type CompositionSettings = Settings<
  | 'composite.chance'
  | 'composite.from'
  | 'composite.min'
  | 'composite.max'
  | 'composite.grow'
  | 'composite.grow.max.from'
  | 'composite.grow.max.every'
  | 'composite.grow.max.limit'
  | 'composite.grow.chance.from'
  | 'composite.grow.chance.every'
  | 'composite.grow.chance.by'
  | 'composite.grow.chance.limit'
>;

/** Chance 0 where a step composes nothing. */
export function composition(step: number, settings: CompositionSettings): Composition {
  const min = settings['composite.min'];
  let max = settings['composite.max'];
  let chance = settings['composite.chance'];
  if (settings['composite.grow']) {
    const times = (from: number, every: number) => Math.max(0, Math.floor((step - from) / every));
    const more = times(settings['composite.grow.max.from'], settings['composite.grow.max.every']);
    const oftener = times(settings['composite.grow.chance.from'], settings['composite.grow.chance.every']);
    // A limit below the start holds nothing down.
    max = Math.max(max, Math.min(max + more, settings['composite.grow.max.limit']));
    chance = Math.max(
      chance,
      Math.min(
        chance + oftener * settings['composite.grow.chance.by'],
        settings['composite.grow.chance.limit'],
      ),
    );
  }
  return { chance: step >= settings['composite.from'] && max >= min ? chance : 0, min, max };
}

/** Does something that happens every so many steps happen after this one? 0: never. */
export function due(step: number, every: number): boolean {
  return every > 0 && step % every === 0;
}

/** Are prompts drawn at the start of this step? In the first of every `prompts.every`. */
export function drawsPrompts(step: number, settings: Settings<'prompts.every'>): boolean {
  return (step - 1) % settings['prompts.every'] === 0;
}

/** Who works in a step, and whether the proposer learns from it. */
export function proposing(
  step: number,
  settings: Settings<'proposer' | 'solve.warmup'>,
): 'trained' | 'frozen' | 'off' {
  return step <= settings['solve.warmup'] ? 'off' : settings.proposer;
}

/** How many seeds of a mode there should be before the first step. */
export function seedsWanted(settings: Settings<'batch' | 'seeding.factor'>): number {
  return Math.ceil(settings.batch * settings['seeding.factor']);
}
