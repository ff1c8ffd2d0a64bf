/**
 * @file What this browser has sent to a remote node and not heard of yet, in a small database of its own: whoever drops it loses no run.
 * Fulfils the Journal of engine/remote.
 */

import { type DBSchema, type IDBPDatabase, openDB } from 'idb';

interface Schema extends DBSchema {
  notes: { key: string; value: unknown };
}

export class NodeJournal {
  private constructor(private readonly database: IDBPDatabase<Schema>) {}

  static async open(name = 'zeroloop-node'): Promise<NodeJournal> {
    const database = await openDB<Schema>(name, 1, {
      upgrade: (fresh) => void fresh.createObjectStore('notes'),
    });
    return new NodeJournal(database);
  }

  /** Of one moment: keys and values belong together. */
  async entries(): Promise<[string, unknown][]> {
    const { store } = this.database.transaction('notes');
    const [keys, values] = await Promise.all([store.getAllKeys(), store.getAll()]);
    return keys.map((key, i) => [key, values[i]]);
  }

  /** Returns when it is on the disk: only then may the request be sent. */
  async set(key: string, value: unknown): Promise<void> {
    const transaction = this.database.transaction('notes', 'readwrite', { durability: 'strict' });
    await Promise.all([transaction.store.put(value, key), transaction.done]);
  }

  async delete(key: string): Promise<void> {
    await this.database.delete('notes', key);
  }

  close(): void {
    this.database.close();
  }
}
