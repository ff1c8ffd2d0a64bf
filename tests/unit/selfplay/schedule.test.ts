/** What changes with the step alone, and what is asked of the engine. */
import { describe, expect, it } from 'vitest';
import { type Config, readConfig } from '../../../src/selfplay/config';
import { adamOf, evaluationSamplingOf, lossOf, samplingOf } from '../../../src/selfplay/requests';
import {
  composition,
  drawsPrompts,
  due,
  learningRate,
  proposing,
  seedsWanted,
} from '../../../src/selfplay/schedule';
import { roles } from '../../../src/store/records';

const steps = (last: number) => Array.from({ length: last }, (_, i) => i + 1);

describe('the learning rate', () => {
  const rates = (schedule: Config['optimizer.schedule'], warmup: number, count = 8) => {
    const config = readConfig({
      steps: count,
      'optimizer.rate': 0.5,
      'optimizer.schedule': schedule,
      'optimizer.warmup': warmup,
    });
    return steps(count).map((step) => learningRate(step, config));
  };

  it('is constant', () => {
    expect(rates('constant', 0)).toEqual(steps(8).map(() => 0.5));
  });

  it('rises over the warm-up and is never 0 while the run lasts', () => {
    expect(rates('constant', 4)).toEqual([0.125, 0.25, 0.375, 0.5, 0.5, 0.5, 0.5, 0.5]);
    expect(rates('linear', 4)).toEqual([0.125, 0.25, 0.375, 0.5, 0.5, 0.375, 0.25, 0.125]);
    expect(rates('constant', 8)[7]).toBe(0.5);
  });

  it('falls along half a cosine', () => {
    const made = rates('cosine', 0);
    expect(made[0]).toBe(0.5);
    expect(made[2]).toBeCloseTo(0.25 * (1 + Math.SQRT1_2), 12);
    expect(made[4]).toBeCloseTo(0.25, 12);
    expect(Math.min(...made)).toBeGreaterThan(0);
  });

  it('stays at 0 after the last step', () => {
    for (const schedule of ['linear', 'cosine'] as const) {
      const config = readConfig({ steps: 8, 'optimizer.schedule': schedule });
      expect([9, 10, 100].map((step) => learningRate(step, config))).toEqual([0, 0, 0]);
    }
  });
});

describe('composition', () => {
  it('is off by default', () => {
    expect(composition(1000, readConfig({})).chance).toBe(0);
  });

  it('begins at its step', () => {
    const config = readConfig({ 'composite.chance': 0.5, 'composite.from': 5, 'composite.max': 2 });
    expect([4, 5].map((step) => composition(step, config))).toEqual([
      { chance: 0, min: 1, max: 2 },
      { chance: 0.5, min: 1, max: 2 },
    ]);
  });

  it('grows as in the original', () => {
    const config = readConfig({
      'composite.chance': 0.5,
      'composite.max': 1,
      'composite.grow': true,
    });
    const at = [1, 100, 101, 150, 151, 200, 201, 251, 5000].map((step) => composition(step, config));
    expect(at.map(({ max }) => max)).toEqual([1, 1, 1, 1, 2, 2, 3, 3, 3]);
    expect(at.map(({ chance }) => Math.round(chance * 100))).toEqual([50, 50, 50, 50, 51, 51, 52, 53, 80]);
    expect(composition(5000, { ...config, 'composite.grow': false })).toEqual({
      chance: 0.5,
      min: 1,
      max: 1,
    });
  });

  it('keeps to every number of its schedule', () => {
    const config = readConfig({
      'composite.chance': 0.1,
      'composite.max': 0,
      'composite.min': 1,
      'composite.grow': true,
      'composite.grow.max.from': 10,
      'composite.grow.max.every': 2,
      'composite.grow.max.limit': 2,
      'composite.grow.chance.from': 20,
      'composite.grow.chance.every': 5,
      'composite.grow.chance.by': 0.25,
      'composite.grow.chance.limit': 0.5,
    });
    const at = [11, 12, 14, 24, 25, 30, 99].map((step) => composition(step, config));
    expect(at.map(({ max }) => max)).toEqual([0, 1, 2, 2, 2, 2, 2]);
    // At 11 there is nothing to compose of: at most none, at least one.
    expect(at.map(({ chance }) => chance)).toEqual([0, 0.1, 0.1, 0.1, 0.35, 0.5, 0.5]);
  });

  it('is not lowered by a limit', () => {
    const config = readConfig({
      'composite.chance': 0.9,
      'composite.max': 4,
      'composite.grow': true,
    });
    expect(composition(500, config)).toEqual({ chance: 0.9, min: 1, max: 4 });
  });
});

