/**
 * @file The database itself: its tables, how older ones become today's, and one way to read and to write.
 *
 * Everything is keyed by run first, then by step or id, so that a run, or the end of a run, is one range in each table. The version
 * of the database is the number of migrations; opening an older one runs those it lacks, in order and in one transaction: a
 * migration that fails leaves what was there.
 */

import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB, type StoreNames } from 'idb';
import type { Chunk } from './chunks';
import { NewerVersionError, QuotaError, StoreError, StoreUnavailableError } from './errors';
import type { Alert, Checkpoint, Lesson, RunInfo, Snapshot, Task, TaskUpdate } from './records';
import { storageUsage } from './storage';

export interface Schema extends DBSchema {
  runs: { key: string; value: RunInfo };
  steps: { key: RunKey; value: StepRow };
  metrics: { key: RunKey; value: { run: string; step: number; metrics: Record<string, number> } };
  /** As they were accepted; what has changed since is in `rates`. */
  tasks: { key: RunKey; value: { run: string; id: number; task: Task } };
  /** The latest solve rate of each task that had one after it was accepted. */
  rates: { key: RunKey; value: { run: string; task: number; solveRate: number } };
  episodes: { key: RunKey; value: Chunk; indexes: { keys: (string | number)[] } };
  /** Of the first step, of each checkpoint, and of the last step. */
  snapshots: { key: RunKey; value: Snapshot & { run: string } };
  checkpoints: { key: RunKey; value: CheckpointRow };
  /** Files of checkpoints, cut up: browsers limit the size of a value. */
  pieces: { key: [string, number, string, number]; value: Piece };
  /** Who writes to a run, in browsers without locks (locks.ts). */
  leases: { key: string; value: Lease };
}

type RunKey = [run: string, stepOrId: number];

/** A step without what has tables of its own. */
export interface StepRow {
  run: string;
  step: number;
  at: number;
  /** Ids of the tasks accepted in it. */
  tasks: number[];
  /** How many episodes it has. */
  episodes: number;
  updates: TaskUpdate[];
  alerts: Alert[];
  lessons?: Lesson[];
}

export interface CheckpointRow extends Omit<Checkpoint, 'files'> {
  files: { name: string; bytes: number }[];
}

export interface Piece {
  run: string;
  step: number;
  file: string;
  index: number;
  bytes: Uint8Array;
}

export interface Lease {
  run: string;
  owner: string;
  /** Milliseconds since 1970: from then on anybody may take it. */
  until: number;
}

type Upgrading = IDBPTransaction<unknown, string[], 'versionchange'>;

/** From one version to the next. It may wait for nothing but the database. */
export type Migration = (database: IDBPDatabase<unknown>, transaction: Upgrading) => void | Promise<void>;

/** Never change one that was released: add another. */
export const migrations: readonly Migration[] = [
  (database) => {
    database.createObjectStore('runs', { keyPath: 'id' });
    for (const name of ['steps', 'metrics', 'snapshots', 'checkpoints']) {
      database.createObjectStore(name, { keyPath: ['run', 'step'] });
    }
    database.createObjectStore('tasks', { keyPath: ['run', 'id'] });
    database.createObjectStore('rates', { keyPath: ['run', 'task'] });
    const episodes = database.createObjectStore('episodes', { keyPath: ['run', 'first'] });
    episodes.createIndex('keys', 'keys', { multiEntry: true });
    database.createObjectStore('pieces', { keyPath: ['run', 'step', 'file', 'index'] });
    database.createObjectStore('leases', { keyPath: 'run' });
  },
];

export type Table = StoreNames<Schema>;
export const tables: Table[] = [
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
];

export type Reading = IDBPTransaction<Schema, Table[], 'readonly' | 'readwrite'>;
export type Writing = IDBPTransaction<Schema, Table[], 'readwrite'>;

/** Opens it, or says why not. The migrations are a parameter for the sake of their tests. */
export async function openDatabase(
  name: string,
  steps: readonly Migration[] = migrations,
): Promise<Database> {
  let opened: Database | undefined;
  let failedMigration: unknown;
  const attempt = new Promise<IDBPDatabase<Schema>>((resolve, reject) => {
    if (typeof indexedDB === 'undefined') throw unavailable();
    const opening = openDB<Schema>(name, steps.length, {
      async upgrade(database, from, _to, transaction) {
        try {
          for (const migrate of steps.slice(from)) {
            await migrate(database as unknown as IDBPDatabase<unknown>, transaction as unknown as Upgrading);
          }
        } catch (error) {
          failedMigration = error;
          transaction.done.catch(() => {});
          transaction.abort();
        }
      },
      blocked() {
        reject(
          new StoreUnavailableError(
            'Another tab with an older Zeroloop holds the database: close that tab, then reload this one.',
          ),
        );
        opening.then((late) => late.close()).catch(() => {});
      },
      blocking: () => opened?.yield(),
      terminated: () =>
        opened?.lose('the browser closed its database, perhaps because its data were cleared'),
    });
    opening.then(resolve, reject);
  });
  try {
    opened = new Database(await attempt);
    return opened;
  } catch (error) {
    if (error instanceof StoreError) throw error;
    if (failedMigration) {
      throw new StoreUnavailableError(
        `The stored runs could not be brought to this version (${said(failedMigration)}): nothing was changed; ` +
          'report this, and use the version of Zeroloop that made them until it is mended.',
      );
    }
    if (error instanceof DOMException && error.name === 'VersionError') {
      const version = (await indexedDB.databases?.().catch(() => []))?.find(
        (one) => one.name === name,
      )?.version;
      throw new NewerVersionError('The database of this browser', version ?? steps.length + 1, steps.length);
    }
    if (isQuota(error)) throw new QuotaError(await storageUsage());
    throw unavailable(error);
  }
}

