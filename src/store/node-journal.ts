/**
 * @file What runs of this browser have sent to a remote node and not heard of yet, in a small database of its own: whoever drops it loses
 * no run. Fulfils the Journal of engine/remote; each run has its own, since several tabs may play several runs on nodes.
 */

import { type DBSchema, type IDBPDatabase, openDB } from 'idb';

type NoteKey = [run: string, key: string];

interface Schema extends DBSchema {
  notes: { key: NoteKey; value: unknown };
}

const defaultName = 'zeroloop-node';

const openNotes = (name: string) =>
  openDB<Schema>(name, 1, { upgrade: (fresh) => void fresh.createObjectStore('notes') });

export class NodeJournal {
  private constructor(
    private readonly database: IDBPDatabase<Schema>,
    private readonly run: string,
  ) {}

  static async open(run: string, name = defaultName): Promise<NodeJournal> {
    return new NodeJournal(await openNotes(name), run);
  }

  /** Of a run that is no more. */
  static async forget(run: string, name = defaultName): Promise<void> {
    const database = await openNotes(name);
    await database.delete('notes', notesOf(run));
    database.close();
  }

  /** Of one moment: keys and values belong together. */
  async entries(): Promise<[string, unknown][]> {
    const { store, done } = this.database.transaction('notes');
    const range = notesOf(this.run);
    const [keys, values] = await Promise.all([store.getAllKeys(range), store.getAll(range), done]);
    return keys.map(([, key], i) => [key, values[i]]);
  }

  /** Returns when it is on the disk: only then may the request be sent. */
  async set(key: string, value: unknown): Promise<void> {
    const transaction = this.database.transaction('notes', 'readwrite', { durability: 'strict' });
    await Promise.all([transaction.store.put(value, [this.run, key]), transaction.done]);
  }

  async delete(key: string): Promise<void> {
    await this.database.delete('notes', [this.run, key]);
  }

  close(): void {
    this.database.close();
  }
}

/** In the order of keys an array comes after every text. */
const notesOf = (run: string) => IDBKeyRange.bound([run], [run, []]);
