/**
 * A long run: 100,000 episodes, of the lengths that a small model writes. Opening it, paging through it and adding to it stay under
 * 100 ms each; the figures are printed.
 */

import { deleteDB } from 'idb';
import { beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../../src/store/indexed';
import { exportLog } from '../../../src/store/log';
import type { Snapshot } from '../../../src/store/records';
import type { EpisodeQuery, RunWriter, Store } from '../../../src/store/store';
import { makeCheckpoint, makeInfo, makeStep } from './records';

const name = 'speed';
const sizes = { episodes: 400, tasks: 8, tokens: 200, prompt: 1500 };
const steps = 250;
const limitMs = 100;

const median = (times: number[]) => [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)];

/** The median of some runs, which must be below the limit. */
async function measure(
  what: string,
  runs: number,
  task: () => Promise<unknown>,
  limit = limitMs,
): Promise<void> {
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    await task();
    times.push(performance.now() - start);
  }
  const worst = Math.max(...times);
  console.info(
    `${what.padEnd(44)} ${median(times).toFixed(1).padStart(7)} ms, at worst ${worst.toFixed(1)} ms`,
  );
  expect(median(times), what).toBeLessThan(limit);
}

describe('with 100,000 episodes', () => {
  let store: Store;
  let writer: RunWriter;
  let last: Snapshot;
  let made = 0;

  async function append(episodes: number, checkpoint = false): Promise<number> {
    const { record, snapshot } = makeStep(last, made, { ...sizes, episodes });
    const start = performance.now();
    await writer.append(record, snapshot, checkpoint ? makeCheckpoint(made) : undefined);
    const ms = performance.now() - start;
    last = snapshot;
    made++;
    return ms;
  }

  beforeAll(async () => {
    await deleteDB(name);
    store = await openStore(name);
    await store.createRun(makeInfo('a'));
    writer = await store.openRun('a');
    last = await writer.snapshot();
    const times: number[] = [];
    while (made < steps) times.push(await append(sizes.episodes, made % 10 === 0));
    const { bytes } = await store.usage();
    console.info(
      `built in ${(times.reduce((sum, ms) => sum + ms, 0) / 1000).toFixed(1)} s; a step of ${sizes.episodes} episodes at the ` +
        `start ${median(times.slice(0, 50)).toFixed(1)} ms, at the end ${median(times.slice(-50)).toFixed(1)} ms; ` +
        `${(bytes / 2 ** 20).toFixed(0)} MiB, ${(bytes / (steps * sizes.episodes)).toFixed(0)} bytes an episode`,
    );
    return async () => {
      await writer.release();
      store.close();
      await deleteDB(name);
    };
  });

  it('opening a run takes less than 100 ms', async () => {
    await writer.release();
    await measure('open the database and the run, with its state', 7, async () => {
      const own = await openStore(name);
      const run = await own.openRun('a');
      const { buffers } = await run.snapshot();
      const tasks = await run.tasks(Object.values(buffers).flat().slice(-200));
      expect(tasks).toHaveLength(200);
      await Promise.all([run.info(), run.metrics(), run.checkpoints(), run.episodes()]);
      await run.release();
      own.close();
    });
    writer = await store.openRun('a');
  });

  it.each<[string, EpisodeQuery]>([
    ['the newest 50', {}],
    ['50 from the middle', { before: 50_000 }],
    ['50 of a mode and a role', { mode: 'induction', role: 'solve' }],
    ['50 of a mode and a role from the middle', { mode: 'abduction', role: 'propose', before: 50_000 }],
    ['50 of a step', { step: 100 }],
    ['50 of a role in a step', { step: 10, role: 'propose' }],
    ['those of a task', { task: 6000 }],
    ['those of a task that nobody tried', { task: 999_999 }],
    ['none of a mode that is off', { mode: 'error' }],
  ])('paging to %s takes less than 100 ms', async (what, query) => {
    await measure(what, 9, () => writer.episodes(query));
  });

  it('paging through a thousand episodes, page by page', async () => {
    let before: number | undefined;
    await measure('each page of twenty', 20, async () => {
      const page = await writer.episodes({ before });
      expect(page).toHaveLength(50);
      before = page.at(-1)!.id;
    });
  });

  it('appending takes less than 100 ms', async () => {
    const report = async (what: string, episodes: number, limit: number) => {
      const times: number[] = [];
      for (let run = 0; run < 9; run++) times.push(await append(episodes));
      console.info(
        `${what.padEnd(44)} ${median(times).toFixed(1).padStart(7)} ms, at worst ${Math.max(...times).toFixed(1)} ms`,
      );
      expect(median(times), what).toBeLessThan(limit);
    };
    await report('append a step of 400 episodes', 400, limitMs);
    // A step of so many takes a model minutes.
    await report('append a step of 2000 episodes', 2000, 5 * limitMs);
  });

  it('curves and tasks of the whole run', async () => {
    await measure('metrics of all steps', 5, () => writer.metrics());
    await measure('one task in all', 5, () => writer.tasks([1234]));
  });

  it('a checkpoint of 64 MiB goes in and out', async () => {
    const weights = new Uint8Array(2 ** 26);
    for (let start = 0; start < weights.length; start += 2 ** 16) {
      crypto.getRandomValues(weights.subarray(start, start + 2 ** 16));
    }
    const { record, snapshot } = makeStep(last, made++, sizes);
    last = snapshot;
    const checkpoint = {
      step: record.step,
      at: 0,
      bytes: weights.length,
      files: { 'model.safetensors': weights },
    };
    await measure(
      'append a step with 64 MiB of weights',
      1,
      () => writer.append(record, snapshot, checkpoint),
      10_000,
    );
    await measure('read 64 MiB of weights', 3, () => writer.checkpoint(record.step), 10_000);
  });

  it('exporting streams at a useful speed', async () => {
    const start = performance.now();
    let bytes = 0;
    const reader = exportLog(writer).getReader();
    const first = 3000;
    while (performance.now() - start < first) bytes += (await reader.read()).value?.length ?? 0;
    const seconds = (performance.now() - start) / 1000;
    await reader.cancel();
    const rate = bytes / 2 ** 20 / seconds;
    console.info(`${'export, zipped'.padEnd(44)} ${rate.toFixed(1).padStart(7)} MiB/s`);
    expect(rate).toBeGreaterThan(0.1);
  });
});
