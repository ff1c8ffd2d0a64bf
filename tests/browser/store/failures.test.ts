/**
 * What can go wrong under a store: each has a name and says what to do, and nothing that was stored is lost.
 */
import { openDB } from 'idb';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  CorruptRecordError,
  NewerVersionError,
  RunLockedError,
  RunReleasedError,
  StoreUnavailableError,
} from '../../../src/store/errors';
import { openStore } from '../../../src/store/indexed';
import { logVersion } from '../../../src/store/records';
import { askToPersist } from '../../../src/store/storage';
import { until } from '../../doubles/until';
import { collect, makeInfo, makeSteps } from './records';
import { begin, fill, newName, open, raw } from './setup';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe('a browser without a database', () => {
  it.each(['SecurityError', 'InvalidStateError', 'UnknownError'])('(%s) is told so', async (name) => {
    vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(() => {
      throw new DOMException('Not here.', name);
    });
    const opening = openStore(newName());
    await expect(opening).rejects.toBeInstanceOf(StoreUnavailableError);
    await expect(opening).rejects.toThrow(/no database.*\(Not here\.\): leave private mode/);
  });

  it('(none at all) is told so', async () => {
    vi.stubGlobal('indexedDB', undefined);
    await expect(openStore('none')).rejects.toThrow(/leave private mode, allow site data/);
  });
});

describe('usage', () => {
  it('is what the browser says, and grows', async () => {
    const store = await open();
    const before = await store.usage();
    const writer = await begin(store);
    await fill(writer, 3, [], { episodes: 500, prompt: 2000 });
    const after = await store.usage();
    expect(after.bytes).toBeGreaterThan(before.bytes);
    expect(after.quota).toBeGreaterThan(after.bytes);
    expect(after.persistent).toBe(false);
  });

  it('is promised to be kept where the browser agrees', async () => {
    vi.spyOn(StorageManager.prototype, 'persist').mockResolvedValue(true);
    vi.spyOn(StorageManager.prototype, 'persisted').mockResolvedValue(true);
    expect(await askToPersist()).toBe(true);
    expect(await (await open()).usage()).toMatchObject({ persistent: true });
    vi.spyOn(StorageManager.prototype, 'persist').mockRejectedValue(new TypeError('no'));
    expect(await askToPersist()).toBe(false);
  });
});

