/** What a run will take: memory as the engine counts it, and time from what was measured. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import './page-globals';
import {
  inTime,
  type Measured,
  memoryOf,
  speedOf,
  timeOf,
  typicalSpeed,
  workOf,
} from '../../../src/app/settings/estimate';
import { measuredOf } from '../../../src/app/settings/measured';
import { parseModelConfig } from '../../../src/model/config';
import { parameterCount } from '../../../src/model/parameters';
import { presetConfig } from '../../../src/selfplay/presets';

const file = join(import.meta.dirname, '../../../public/model/config.json');
const base = parseModelConfig(JSON.parse(readFileSync(file, 'utf8')));
const large = {
  ...base,
  hiddenSize: 4096,
  intermediateSize: 11_008,
  layers: 32,
  heads: 32,
  kvHeads: 32,
  headDim: 128,
  vocabSize: 32_000,
};
const wasm = { largest: 2 ** 31 - 1, total: 3 * 2 ** 30 };

describe('memory', () => {
  it('of the base model is a few hundred MiB at most, and each item says how it was counted', () => {
    const { total, items, refusal } = memoryOf(presetConfig('laptop'), base, wasm);
    expect(refusal).toBeNull();
    expect(total / 2 ** 20).toBeGreaterThan(50);
    expect(total / 2 ** 20).toBeLessThan(1000);
    expect(items.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(total);
    expect(items.every(({ how }) => how.length > 0)).toBe(true);
  });

  it('grows with the lengths, and not with the batch, which the engine cuts into pieces', () => {
    const of = (changes: Parameters<typeof presetConfig>[1]) =>
      memoryOf(presetConfig('laptop', changes), base, wasm).total;
    expect(of({ 'tokens.response': 100 })).toBeLessThan(of({}));
    expect(of({ batch: 64 })).toBe(of({}));
  });

  it('holds the first weights where the loss needs them', () => {
    const { items } = memoryOf(presetConfig('laptop', { 'loss.kl': 0.1 }), base, wasm);
    expect(items.find(({ name }) => name === 'first weights')?.bytes).toBe(4 * parameterCount(base));
  });

  it('is much less where an adapter is trained, and less again beside rounded weights', () => {
    const of = (changes: Parameters<typeof presetConfig>[1]) =>
      memoryOf(presetConfig('laptop', changes), large, { largest: 2 ** 34, total: 2 ** 40 });
    const all = of({});
    const adapter = of({ 'model.train': 'adapter' });
    const rounded = of({ 'model.train': 'adapter', 'model.base': 'int4' });
    expect(adapter.total).toBeLessThan(0.6 * all.total);
    const weights = ({ items }: typeof all) => items.find(({ name }) => name === 'weights')?.bytes ?? 0;
    expect(weights(rounded)).toBeLessThan(0.5 * weights(adapter));
  });

  it('is refused with a sentence where it does not fit', () => {
    expect(memoryOf(presetConfig('laptop'), large, wasm).refusal).toMatch(/choose a smaller model/);
    expect(memoryOf(presetConfig('laptop'), base, { ...wasm, largest: 2 ** 20 }).refusal).toMatch(
      /needs .* in one piece and this device gives at most 1\.00 MiB/,
    );
  });

  it('is refused where completions do not fit into what the model reads', () => {
    expect(memoryOf(presetConfig('strict'), base, wasm).refusal).toBe(
      'tokens.prompt (6144) and tokens.response (8096) make 14240 tokens, and this model reads at most 1024 at once: lower them.',
    );
  });
});

describe('the work of a step', () => {
  const step = (changes: Parameters<typeof presetConfig>[1] = {}) =>
    workOf(presetConfig('laptop', changes), 'low').step;

  it('is what the loop does: proposals, attempts, and lessons', () => {
    // A run of the base model with these settings wrote 2,109 tokens a step and was taught by 84 lessons.
    const [low, high] = [
      workOf(presetConfig('laptop'), 'low').step,
      workOf(presetConfig('laptop'), 'high').step,
    ];
    expect(low.proposals).toBe(3 * 8);
    expect(low.sampled).toBeLessThan(2109);
    expect(high.sampled).toBeGreaterThan(2109);
  });

  it('grows in proportion to the batch', () => {
    expect(step({ batch: 16 }).sampled / step().sampled).toBeCloseTo(2);
  });

  it('has no proposals where nobody proposes, and none in the warm-up', () => {
    expect(step({ proposer: 'off', 'hindsight.proposals': 0 }).proposals).toBe(0);
    expect(step({ 'solve.warmup': 250 }).proposals).toBe(12);
  });

  it('is learned as often as there are epochs, and without the policy only from lessons', () => {
    expect(step({ 'loss.epochs': 2 }).trained).toBe(2 * step().trained);
    expect(step({ 'hindsight.policy': true }).trained).toBeGreaterThan(step().trained);
    expect(step({ 'hindsight.tasks': 12 }).trained).toBeLessThan(step().trained);
  });

  it('never has completions that are longer than they may be', () => {
    const short = { 'tokens.response': 10 };
    expect(step(short).sampled).toBeLessThanOrEqual((24 + 24) * 10);
  });

  it('has tests before, between and after', () => {
    const tests = (steps: number, every: number) =>
      workOf(presetConfig('laptop', { steps, 'evaluate.every': every }), 'low').tests;
    expect(tests(100, 10)).toBe(11);
    expect(tests(25, 10)).toBe(4);
    expect(tests(100, 0)).toBe(0);
  });
});

describe('time', () => {
  const measured: Measured = {
    run: 'a',
    name: 'swift otter',
    config: presetConfig('laptop'),
    step: 4,
    sampling: 2,
    training: 1,
    test: 10,
  };

  it('is that of a run of the same settings, within its scatter', () => {
    const { step, test, total } = timeOf(presetConfig('laptop'), speedOf(measured));
    expect(step.low).toBeLessThan(4);
    expect(step.high).toBeGreaterThan(4);
    expect(step.high / step.low).toBeLessThan(1.6);
    expect(test.low).toBeLessThan(10);
    expect(test.high).toBeGreaterThan(10);
    // 500 steps of 4 seconds, and 51 tests of 10.
    expect(total.low).toBeLessThan(2510);
    expect(total.high).toBeGreaterThan(2510);
  });

  it('scales with the work', () => {
    const step = (batch: number) => timeOf(presetConfig('laptop', { batch }), speedOf(measured)).step;
    // Sampling and Python grow with the batch; what is taught does not.
    expect(step(16).low / step(8).low).toBeGreaterThan(1.6);
    expect(step(16).low / step(8).low).toBeLessThan(2);
  });

  it('without a run is a rough range around what was measured on two cores', () => {
    const { step, total } = timeOf(presetConfig('laptop'), typicalSpeed('wasm', base, 2));
    expect(step.low).toBeGreaterThan(1);
    expect(step.low).toBeLessThan(3);
    expect(step.high).toBeGreaterThan(3);
    expect(step.high).toBeLessThan(10);
    expect(total.high).toBeGreaterThan(total.low);
  });

  it('without a run is longer for a larger model, and with a single thread', () => {
    const low = (shape = base, threads = 2) =>
      timeOf(presetConfig('laptop'), typicalSpeed('wasm', shape, threads)).step.low;
    expect(low(large)).toBeGreaterThan(10 * low());
    expect(low(base, 1)).toBeGreaterThan(low());
    expect(low(base, 8)).toBeLessThan(low());
  });

  it('is measured over steps without a test, since those take longer', () => {
    const sheet = (step: number, seconds: number, testing = 0) => ({
      step,
      metrics: {
        'timing_s/step': seconds + testing,
        'timing_s/gen': seconds / 2,
        'timing_s/update_actor': seconds / 4,
        'timing_s/testing': testing,
      },
    });
    const sheets = [sheet(1, 4), sheet(2, 2), sheet(3, 3, 20), sheet(4, 3), sheet(5, 3, 10)];
    expect(measuredOf({ id: 'a', name: 'otter' }, presetConfig('laptop'), sheets)).toMatchObject({
      step: 3,
      sampling: 1.5,
      training: 0.75,
      test: 15,
    });
    expect(measuredOf({ id: 'a', name: 'otter' }, presetConfig('laptop'), sheets.slice(2))).toBeNull();
  });

  it.each([
    [{ low: 480, high: 720 }, 'about 8 to 12 minutes'],
    [{ low: 50, high: 130 }, 'about 50 seconds to 2 minutes'],
    [{ low: 4100, high: 4100 }, 'about 68 minutes'],
    [{ low: 74, high: 270 }, 'about 1 to 4.5 minutes'],
    [{ low: 10_800, high: 36_000 }, 'about 3 to 10 hours'],
    [{ low: 3, high: 5.2 }, 'about 3 to 5 seconds'],
    [{ low: 259_200, high: 1_700_000 }, 'about 3 to 20 days'],
  ])('%j is "%s"', (range, words) => {
    expect(inTime(range)).toBe(words);
  });
});
