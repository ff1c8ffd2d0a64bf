/**
 * @file The Store in the browser's database. Works in a page and in a worker alike; any number of them may have it open.
 */

import { type Database, openDatabase, type Table, tables } from './database';
import { NewerVersionError, RunExistsError, StoreError, UnknownRunError } from './errors';
import { IndexedReader, IndexedWriter, infoOf, wholeRun } from './indexed-run';
import { type Hold, holdRun } from './locks';
import { logVersion, type RunInfo } from './records';
import { runInfo } from './shapes';
import { storageUsage } from './storage';
import type { CheckpointRule, RunReader, RunWriter, Store, Usage } from './store';
import { defaultRule } from './thinning';

export async function openStore(name = 'zeroloop'): Promise<Store> {
  return new IndexedStore(await openDatabase(name));
}

class IndexedStore implements Store {
  readonly #database: Database;
  readonly #holds = new Set<Hold>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Newest first. A damaged one is listed too, so that it can be deleted; opening it says what is wrong. */
  async runs(): Promise<RunInfo[]> {
    const rows: unknown[] = await this.#database.read(['runs'], (transaction) =>
      transaction.objectStore('runs').getAll(),
    );
    const infos = rows.map((row) => (runInfo(row) === null ? (row as RunInfo) : damaged(row)));
    return infos.sort((a, b) => b.createdAt - a.createdAt);
  }

  async createRun(info: RunInfo): Promise<void> {
    const fault = runInfo(info);
    if (fault !== null) throw new StoreError(`A run cannot be created: its "${fault}" is missing or wrong.`);
    if (info.logVersion > logVersion) throw new NewerVersionError('The run', info.logVersion, logVersion);
    await this.#database.write('relaxed', async (transaction) => {
      const runs = transaction.objectStore('runs');
      if ((await runs.getKey(info.id)) !== undefined) throw new RunExistsError(info.id);
      await runs.add(info);
    });
  }

  async openRun(id: string, rule: CheckpointRule = defaultRule): Promise<RunWriter> {
    await infoOf(this.#database, id);
    const hold = await this.#hold(id);
    try {
      await infoOf(this.#database, id); // it may have been deleted meanwhile
    } catch (error) {
      await hold.release();
      throw error;
    }
    return new IndexedWriter(this.#database, id, rule, hold);
  }

  async readRun(id: string): Promise<RunReader> {
    await infoOf(this.#database, id);
    return new IndexedReader(this.#database, id);
  }

  async deleteRun(id: string): Promise<void> {
    const hold = await this.#hold(id);
    try {
      await this.#database.write('relaxed', async (transaction) => {
        if ((await transaction.objectStore('runs').getKey(id)) === undefined) throw new UnknownRunError(id);
        const whole = (table: Table) => (table === 'runs' || table === 'leases' ? id : wholeRun(id));
        await Promise.all(
          tables
            .filter((table) => table !== 'leases')
            .map((table) => transaction.objectStore(table).delete(whole(table) as IDBKeyRange)),
        );
      });
    } finally {
      await hold.release();
    }
  }

  usage(): Promise<Usage> {
    return storageUsage();
  }

  close(): void {
    for (const hold of this.#holds) hold.release().catch(() => {});
    this.#database.close();
  }

  /** The run's lock, and with it the connection, which a newer version in another tab would otherwise be given. */
  async #hold(id: string): Promise<Hold> {
    const letGo = this.#database.keep();
    try {
      const held = await holdRun(this.#database, id);
      const hold: Hold = {
        check: held.check,
        release: async () => {
          this.#holds.delete(hold);
          try {
            await held.release();
          } finally {
            letGo();
          }
        },
      };
      this.#holds.add(hold);
      return hold;
    } catch (error) {
      letGo();
      throw error;
    }
  }
}

function damaged(row: unknown): RunInfo {
  const { id } = row as RunInfo; // the table's key: always there
  return {
    id,
    name: `${id} (damaged)`,
    createdAt: 0,
    logVersion,
    appVersion: '',
    seed: 0,
    config: null,
    backend: '',
    device: '',
    model: '',
    status: 'failed',
    step: 0,
    parent: null,
  };
}