describe('turns', () => {
  it('come every so many steps, or never', () => {
    expect(steps(10).filter((step) => due(step, 3))).toEqual([3, 6, 9]);
    expect(steps(10).filter((step) => due(step, 0))).toEqual([]);
  });

  it('prompts are drawn in the first step and then in every so many', () => {
    const config = readConfig({ 'prompts.every': 3, 'solve.when': 'previous-step', 'estimate.reuse': false });
    expect(steps(8).filter((step) => drawsPrompts(step, config))).toEqual([1, 4, 7]);
    expect(steps(3).filter((step) => drawsPrompts(step, readConfig({})))).toEqual([1, 2, 3]);
  });

  it('the proposer waits for the warm-up', () => {
    const config = readConfig({ 'solve.warmup': 2, proposer: 'frozen' });
    expect(steps(4).map((step) => proposing(step, config))).toEqual(['off', 'off', 'frozen', 'frozen']);
    expect(proposing(1, readConfig({}))).toBe('trained');
  });

  it('seeds are so many batches', () => {
    expect(seedsWanted(readConfig({}))).toBe(256);
    expect(seedsWanted(readConfig({ batch: 3, 'seeding.factor': 0.5 }))).toBe(2);
  });
});

describe('requests to the engine', () => {
  it('have every key in its place', () => {
    const config = readConfig({
      'sampling.temperature.proposer': 0.9,
      'sampling.temperature.solver': 0.8,
      'evaluate.temperature': 0.7,
      'sampling.top-p': 0.95,
      'sampling.top-k': 40,
      'tokens.response': 100,
      'loss.aggregation': 'sum',
      'loss.clip.low': 0.11,
      'loss.clip.high': 0.12,
      'loss.entropy': 0.13,
      'loss.kl': 0.14,
      'optimizer.rate': 0.01,
      'optimizer.warmup': 2,
      'optimizer.beta1': 0.8,
      'optimizer.beta2': 0.85,
      'optimizer.epsilon': 1e-6,
      'optimizer.decay': 0.02,
      'optimizer.clip': 0.5,
    });
    const rest = { maxTokens: 100, topP: 0.95, topK: 40 };
    expect(samplingOf(config, 'propose')).toEqual({ ...rest, temperature: 0.9 });
    expect(samplingOf(config, 'solve')).toEqual({ ...rest, temperature: 0.8 });
    expect(evaluationSamplingOf(config)).toEqual({ ...rest, temperature: 0.7 });
    const held = {
      kind: 'policy',
      aggregation: 'sum',
      clipLow: 0.11,
      clipHigh: 0.12,
      entropy: 0.13,
      kl: 0.14,
    };
    for (const role of roles) expect(lossOf(config, role)).toEqual(held);
    const own = readConfig({ ...config, 'loss.kl.roles': 'proposer' });
    expect(lossOf(own, 'propose')).toEqual(held);
    expect(lossOf(own, 'solve')).toEqual({ ...held, kl: 0 });
    expect(lossOf(readConfig({ 'loss.clip.dual': 3 }), 'solve')).toMatchObject({ dualClip: 3 });
    expect(adamOf(config, 1)).toEqual({
      learningRate: 0.005,
      beta1: 0.8,
      beta2: 0.85,
      epsilon: 1e-6,
      weightDecay: 0.02,
      maxGradNorm: 0.5,
    });
  });

  it('have no limit where it is 0', () => {
    const config = readConfig({ 'optimizer.clip': 0 });
    expect('maxGradNorm' in adamOf(config, 1)).toBe(false);
    expect('topK' in samplingOf(config, 'solve')).toBe(false);
  });
});
