/**
 * A full disk, for real: Chromium gives a part of its storage that has a limit of its own. (That every single write may fail is shown
 * with a double, in atomic.test.ts.)
 */
import { expect, it, onTestFinished, vi } from 'vitest';
import { QuotaError } from '../../../src/store/errors';
import { until } from '../../doubles/until';
import { collect, makeInfo, makeSteps } from './records';
import { begin, fill, open } from './setup';

interface Buckets {
  open(name: string, options: { quota: number }): Promise<{ indexedDB: IDBFactory }>;
  delete(name: string): Promise<void>;
}

const megabytes = 1_000_000;

/** Noise, since browsers compress what they store. */
function noise(bytes: number): Uint8Array {
  const made = new Uint8Array(bytes);
  for (let start = 0; start < bytes; start += 50_000) {
    crypto.getRandomValues(made.subarray(start, start + 50_000));
  }
  return made;
}

const weigh = (step: number, weights: Uint8Array) => ({
  step,
  at: 0,
  bytes: weights.length,
  files: { 'model.safetensors': weights },
});

it('a full disk pauses the run with a clear message; with room again the same step is stored', async () => {
  const { storageBuckets } = navigator as Navigator & { storageBuckets: Buckets };
  const bucket = await storageBuckets.open('small', { quota: 30 * megabytes });
  onTestFinished(() => storageBuckets.delete('small'));
  vi.stubGlobal('indexedDB', bucket.indexedDB);
  onTestFinished(() => void vi.unstubAllGlobals());

  const store = await open('in a small bucket');
  const old = await begin(store, 'old');
  const steps = makeSteps(makeInfo('a'), 3);
  await old.append(steps[0].record, steps[0].snapshot, weigh(0, noise(15 * megabytes)));
  await old.release();
  const writer = await begin(store);
  await fill(writer, 2);
  const { record, snapshot } = steps[2];
  const weights = noise(20 * megabytes);

  const appending = writer.append(record, snapshot, weigh(2, weights));
  await expect(appending).rejects.toBeInstanceOf(QuotaError);
  await expect(appending).rejects.toThrow(/no room left.* are in use.*delete old runs.*is stored\./);
  expect((await writer.info()).step).toBe(1);
  expect(await writer.checkpoints()).toEqual([]);
  expect(await collect(writer.steps())).toEqual(steps.slice(0, 2).map((step) => step.record));

  await store.deleteRun('old');
  await until(() => writer.append(record, snapshot, weigh(2, weights)), {
    timeout: 20_000,
    interval: 200,
  });
  const stored = (await writer.checkpoint(2)).files['model.safetensors'];
  expect(indexedDB.cmp(stored, weights)).toBe(0);
  expect((await collect(writer.steps())).at(-1)).toEqual(record);
});
