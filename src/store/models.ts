/**
 * @file The shelf: models that people brought, kept in this browser. It is a database of its own, so that runs need not be migrated for
 * its sake, and opened for each call and closed after it, so that no tab ever stands in another one's way. Files of a model are in it,
 * or in a folder of the browser's file system that they were fetched into.
 */

import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB } from 'idb';
import { isQuota } from './database';
import { NewerVersionError, StoreError, StoreUnavailableError } from './errors';
import { NoRoomForModelError, UnknownModelError } from './model-errors';
import { ModelFolders } from './model-folders';
import { storageUsage } from './storage';

export interface KeptModel {
  id: string;
  name: string;
  /** Milliseconds since 1970, when it was put here. */
  at: number;
  bytes: number;
  /** What is known of it, for whoever shows it: plain data. */
  about: unknown;
  /** Among `ModelFolders`, if its files are there. */
  folder?: string;
}

interface Schema extends DBSchema {
  models: { key: string; value: KeptModel };
  files: { key: [model: string, name: string]; value: { model: string; name: string; data: Blob } };
}

type Reading = IDBPTransaction<Schema, ('models' | 'files')[], 'readonly'>;

const version = 1;

export class ModelShelf {
  constructor(
    private readonly name = 'zeroloop-models',
    private readonly folders = new ModelFolders(),
  ) {}

  /** Newest first. */
  async models(): Promise<KeptModel[]> {
    const all = await this.read((transaction) => transaction.objectStore('models').getAll());
    return all.sort((a, b) => b.at - a.at);
  }

  /** All of it, or nothing. Of a model with a folder, its files stay there. */
  async add(model: Omit<KeptModel, 'bytes'>, files: Readonly<Record<string, Blob>>): Promise<KeptModel> {
    const all = { ...(model.folder && (await this.folders.files(model.folder))), ...files };
    const bytes = Object.values(all).reduce((sum, { size }) => sum + size, 0);
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
    const [model, found] = await this.read((transaction) =>
      Promise.all([
        transaction.objectStore('models').get(id),
        transaction.objectStore('files').getAll(filesOf(id)),
      ]),
    );
    const fetched = model?.folder === undefined ? null : await this.folders.files(model.folder);
    const files = { ...fetched, ...Object.fromEntries(found.map(({ name, data }) => [name, data])) };
    if (Object.keys(files).length === 0) throw new UnknownModelError(id);
    return files;
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
    const model = await this.read((transaction) => transaction.objectStore('models').get(id));
    await this.use(async (database) => {
      const transaction = database.transaction(['models', 'files'], 'readwrite');
      await Promise.all([
        transaction.objectStore('models').delete(id),
        transaction.objectStore('files').delete(filesOf(id)),
        transaction.done,
      ]);
    });
    if (model?.folder !== undefined) await this.folders.delete(model.folder);
  }

  /** Until its transaction is over: one that nobody waits for would fail unheard if the browser clears the data meanwhile. */
  private read<T>(body: (transaction: Reading) => Promise<T>): Promise<T> {
    return this.use(async (database) => {
      const transaction = database.transaction(['models', 'files']);
      const [read] = await Promise.all([body(transaction), transaction.done]);
      return read;
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
