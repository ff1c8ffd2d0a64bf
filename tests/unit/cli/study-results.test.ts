/** What is kept of a study: it says how runs learned, and is never taken for the results of something else. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { learningOf, StudyResults, type Subject } from '../../../src/cli/study-results';

const folder = mkdtempSync(join(tmpdir(), 'zeroloop-results-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('how a run learned', () => {
  const step = (number: number, metrics: Record<string, number>) => ({ step: number, metrics });
  const played = Array.from({ length: 10 }, (_, i) =>
    step(i + 1, {
      'hindsight/tokens': 100,
      'actor/tokens': 10,
      'actor/updates': 3,
      'actor/lr': i === 2 ? 2e-4 : 1e-4,
      'timing_s/step': 2,
      'gate/pass_rate': 0.5,
      'gate/refused/invalid': i < 2 ? 0.25 : 0,
      'gate/refused/constant': 0.125,
      'gate/refused/held-out': 0.125, // sound, new and not trivial all the same
      'buffers/deduction/effort': i < 2 ? 2 : 6,
      'buffers/abduction/effort': i < 2 ? 4 : 8,
    }),
  );

  it('is told by its tokens, and its proposals over the first and the last fifth', () => {
    const seeds = step(0, { 'actor/tokens': 1_000_000, 'heldout/deduction': 0.5 });
    expect(learningOf([seeds, ...played])).toEqual({
      steps: 10,
      tokens: 1100,
      updates: 30,
      rate: 2e-4,
      seconds: 20,
      first: { good: 0.625, accepted: 0.5, effort: 3 },
      last: { good: 0.875, accepted: 0.5, effort: 7 },
      heldOut: [{ step: 0, metrics: { 'heldout/deduction': 0.5 } }],
    });
  });

  it('has no proposals to tell of where none were made', () => {
    expect(learningOf([step(1, { 'actor/tokens': 5 })])).toMatchObject({
      tokens: 5,
      last: { good: null, accepted: null, effort: null },
    });
  });
});

describe('results', () => {
  const subject: Subject = {
    weights: 'ab',
    tasks: 'sealed',
    limit: 200,
    steps: 500,
    mean: 0.25,
    settings: [],
  };
  const kept = {
    greedy: [{ id: 'a', mode: 'deduction' as const, level: 1, right: 1, exact: 0 }],
    sampled: [],
    learning: null,
  };

  it('are read as they were written', async () => {
    const results = await StudyResults.open(join(folder, 'one'), subject);
    expect(await results.has('base')).toBe(false);
    await results.write('base', kept);
    const again = await StudyResults.open(join(folder, 'one'), subject);
    expect(await again.has('base')).toBe(true);
    expect(await again.read('base')).toEqual(kept);
  });

  it('belong to one model, one set of tasks, and one length', async () => {
    await StudyResults.open(join(folder, 'two'), subject);
    for (const other of [
      { weights: 'cd' },
      { tasks: 'open' },
      { steps: 100 },
      { mean: 0 },
      { settings: ['batch=4'] },
    ]) {
      await expect(StudyResults.open(join(folder, 'two'), { ...subject, ...other })).rejects.toThrow(
        'are of another model, other tasks, steps or settings',
      );
    }
  });
});
