/**
 * Databases of earlier versions are brought to the present one: all migrations that they lack, in order, all or nothing.
 */
import { openDB } from 'idb';
import { describe, expect, it } from 'vitest';
import { type Migration, migrations, openDatabase } from '../../../src/store/database';
import { NewerVersionError, StoreUnavailableError } from '../../../src/store/errors';
import { openStore } from '../../../src/store/indexed';
import { collect, makeInfo, makeSteps } from './records';
import { begin, fill, newName, open, raw } from './setup';

/**
 * The schema as it might have been before the first: metrics lay in the steps, and tasks had no table of solve rates. With a
 * migration from there, today's database is version 2 of it.
 */
const older: Migration = (database) => {
  database.createObjectStore('runs', { keyPath: 'id' });
  database.createObjectStore('oldSteps', { keyPath: ['run', 'step'] });
};

const fromOlder: Migration = async (database, transaction) => {
  const old = await transaction.objectStore('oldSteps').getAll();
  const runs = await transaction.objectStore('runs').getAll();
  database.deleteObjectStore('oldSteps');
  database.deleteObjectStore('runs');
  await migrations[0](database, transaction);
  for (const run of runs) await transaction.objectStore('runs').put({ ...run, parent: null });
  for (const { metrics, buffers, ...step } of old) {
    await transaction.objectStore('steps').put({ ...step, tasks: [], episodes: 0, updates: [], alerts: [] });
    await transaction.objectStore('metrics').put({ run: step.run, step: step.step, metrics });
    await transaction
      .objectStore('snapshots')
      .put({ run: step.run, step: step.step, nextTask: 1, nextEpisode: 1, buffers, state: {} });
  }
};

const buffers = { deduction: [], abduction: [], induction: [], error: [] };

async function oldDatabase(): Promise<string> {
  const name = newName();
  const database = await openDB(name, 1, {
    upgrade: (opened, _, __, transaction) => void older(opened, transaction as never),
  });
  const { parent: _, ...info } = makeInfo('a', { step: 2 });
  await database.put('runs', info);
  for (const step of [0, 1, 2]) {
    await database.put('oldSteps', { run: 'a', step, at: step, metrics: { loss: 3 - step }, buffers });
  }
  database.close();
  return name;
}

describe('a database', () => {
  it('that is new has every table', async () => {
    const name = newName();
    await open(name);
    const tables = await raw(name, async (database) => [...database.objectStoreNames]);
    expect(tables).toEqual(
      [
        'runs',
        'steps',
        'metrics',
        'tasks',
        'rates',
        'episodes',
        'snapshots',
        'checkpoints',
        'pieces',
        'leases',
      ].sort(),
    );
    expect(await raw(name, async (database) => database.version)).toBe(migrations.length);
  });

  it('of an older version is brought to this one with all it holds', async () => {
    const name = await oldDatabase();
    (await openDatabase(name, [older, fromOlder])).close();
    expect(await raw(name, async (database) => database.version)).toBe(2);
    const read = await raw(name, async (database) => ({
      runs: await database.getAll('runs'),
      metrics: await database.getAll('metrics'),
      steps: await database.count('steps'),
      snapshot: await database.get('snapshots', ['a', 2]),
    }));
    expect(read).toEqual({
      runs: [makeInfo('a', { step: 2 })],
      metrics: [0, 1, 2].map((step) => ({ run: 'a', step, metrics: { loss: 3 - step } })),
      steps: 3,
      snapshot: { run: 'a', step: 2, nextTask: 1, nextEpisode: 1, buffers, state: {} },
    });
  });

  it('runs only the migrations that it lacks, in order, and none when it is opened again', async () => {
    const name = newName();
    const ran: number[] = [];
    const note =
      (version: number): Migration =>
      (database) => {
        ran.push(version);
        database.createObjectStore(`table ${version}`);
      };
    (await openDatabase(name, [note(1)])).close();
    (await openDatabase(name, [note(1), note(2), note(3)])).close();
    (await openDatabase(name, [note(1), note(2), note(3)])).close();
    expect(ran).toEqual([1, 2, 3]);
  });

  it.each<[string, Migration]>([
    [
      'at once',
      () => {
        throw new Error('a mistake');
      },
    ],
    [
      'half way',
      async (database, transaction) => {
        database.createObjectStore('half');
        await transaction.objectStore('oldSteps').clear();
        throw new Error('a mistake');
      },
    ],
  ])('whose migration fails %s stays what it was, and says so', async (_, failing) => {
    const name = await oldDatabase();
    const opening = openDatabase(name, [older, failing]);
    await expect(opening).rejects.toBeInstanceOf(StoreUnavailableError);
    await expect(opening).rejects.toThrow(
      /could not be brought to this version \(a mistake\): nothing was changed/,
    );
    const left = await raw(name, async (database) => ({
      version: database.version,
      tables: [...database.objectStoreNames],
      steps: await database.count('oldSteps'),
    }));
    expect(left).toEqual({ version: 1, tables: ['oldSteps', 'runs'], steps: 3 });
  });

  it('of a later version is refused', async () => {
    const name = newName();
    (await openDatabase(name, [older, fromOlder])).close();
    await expect(openStore(name)).rejects.toBeInstanceOf(NewerVersionError);
  });
});

describe('a newer version in another tab', () => {
  const newer: Migration[] = [...migrations, (database) => void database.createObjectStore('more')];

  it('is given the database at once if nobody writes; the older tab is told to reload', async () => {
    const name = newName();
    const store = await open(name);
    const writer = await begin(store);
    await fill(writer, 1);
    await writer.release();
    const database = await openDatabase(name, newer);
    await expect(store.runs()).rejects.toThrow(
      /a newer Zeroloop in another tab has taken over.*reload the page/,
    );
    database.close();
  });

  it('waits while a run is written, and says which tab to close; the run loses nothing', async () => {
    const name = newName();
    const store = await open(name);
    const writer = await begin(store);
    const opening = openDatabase(name, newer);
    await expect(opening).rejects.toBeInstanceOf(StoreUnavailableError);
    await expect(opening).rejects.toThrow(/older Zeroloop holds the database: close that tab/);
    const [{ record, snapshot }] = makeSteps(makeInfo('a'), 1);
    await writer.append(record, snapshot);
    expect(await collect(writer.steps())).toEqual([record]);
    await writer.release();
    const database = await openDatabase(name, newer);
    expect(await database.read(['steps'], (transaction) => transaction.objectStore('steps').count())).toBe(1);
    database.close();
  });
});
