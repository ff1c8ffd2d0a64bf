/** A store of its own for each test, and the same database opened raw, to break things in it. */
import { deleteDB, type IDBPDatabase, openDB } from 'idb';
import { onTestFinished } from 'vitest';
import { openStore } from '../../../src/store/indexed';
import type { RunWriter, Store } from '../../../src/store/store';
import { makeCheckpoint, makeInfo, makeSteps, type Sizes } from './records';

let count = 0;

export function newName(): string {
  const name = `test ${count++} ${Math.random()}`;
  onTestFinished(async () => {
    await deleteDB(name);
  });
  return name;
}

/** Closed, and then deleted, when the test is over. */
export async function open(name = newName()): Promise<Store> {
  const store = await openStore(name);
  onTestFinished(() => store.close());
  return store;
}

export async function begin(store: Store, id = 'a'): Promise<RunWriter> {
  await store.createRun(makeInfo(id));
  return store.openRun(id);
}

export async function fill(
  writer: RunWriter,
  steps: number,
  checkpoints: number[] = [],
  sizes?: Partial<Sizes>,
) {
  const made = makeSteps(makeInfo('a'), steps, sizes);
  for (const { record, snapshot } of made) {
    const checkpoint = checkpoints.includes(record.step) ? makeCheckpoint(record.step) : undefined;
    await writer.append(record, snapshot, checkpoint);
  }
  return made;
}

export async function raw<T>(name: string, use: (database: IDBPDatabase) => Promise<T>): Promise<T> {
  const database = await openDB(name);
  try {
    return await use(database);
  } finally {
    database.close();
  }
}
