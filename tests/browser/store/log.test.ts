/** The log between real stores in the browser; that it survives every cut and every edit is shown in tests/unit/store/log.test.ts. */
import { expect, it } from 'vitest';
import { exportLog, importLog, openLog } from '../../../src/store/log';
import { MemoryStore } from '../../../src/store/memory';
import { collect } from './records';
import { begin, fill, open } from './setup';

it('a run goes from one database to another and is equal there, record for record', async () => {
  const store = await open();
  const writer = await begin(store);
  await fill(writer, 7, [2, 4], { episodes: 100 });
  const other = await open();
  const imported = await importLog(exportLog(writer), other);
  expect(imported).toMatchObject({ complete: true, steps: 7, episodes: 700, checkpoints: [2, 4] });
  const copy = await other.readRun('a');
  expect(await copy.info()).toEqual({ ...(await writer.info()), status: 'paused' });
  expect(await collect(copy.steps())).toEqual(await collect(writer.steps()));
  expect(await copy.tasks()).toEqual(await writer.tasks());
  expect(await copy.snapshot()).toEqual(await writer.snapshot());
  expect(await copy.episodes({ role: 'solve', mode: 'deduction' })).toEqual(
    await writer.episodes({ role: 'solve', mode: 'deduction' }),
  );
  const bytes = async (run: Parameters<typeof exportLog>[0]) =>
    new Uint8Array(await new Response(exportLog(run, { gzip: false }) as never).arrayBuffer());
  const text = new TextDecoder().decode(await bytes(copy));
  // The second time it has no checkpoints, which is all that differs.
  expect(text.split('\n')).toHaveLength(10);
});

it('a zipped log that ends early gives its whole steps here too', async () => {
  const store = new MemoryStore();
  const writer = await begin(store);
  await fill(writer, 6);
  const zipped = new Uint8Array(await new Response(exportLog(writer) as never).arrayBuffer());
  const counts: number[] = [];
  for (let end = zipped.length - 1; end > 200; end -= Math.ceil(zipped.length / 25)) {
    const log = await openLog(new Blob([zipped.slice(0, end)]).stream()).catch(() => null);
    const steps = log ? await collect(log.steps) : [];
    if (log) expect(log.ending).toMatchObject({ complete: false, steps: steps.length });
    counts.push(steps.length);
  }
  expect(counts[0]).toBe(6);
  expect(counts).toEqual([...counts].sort((a, b) => b - a));
  expect(new Set(counts).size).toBeGreaterThan(3);
});

it('an import into a database without room leaves nothing there', async () => {
  const store = await open();
  const writer = await begin(store);
  await fill(writer, 3);
  const put = IDBObjectStore.prototype.put;
  let calls = 0;
  IDBObjectStore.prototype.put = function (...args) {
    if (calls++ === 15) throw new DOMException('full', 'QuotaExceededError');
    return put.apply(this, args);
  };
  try {
    await expect(importLog(exportLog(writer), store, { id: 'b' })).rejects.toThrow(/no room left/);
  } finally {
    IDBObjectStore.prototype.put = put;
  }
  expect((await store.runs()).map(({ id }) => id)).toEqual(['a']);
});
