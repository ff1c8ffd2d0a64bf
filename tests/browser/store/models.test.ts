/** The shelf of imported models, in a real IndexedDB. */
import { deleteDB, openDB } from 'idb';
import { expect, it, onTestFinished, vi } from 'vitest';
import { NewerVersionError, QuotaError, StoreUnavailableError } from '../../../src/store/errors';
import { NoRoomForModelError, UnknownModelError } from '../../../src/store/model-errors';
import { ModelShelf } from '../../../src/store/models';
import { newName } from './setup';

const files = (size: number, fill = 7) => ({
  'config.json': new Blob(['{}']),
  'model.safetensors': new Blob([new Uint8Array(size).fill(fill)]),
});
const model = (id: string, at = 0) => ({ id, name: `Model ${id}`, at, about: { layers: 4 } });

it('keeps models with their files, newest first', async () => {
  const name = newName();
  const shelf = new ModelShelf(name);
  expect(await shelf.models()).toEqual([]);
  await shelf.add(model('a', 1), files(100));
  await shelf.add(model('b', 2), files(200, 8));
  // Another tab sees them too.
  const other = new ModelShelf(name);
  expect(await other.models()).toEqual([
    { ...model('b', 2), bytes: 202 },
    { ...model('a', 1), bytes: 102 },
  ]);
  const read = await other.files('b');
  expect(Object.keys(read).sort()).toEqual(['config.json', 'model.safetensors']);
  expect(await read['model.safetensors'].bytes()).toEqual(new Uint8Array(200).fill(8));
});

it('renames them, and deletes one with its files and no other', async () => {
  const shelf = new ModelShelf(newName());
  await shelf.add(model('a'), files(10));
  await shelf.add(model('ab'), files(20));
  await shelf.rename('a', 'Alpha');
  expect((await shelf.models()).map(({ name }) => name).sort()).toEqual(['Alpha', 'Model ab']);
  await shelf.delete('a');
  expect((await shelf.models()).map(({ id }) => id)).toEqual(['ab']);
  await expect(shelf.files('a')).rejects.toBeInstanceOf(UnknownModelError);
  await expect(shelf.rename('a', 'b')).rejects.toBeInstanceOf(UnknownModelError);
  expect((await shelf.files('ab'))['model.safetensors'].size).toBe(20);
});

it('files of a deleted model that somebody still reads stay readable', async () => {
  const shelf = new ModelShelf(newName());
  await shelf.add(model('a'), files(1000));
  const read = await shelf.files('a');
  await shelf.delete('a');
  expect((await read['model.safetensors'].bytes()).length).toBe(1000);
});

it('nothing of a model stays that could not be stored whole', async () => {
  const shelf = new ModelShelf(newName());
  await shelf.add(model('a'), files(10));
  await expect(shelf.add(model('a'), { 'other.json': new Blob(['{}']) })).rejects.toThrow();
  expect(Object.keys(await shelf.files('a')).sort()).toEqual(['config.json', 'model.safetensors']);
});

interface Buckets {
  open(name: string, options: { quota: number }): Promise<{ indexedDB: IDBFactory }>;
  delete(name: string): Promise<void>;
}

it('says that there is no room, keeps nothing of it, and what was there', async () => {
  const { storageBuckets } = navigator as Navigator & { storageBuckets: Buckets };
  const bucket = await storageBuckets.open('shelf', { quota: 10_000_000 });
  onTestFinished(() => storageBuckets.delete('shelf'));
  vi.stubGlobal('indexedDB', bucket.indexedDB);
  onTestFinished(() => void vi.unstubAllGlobals());
  const shelf = new ModelShelf('in a small bucket');
  await shelf.add(model('a'), files(1000));
  const adding = shelf.add(model('b'), files(20_000_000));
  await expect(adding).rejects.toBeInstanceOf(QuotaError);
  await expect(adding).rejects.toBeInstanceOf(NoRoomForModelError);
  await expect(adding).rejects.toThrow(/no room left for this model: delete runs or models/);
  expect((await shelf.models()).map(({ id }) => id)).toEqual(['a']);
});

it('is refused by name where a newer Zeroloop has been, or where there is no database', async () => {
  const name = newName();
  (await openDB(name, 2)).close();
  await expect(new ModelShelf(name).models()).rejects.toBeInstanceOf(NewerVersionError);
  await deleteDB(name);
  vi.stubGlobal('indexedDB', {
    open() {
      throw new DOMException('Access is denied.', 'SecurityError');
    },
  });
  onTestFinished(() => void vi.unstubAllGlobals());
  await expect(new ModelShelf(name).models()).rejects.toBeInstanceOf(StoreUnavailableError);
  await expect(new ModelShelf(name).models()).rejects.toThrow(/Access is denied.*leave private mode/);
});
