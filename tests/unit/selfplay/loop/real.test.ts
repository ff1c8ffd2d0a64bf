/**
 * The loop with the real engine and the real Python, in Node: a model that knows nothing yet, so that what is held here is that
 * everything fits together, and that a run which is interrupted ends as one which is not.
 */
import { describe, expect, it } from 'vitest';
import { type Config, readConfig } from '../../../../src/selfplay/config';
import { Loop } from '../../../../src/selfplay/loop';
import type { Players } from '../../../../src/selfplay/players';
import { readSeeds } from '../../../../src/selfplay/seeds';
import type { MemoryStore } from '../../../../src/store/memory';
import type { StepRecord } from '../../../../src/store/records';
import { knowsNothing, newGame, openReal } from '../../../doubles/real-players';

const small: Partial<Config> = {
  dialect: 'compact',
  batch: 4,
  steps: 6,
  references: 2,
  'induction.inputs': 2,
  'estimate.samples': 2,
  'seeding.factor': 0.5,
  'tokens.prompt': 200,
  'tokens.content': 150,
  'tokens.response': 24,
  'checkpoint.every': 4,
  'evaluate.every': 0,
  'optimizer.rate': 1e-2,
};

const source = knowsNothing;
const real = openReal();

const setting = (changes: Partial<Config> = {}) => newGame(real, readConfig({ ...small, ...changes }));

/** What must not depend on when it happened. */
function timeless({ at: _, metrics, ...rest }: StepRecord) {
  const lasting = Object.entries(metrics).filter(([name]) => !/^(timing_s|perf)\//.test(name));
  return { ...rest, metrics: Object.fromEntries(lasting) };
}

async function outcome(store: MemoryStore, loop: Loop) {
  const run = await store.readRun('run');
  const steps: unknown[] = [];
  for await (const record of run.steps()) steps.push(timeless(record));
  return { steps, snapshot: await run.snapshot(), weights: await loop.weights() };
}

describe('a task', () => {
  it('says how long f runs on each of its inputs, in calls and loop passes', async () => {
    const program =
      'def f(x):\n    for i in x:\n        for j in range(2):\n            i += j\n    return len(x)';
    const seeds = readSeeds(
      [
        { kind: 'program', program, input: '[5, 6, 7]' },
        { kind: 'induction', program, inputs: ['[]', '[8, 9]'], outputs: ['0', '2'], message: '' },
      ]
        .map((seed) => JSON.stringify(seed))
        .join('\n'),
    );
    const { store, players } = await setting({ steps: 0, 'gate.novelty': 'none' });
    const loop = await Loop.begin(await store.openRun('run'), source, players, { seeds });
    await loop.close();
    const run = await store.readRun('run');
    const efforts: unknown[] = [];
    for await (const { tasks } of run.steps())
      efforts.push(...tasks.map(({ mode, effort }) => [mode, effort]));
    // One call, and of three items three passes with two in each.
    expect(efforts).toEqual([
      ['deduction', [10]],
      ['abduction', [10]],
      ['induction', [1, 7]],
    ]);
  });
});

describe('a run', () => {
  it('plays, learns and stores its steps', async () => {
    const { store, players } = await setting();
    const run = await store.openRun('run');
    const loop = await Loop.begin(run, source, players);
    const record = await loop.advance();
    expect(record.episodes.filter(({ role }) => role === 'propose')).toHaveLength(12);
    expect(record.episodes.filter(({ advantage }) => advantage !== null)).toHaveLength(24);
    expect(record.metrics['actor/grad_norm']).toBeGreaterThan(0);
    await loop.close();
  });

  it.each<Partial<Config>>([{}, { 'hindsight.tasks': 2, 'loss.minibatches': 2 }])(
    'that is resumed in a new engine ends as if nothing had happened (%j)',
    async (changes) => {
      const whole = await setting(changes);
      const loop = await Loop.begin(await whole.store.openRun('run'), source, whole.players);
      while (!loop.finished) await loop.advance();
      const expected = await outcome(whole.store, loop);
      await loop.close();

      const broken = await setting(changes);
      let run = await broken.store.openRun('run');
      let part = await Loop.begin(run, source, broken.players);
      while (!part.finished) {
        await part.advance();
        await part.close();
        await run.release();
        run = await broken.store.openRun('run');
        part = await Loop.resume(run, broken.players);
      }
      expect(await outcome(broken.store, part)).toEqual(expected);
      await part.close();
    },
  );

  it('that goes on where numbers come out differently says so', async () => {
    const { store, players } = await setting();
    const run = await store.openRun('run');
    const loop = await Loop.begin(run, source, players);
    await loop.advance();
    await loop.close();
    const another: Players['engine'] = Object.create(real.engine);
    another.forwardBackward = async (...call) => {
      const report = await real.engine.forwardBackward(...call);
      return { ...report, loss: report.loss + 1 };
    };
    const resumed = await Loop.resume(run, { ...players, engine: another });
    const { alerts } = await resumed.advance();
    expect(alerts.find(({ kind }) => kind === 'drift')?.message).toMatch(
      /^The update of step 1 was repeated/,
    );
    await resumed.close();
  });
});
