/** The store in the browser's database keeps the promises of every store, and leaves nothing behind that nobody can reach. */
import { deleteDB } from 'idb';
import { describe, expect, it } from 'vitest';
import { type Piece, tables } from '../../../src/store/database';
import { openStore } from '../../../src/store/indexed';
import { describeStore } from './contract';
import { makeCheckpoint, makeInfo, makeSteps } from './records';
import { begin, fill, newName, open, raw } from './setup';

let count = 0;

describeStore("the store in the browser's database", async () => {
  const name = `contract ${count++}`;
  const store = await openStore(name);
  const dispose = async () => {
    store.close();
    await deleteDB(name);
  };
  return { store, dispose };
});

describe('what is forgotten is gone from every table', () => {
  const keys = (name: string, table: string) => raw(name, (database) => database.getAllKeys(table));
  const stepsOf = async (name: string, table: string) =>
    new Set((await keys(name, table)).map((key) => (key as [string, number])[1]));

  it('thinned checkpoints, with their weights and snapshots', async () => {
    const name = newName();
    const writer = await begin(await open(name));
    await fill(writer, 6, [1, 2, 3, 4]);
    expect(await stepsOf(name, 'checkpoints')).toEqual(new Set([1, 3, 4]));
    expect(await stepsOf(name, 'pieces')).toEqual(new Set([1, 3, 4]));
    expect(await stepsOf(name, 'snapshots')).toEqual(new Set([0, 1, 3, 4, 5]));
  });

  it('steps after the one that a run goes back to', async () => {
    const name = newName();
    const store = await open(name);
    const writer = await begin(store);
    await fill(writer, 3, [2]);
    const before = await Promise.all(tables.map((table) => keys(name, table)));
    for (const { record, snapshot } of makeSteps(makeInfo('a'), 6).slice(3)) {
      await writer.append(record, snapshot, makeCheckpoint(record.step));
    }
    await writer.rewind(2);
    expect(await Promise.all(tables.map((table) => keys(name, table)))).toEqual(before);
  });

  it('a deleted run', async () => {
    const name = newName();
    const store = await open(name);
    const writer = await begin(store);
    await fill(writer, 5, [2]);
    await writer.release();
    await store.deleteRun('a');
    for (const table of tables) expect(await keys(name, table), table).toEqual([]);
  });

  it('weights larger than one piece come back whole', async () => {
    const name = newName();
    const writer = await begin(await open(name));
    const [{ record, snapshot }] = makeSteps(makeInfo('a'), 1);
    const large = Uint8Array.from({ length: 2 ** 24 + 5 }, (_, index) => index * 7);
    const files = {
      large: large,
      exact: large.slice(0, 2 ** 24),
      empty: new Uint8Array(),
      view: large.subarray(3, 9),
    };
    await writer.append(record, snapshot, { step: 0, at: 0, bytes: 1, files });
    const stored = (await writer.checkpoint(0)).files;
    expect(Object.keys(stored)).toEqual(Object.keys(files));
    for (const [file, bytes] of Object.entries(files))
      expect(indexedDB.cmp(stored[file], bytes), file).toBe(0);
    // Of a view, a browser stores all that lies under it: each piece must be no more than itself.
    const pieces: Piece[] = await raw(name, (database) => database.getAll('pieces'));
    for (const { bytes } of pieces) expect(bytes.buffer.byteLength).toBe(bytes.length);
    expect(pieces).toHaveLength(4);
  });
});