/** The open connection. Closed from outside, it says so at the next call. */
export class Database {
  readonly #database: IDBPDatabase<Schema>;
  #lost: string | null = null;
  #writers = 0;
  #wanted = false;

  constructor(database: IDBPDatabase<Schema>) {
    this.#database = database;
  }

  get name(): string {
    return this.#database.name;
  }

  /** Another tab wants to bring the database to a newer version: it gets it as soon as nobody writes here. */
  yield(): void {
    this.#wanted = true;
    if (this.#writers === 0) this.lose('a newer Zeroloop in another tab has taken over the database');
  }

  lose(reason: string): void {
    this.#lost ??= reason;
    this.#database.close();
  }

  /** Keeps the connection until the function that is returned is called. */
  keep(): () => void {
    this.#writers++;
    let kept = true;
    return () => {
      if (!kept) return;
      kept = false;
      this.#writers--;
      if (this.#wanted) this.yield();
    };
  }

  read<T>(from: Table[], body: (transaction: Reading) => Promise<T>): Promise<T> {
    return this.#transact(() => this.#database.transaction(from, 'readonly'), body);
  }

  /**
   * All or nothing. Relaxed: the browser answers when the operating system has the data, so a closed or crashed tab loses nothing,
   * and a power cut at most the last steps, whole, since they are in one journal in order. Strict waits for the disk as well, and
   * with it for everything before: right for checkpoints, to which a run goes back.
   */
  write<T>(durability: 'relaxed' | 'strict', body: (transaction: Writing) => Promise<T>): Promise<T> {
    return this.#transact(
      () => this.#database.transaction(tables, 'readwrite', { durability }) as Writing,
      body,
    );
  }

  async #transact<T, Transaction extends Reading>(
    begin: () => Transaction,
    body: (transaction: Transaction) => Promise<T>,
  ): Promise<T> {
    if (this.#lost !== null) throw this.#lostError(this.#lost);
    let transaction: Transaction;
    try {
      transaction = begin();
    } catch (error) {
      throw this.#lost === null ? unavailable(error) : this.#lostError(this.#lost);
    }
    const done = transaction.done.then(
      () => null,
      (error: unknown) => ({ error }),
    );
    let result: T;
    try {
      result = await body(transaction);
    } catch (error) {
      try {
        transaction.abort();
      } catch {
        // It had ended already.
      }
      await done;
      throw await translate(transaction.error ?? error);
    }
    const failed = await done;
    if (failed) throw await translate(transaction.error ?? failed.error);
    return result;
  }

  close(): void {
    this.lose('it was closed');
  }

  #lostError(reason: string): StoreUnavailableError {
    return new StoreUnavailableError(
      `The database is closed (${reason}): reload the page; every step that was stored is still there.`,
    );
  }
}

/** Collects requests of one transaction, so that they are all on their way before any is waited for, and none fails unheard. */
export class Requests {
  readonly #all: Promise<unknown>[] = [];

  add(request: Promise<unknown>): void {
    request.catch(() => {});
    this.#all.push(request);
  }

  async done(): Promise<void> {
    await Promise.all(this.#all);
  }
}

const said = (error: unknown) => (error instanceof Error ? error.message : String(error));

export const isQuota = (error: unknown) => error instanceof Error && error.name === 'QuotaExceededError';

async function translate(error: unknown): Promise<unknown> {
  if (isQuota(error)) return new QuotaError(await storageUsage());
  // What the database says of itself; anything else is a fault of the caller's and stays as it is.
  if (
    error instanceof DOMException &&
    ['UnknownError', 'AbortError', 'InvalidStateError'].includes(error.name)
  ) {
    return new StoreUnavailableError(
      `The browser could not use its database (${error.message || error.name}): free space on the disk or restart the ` +
        'browser, then continue; every step before this one is stored.',
    );
  }
  return error;
}

function unavailable(error?: unknown): StoreUnavailableError {
  return new StoreUnavailableError(
    `This browser gives no database to store runs in${error === undefined ? '' : ` (${said(error)})`}: leave private mode, ` +
      'allow site data for this page, or free space on the disk, then reload.',
  );
}
