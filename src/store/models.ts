/**
 * @file The shelf: models that people brought, kept in this browser. It is a database of its own, so that runs need not be migrated for
 * its sake, and opened for each call and closed after it, so that no tab ever stands in another one's way.
 */

import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import { isQuota } from './database';
import { NewerVersionError, QuotaError, StoreError, StoreUnavailableError } from './errors';
import { storageUsage } from './storage';
import type { Usage } from './store';

export interface KeptModel {
  id: string;
  name: string;
  /** Milliseconds since 1970, when it was put here. */
  at: number;
  bytes: number;
  /** What is known of it, for whoever shows it: plain data. */
  about: unknown;
}

interface Schema extends DBSchema {
  models: { key: string; value: KeptModel };
  files: { key: [model: string, name: string]; value: { model: string; name: string; data: Blob } };
}

const version = 1;

export class UnknownModelError extends StoreError {
  override name = 'UnknownModelError';
  constructor(id: string) {
    super(`There is no model "${id}" in this browser any more: choose another one, or import it again.`);
  }
}

/** The browser has no room for a model. */
export class NoRoomForModelError extends QuotaError {
  constructor(usage?: Pick<Usage, 'bytes'>) {
    super(usage);
    this.message = `The browser has no room left for this model: delete runs or models that you no longer need, or free space on the disk, then try again.`;
  }
}

export class ModelShelf {
  constructor(private readonly name = 'zeroloop-models') {}

  /** Newest first. */
  async models(): Promise<KeptModel[]> {
    const all = await this.use((database) => database.getAll('models'));
    return all.sort((a, b) => b.at - a.at);
  }

  /** All of it, or nothing. */
  async add(model: Omit<KeptModel, 'bytes'>, files: Readonly<Record<string, Blob>>): Promise<KeptModel> {
    const bytes = Object.values(files).reduce((sum, { size }) => sum + size, 0);
    const kept = { ...model, bytes };
    await this.use(async (database) => {
      const transaction = database.transaction(['models', 'files'], 'readwrite', { durability: 'strict' });
      const writes = Object.entries(files).map(([name, data]) =>
        transaction.objectStore('files').put({ model: model.id, name, data }),
      );
      // Whichever fails first ends them all, and says why.
      await Promise.all([...writes, transaction.objectStore('models').add(kept), transaction.done]);
    });
    return kept;
  }

  async files(id: string): Promise<Record<string, Blob>> {
    const found = await this.use((database) => database.getAll('files', filesOf(id)));
    if (found.length === 0) throw new UnknownModelError(id);
    return Object.fromEntries(found.map(({ name, data }) => [name, data]));
  }

  async rename(id: string, name: string): Promise<void> {
    await this.use(async (database) => {
      const transaction = database.transaction('models', 'readwrite');
      const model = await transaction.store.get(id);
      if (!model) throw new UnknownModelError(id);
      await transaction.store.put({ ...model, name });
      await transaction.done;
    });
  }

  async delete(id: string): Promise<void> {
    await this.use(async (database) => {
      const transaction = database.transaction(['models', 'files'], 'readwrite');
      await Promise.all([
        transaction.objectStore('models').delete(id),
        transaction.objectStore('files').delete(filesOf(id)),
        transaction.done,
      ]);
    });
  }

  private async use<T>(body: (database: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
    let database: IDBPDatabase<Schema> | undefined;
    try {
      database = await openDB<Schema>(this.name, version, {
        upgrade(fresh) {
          fresh.createObjectStore('models', { keyPath: 'id' });
          fresh.createObjectStore('files', { keyPath: ['model', 'name'] });
        },
      });
      return await body(database);
    } catch (error) {
      throw await explained(error);
    } finally {
      database?.close();
    }
  }
}

const filesOf = (id: string) => IDBKeyRange.bound([id], [id, []]);

async function explained(error: unknown): Promise<unknown> {
  if (error instanceof StoreError) return error;
  if (isQuota(error)) return new NoRoomForModelError(await storageUsage());
  if (!(error instanceof DOMException)) return error;
  if (error.name === 'VersionError')
    return new NewerVersionError('What keeps models here', version + 1, version);
  return new StoreUnavailableError(
    `This browser cannot keep models now (${error.message || error.name}): leave private mode, allow site data for this page, ` +
      'or free space on the disk, then try again.',
  );
}