describe('a damaged record', () => {
  type Row = Record<string, unknown>;
  const first = (row: Row, field: string) => (row[field] as Row[])[0];

  /** A run of five steps in which one row was changed. */
  async function damaged(table: string, key: IDBValidKey, damage: (row: Row) => Row | undefined) {
    const name = newName();
    const store = await open(name);
    const writer = await begin(store);
    await fill(writer, 5, [2]);
    await writer.release();
    const run = await store.readRun('a');
    await raw(name, async (database) => {
      const row = damage(structuredClone(await database.get(table, key)));
      if (row) await database.put(table, row);
      else await database.delete(table, key);
    });
    return { store, run };
  }

  it.each<[string, string, IDBValidKey, (row: Row) => Row | undefined, RegExp]>([
    [
      'episodes without a number',
      'episodes',
      ['a', 13],
      (row) => ({ ...row, tokens: new Int32Array(3) }),
      /the episodes from 13 cannot be read \(tokens are missing\); go back to a checkpoint before step 2/,
    ],
    [
      'episodes without a field',
      'episodes',
      ['a', 13],
      (row) => {
        delete first(row, 'episodes').reward;
        return row;
      },
      /"\.episodes\[0\]\.reward" is not what was written/,
    ],
    [
      'episodes out of order',
      'episodes',
      ['a', 13],
      (row) => ({ ...row, episodes: (row.episodes as Row[]).toReversed() }),
      /follows/,
    ],
    [
      'episodes that are gone',
      'episodes',
      ['a', 13],
      () => undefined,
      /the episodes of step 2 cannot be read \(6 were written and 0 are there\)/,
    ],
    [
      'a task',
      'tasks',
      ['a', 5],
      (row) => ({ ...row, task: { ...(row.task as Row), pairs: [['(1,)']] } }),
      /task 5 cannot be read \("\.task\.pairs\[0\]"/,
    ],
    ['a task that is gone', 'tasks', ['a', 5], () => undefined, /task 5 cannot be read \(it is missing\)/],
    [
      'metrics',
      'metrics',
      ['a', 2],
      (row) => ({ ...row, metrics: { loss: 'low' } }),
      /the metrics of step 2/,
    ],
    [
      'a step',
      'steps',
      ['a', 2],
      (row) => ({ ...row, updates: [{ task: 'x' }] }),
      /step 2 cannot be read \("\.updates\[0\]\.task"/,
    ],
  ])(
    '%s is named when steps are read, and those before it are sound',
    async (_, table, key, damage, message) => {
      const { run } = await damaged(table, key, damage);
      const read: number[] = [];
      const reading = (async () => {
        for await (const { step } of run.steps()) read.push(step);
      })();
      await expect(reading).rejects.toBeInstanceOf(CorruptRecordError);
      await expect(reading).rejects.toThrow(message);
      await expect(reading).rejects.toMatchObject({ run: 'a' });
      expect(read).toEqual([0, 1]);
    },
  );

  it('at the very end is noticed too', async () => {
    const { run } = await damaged('steps', ['a', 4], () => undefined);
    await expect(collect(run.steps())).rejects.toThrow(/step 4 cannot be read \(it is missing\)/);
    expect(await collect(run.steps(0, 3))).toHaveLength(4);
  });

  it('does not keep the run from going back to before it', async () => {
    const { store } = await damaged('episodes', ['a', 19], () => undefined);
    const writer = await store.openRun('a');
    await expect(collect(writer.steps())).rejects.toBeInstanceOf(CorruptRecordError);
    await writer.rewind(2);
    expect(await collect(writer.steps())).toHaveLength(3);
  });

  it('among episodes: the pages before it can be read, and those behind it', async () => {
    const { run } = await damaged('episodes', ['a', 13], (row) => ({ ...row, prompts: [] }));
    expect((await run.episodes({ limit: 12 })).map(({ id }) => id)).toEqual(
      Array.from({ length: 12 }, (_, index) => 30 - index),
    );
    await expect(run.episodes({ before: 19 })).rejects.toThrow(/the episodes from 13/);
    expect(await run.episodes({ before: 13 })).toHaveLength(12);
  });

  it('the last snapshot: the run is refused a step, and goes on from a checkpoint', async () => {
    const { store } = await damaged('snapshots', ['a', 4], (row) => ({ ...row, buffers: {} }));
    const writer = await store.openRun('a');
    await expect(writer.snapshot()).rejects.toThrow(
      /the snapshot of step 4 .*go back to a checkpoint before step 4/,
    );
    const steps = makeSteps(makeInfo('a'), 6);
    await expect(writer.append(steps[5].record, steps[5].snapshot)).rejects.toBeInstanceOf(
      CorruptRecordError,
    );
    await writer.rewind(2);
    await writer.append(steps[3].record, steps[3].snapshot);
    expect((await writer.info()).step).toBe(3);
  });

  it('of a checkpoint: a missing piece is told, and not loaded as zeros', async () => {
    const { run } = await damaged('pieces', ['a', 2, 'model.safetensors', 0], () => undefined);
    await expect(run.checkpoint(2)).rejects.toThrow(
      /"model\.safetensors" of the checkpoint of step 2 .*ends after 0 of 10 bytes/,
    );
  });

  it('the run itself: it is listed, says what is wrong, hides no other, and can be deleted', async () => {
    const { store } = await damaged('runs', 'a', (row) => ({ ...row, status: 'lost' }));
    await store.createRun(makeInfo('b'));
    expect((await store.runs()).map(({ id, name }) => [id, name])).toEqual([
      ['b', 'the run b'],
      ['a', 'a (damaged)'],
    ]);
    await expect(store.openRun('a')).rejects.toThrow(/its description cannot be read \("\.status"/);
    await expect(store.readRun('a')).rejects.toBeInstanceOf(CorruptRecordError);
    await store.deleteRun('a');
    expect((await store.runs()).map(({ id }) => id)).toEqual(['b']);
  });

  it('whose bytes the browser has lost is told as such', async () => {
    const { run } = await damaged('episodes', ['a', 1], (row) => row);
    // What Chromium says when the file of a large value is gone.
    const get = IDBObjectStore.prototype.getAll;
    vi.spyOn(IDBObjectStore.prototype, 'getAll').mockImplementation(function (this: IDBObjectStore, ...args) {
      const request = get.apply(this, args);
      Object.defineProperty(request, 'result', {
        get() {
          throw new DOMException('Failed to read large IndexedDB value', 'NotReadableError');
        },
      });
      request.addEventListener('success', (event) => {
        event.stopImmediatePropagation();
        request.dispatchEvent(new Event('error'));
      });
      Object.defineProperty(request, 'error', {
        value: new DOMException('Failed to read large IndexedDB value', 'NotReadableError'),
      });
      return request;
    });
    await expect(run.metrics()).rejects.toThrow(
      /metrics cannot be read \(Failed to read large IndexedDB value\)/,
    );
  });

  it('of a later version is refused', async () => {
    const { store } = await damaged('runs', 'a', (row) => ({ ...row, logVersion: logVersion + 1 }));
    await expect(store.openRun('a')).rejects.toBeInstanceOf(NewerVersionError);
    await expect(store.readRun('a')).rejects.toThrow(
      /Run "a" has version 2, and this Zeroloop reads up to version 1/,
    );
  });
});

describe('a second tab', () => {
  it('where the browser has no locks is refused too, until the first lets go or has died', async () => {
    vi.spyOn(Navigator.prototype, 'locks', 'get').mockReturnValue(undefined as unknown as LockManager);
    const name = newName();
    const [first, second] = [await open(name), await open(name)];
    const writer = await begin(first);
    await expect(second.openRun('a')).rejects.toBeInstanceOf(RunLockedError);
    await expect(second.deleteRun('a')).rejects.toBeInstanceOf(RunLockedError);
    await writer.release();
    const other = await second.openRun('a');
    await expect(first.openRun('a')).rejects.toBeInstanceOf(RunLockedError);

    // It dies: nobody renews its lease, and somebody takes it.
    await raw(name, async (database) => {
      await database.put('leases', { ...(await database.get('leases', 'a')), until: Date.now() - 1 });
    });
    const heir = await first.openRun('a');
    const [{ record, snapshot }] = makeSteps(makeInfo('a'), 1);
    // It was only asleep: it must not write any more.
    await expect(other.append(record, snapshot)).rejects.toBeInstanceOf(RunReleasedError);
    await heir.append(record, snapshot);
    expect(await collect(heir.steps())).toEqual([record]);
  });

  it('that closes its store lets go of its runs', async () => {
    const name = newName();
    const [first, second] = [await open(name), await open(name)];
    const writer = await begin(first);
    first.close();
    await until(async () => (await second.openRun('a')).release());
    await expect(writer.info()).rejects.toThrow(/The database is closed \(it was closed\): reload the page/);
  });

  it('whose browser data were cleared is told so', async () => {
    const writer = await begin(await open());
    vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(() => {
      throw new DOMException('The database connection is closing.', 'InvalidStateError');
    });
    await expect(writer.info()).rejects.toBeInstanceOf(StoreUnavailableError);
  });
});

describe('durability', () => {
  it('is strict for checkpoints, to which runs go back, and relaxed for steps between', async () => {
    const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction');
    const writer = await begin(await open());
    transaction.mockClear();
    await fill(writer, 3, [1]);
    expect(transaction.mock.calls.map(([, , options]) => options?.durability)).toEqual([
      'relaxed',
      'strict',
      'relaxed',
    ]);
  });
});

it('a database of a later version is refused and left alone', async () => {
  const name = newName();
  (await openDB(name, 99)).close();
  await expect(openStore(name)).rejects.toBeInstanceOf(NewerVersionError);
  await expect(openStore(name)).rejects.toThrow(
    /The database of this browser has version 99.*reload the page/,
  );
});
