/**
 * A step is stored whole or not at all: whatever write of it fails, and whenever the worker that stores it is killed.
 */
import { expect, it, vi } from 'vitest';
import { QuotaError, RunLockedError } from '../../../src/store/errors';
import { stringify } from '../../../src/store/json';
import { exportLog, importLog } from '../../../src/store/log';
import { MemoryStore } from '../../../src/store/memory';
import type { RunWriter, Store } from '../../../src/store/store';
import { type FromWorker, killCheckpoint, killSizes, type ToWorker } from './append-worker';
import { collect, makeCheckpoint, makeInfo, makeSteps } from './records';
import { begin, fill, newName, open, raw } from './setup';

/** Everything in the database, table by table. */
const contents = (name: string) =>
  raw(name, async (database) => {
    const tables = [...database.objectStoreNames].filter((table) => table !== 'leases');
    return Promise.all(tables.map(async (table) => [table, await database.getAll(table)]));
  });

/** Lets the nth write of a table fail, as a full disk would. */
function failingPut(nth: number): { calls: () => number; restore: () => void } {
  const put = IDBObjectStore.prototype.put;
  let calls = 0;
  const spy = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (
    this: IDBObjectStore,
    ...args: Parameters<typeof put>
  ) {
    if (calls++ === nth) throw new DOMException('The disk is full.', 'QuotaExceededError');
    return put.apply(this, args);
  });
  return { calls: () => calls, restore: () => spy.mockRestore() };
}

it('whichever write of a step fails: nothing of it is stored, and the run goes on when there is room', async () => {
  const name = newName();
  const store = await open(name);
  const writer = await begin(store);
  await fill(writer, 2, [1]);
  const before = await contents(name);
  const { record, snapshot } = makeSteps(makeInfo('a'), 3)[2];
  for (let nth = 0; ; nth++) {
    const { calls, restore } = failingPut(nth);
    const appending = writer.append(record, snapshot, makeCheckpoint(2));
    const outcome = await appending.then(
      () => null,
      (error: unknown) => error,
    );
    restore();
    if (outcome === null) {
      expect(nth).toBe(calls());
      expect(nth).toBeGreaterThan(8);
      break;
    }
    expect(outcome).toBeInstanceOf(QuotaError);
    expect(await contents(name)).toEqual(before);
  }
  expect((await collect(writer.steps())).at(-1)).toEqual(record);
});

it('a transaction that is undone at its very end leaves nothing', async () => {
  const name = newName();
  const writer = await begin(await open(name));
  await fill(writer, 2);
  const before = await contents(name);
  const { record, snapshot } = makeSteps(makeInfo('a'), 3)[2];
  // The last thing an append writes is the run's new step.
  const put = IDBObjectStore.prototype.put;
  const spy = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (
    this: IDBObjectStore,
    ...args: Parameters<typeof put>
  ) {
    const request = put.apply(this, args);
    if (this.name === 'runs') request.addEventListener('success', () => this.transaction.abort());
    return request;
  });
  await expect(writer.append(record, snapshot)).rejects.toThrow(
    /could not use its database.*every step before/,
  );
  spy.mockRestore();
  expect(await contents(name)).toEqual(before);
});

function startWorker(name: string, run: string) {
  const worker = new Worker(new URL('./append-worker.ts', import.meta.url), { type: 'module' });
  const heard: FromWorker[] = [];
  let wake: () => void = () => {};
  worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
    heard.push(data);
    wake();
  });
  worker.postMessage({ name, run } satisfies ToWorker);
  const hear = async (sounds: (message: FromWorker) => boolean) => {
    while (!heard.some(sounds)) await new Promise<void>((resolve) => (wake = resolve));
  };
  return { worker, heard, hear };
}

/** The lock of a killed worker goes a moment after it. */
async function openWhenFree(store: Store, run: string): Promise<RunWriter> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await store.openRun(run);
    } catch (error) {
      if (!(error instanceof RunLockedError) || attempt === 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

it('a worker killed while it stores leaves whole steps only, all that it said it had stored, and no lock', async () => {
  const name = newName();
  const store = await open(name);
  await store.createRun(makeInfo('a'));
  let stored = -1;
  const middles: boolean[] = [];
  for (let kill = 0; kill < 10; kill++) {
    const { worker, heard, hear } = startWorker(name, 'a');
    await hear((message) => 'step' in message || 'failed' in message);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 80));
    worker.terminate();
    const said = heard.flatMap((message) => ('step' in message ? [message.step] : []));
    expect(heard.filter((message) => 'failed' in message)).toEqual([]);
    expect(said[0]).toBe(stored + 1);

    const writer = await openWhenFree(store, 'a');
    const { step } = await writer.info();
    expect(step).toBeGreaterThanOrEqual(said.at(-1)!);
    middles.push(step > said.at(-1)!);
    const expected = makeSteps(makeInfo('a'), step + 1, killSizes);
    const steps = await collect(writer.steps(Math.max(0, stored)));
    expect(steps.map((record) => record.step)).toEqual(
      Array.from({ length: step + 1 - Math.max(0, stored) }, (_, index) => Math.max(0, stored) + index),
    );
    // As text: comparing a hundred thousand numbers one by one takes seconds.
    expect(stringify(steps.at(-1))).toBe(stringify(expected[step].record));
    expect(await writer.snapshot()).toEqual(expected[step].snapshot);
    expect((await writer.episodes({ limit: 1 }))[0].id).toBe((step + 1) * killSizes.episodes);
    expect((await writer.tasks()).length).toBe((step + 1) * killSizes.tasks);
    expect((await writer.metrics()).length).toBe(step + 1);
    for (const checkpoint of await writer.checkpoints()) {
      const { files } = await writer.checkpoint(checkpoint.step);
      expect(stringify(files)).toBe(stringify(killCheckpoint(checkpoint.step)!.files));
    }
    await writer.release();
    stored = step;
  }
  console.info(
    `${stored + 1} steps in 10 lives; stored but not yet said when killed: ${middles.filter(Boolean).length}`,
  );
  const copy = new MemoryStore();
  const imported = await importLog(exportLog(await store.readRun('a')), copy);
  expect(imported).toMatchObject({ complete: true, steps: stored + 1 });
});

it('a run that a worker writes is refused here until the worker is gone', async () => {
  const name = newName();
  const store = await open(name);
  await store.createRun(makeInfo('a'));
  const { worker, hear } = startWorker(name, 'a');
  await hear((message) => 'open' in message);
  await expect(store.openRun('a')).rejects.toBeInstanceOf(RunLockedError);
  await expect(store.openRun('a')).rejects.toThrow(/open in another tab or worker/);
  await expect(store.deleteRun('a')).rejects.toBeInstanceOf(RunLockedError);
  expect((await (await store.readRun('a')).info()).id).toBe('a');
  const second = startWorker(name, 'a');
  await second.hear((message) => 'failed' in message);
  expect(second.heard).toEqual([{ failed: 'RunLockedError' }]);
  second.worker.terminate();
  worker.terminate();
  await (await openWhenFree(store, 'a')).release();
});
