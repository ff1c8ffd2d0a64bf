/** Folders of models in the browser's real file system: written by a worker, read by the page, in the way of nobody else. */
import { wrap } from 'comlink';
import { expect, it, onTestFinished } from 'vitest';
import { ModelFolders } from '../../../src/store/model-folders';
import type { FolderWriter } from './folder-worker';
import { newName } from './setup';

function openWriter() {
  const worker = new Worker(new URL('./folder-worker.ts', import.meta.url), { type: 'module' });
  onTestFinished(() => worker.terminate());
  return wrap<FolderWriter>(worker);
}

/** One that is gone after the test. */
function newFolder(folders: ModelFolders): string {
  const name = newName();
  onTestFinished(() => folders.delete(name));
  return name;
}

const bytes = (size: number, fill = 7) => new Uint8Array(size).fill(fill);

it('a file grows where it ended, and is one of the folder when it is sealed', async () => {
  const [folders, writer] = [new ModelFolders(), openWriter()];
  const folder = newFolder(folders);
  const cache = folders.cache(folder);
  expect(await cache.state('a.bin')).toEqual({ bytes: 0, isChecked: false });
  for (const fill of [1, 2]) {
    await writer.open(folder, 'a.bin');
    await writer.write(bytes(3, fill));
    await writer.close();
  }
  expect(await cache.state('a.bin')).toEqual({ bytes: 6, isChecked: false });
  expect(await folders.files(folder)).toEqual({});
  await writer.seal(folder, 'a.bin');
  expect(await cache.state('a.bin')).toEqual({ bytes: 6, isChecked: true });
  const { 'a.bin': file } = (await folders.files(folder)) ?? {};
  expect([...(await file.bytes())]).toEqual([1, 1, 1, 2, 2, 2]);
  await cache.forget('a.bin');
  expect(await cache.state('a.bin')).toEqual({ bytes: 0, isChecked: false });
});

it('what was begun is known until it is ended, even if its note is cut off', async () => {
  const [folders, writer] = [new ModelFolders(), openWriter()];
  const [whole, cut] = [newFolder(folders), newFolder(folders)];
  await writer.begin(whole, { model: 'one' });
  await writer.open(cut, '.unfinished');
  await writer.write(new TextEncoder().encode('{"mod'));
  await writer.close();
  await writer.seal(cut, '.unfinished');
  const found = async () =>
    (await folders.unfinished()).filter(({ folder }) => [whole, cut].includes(folder));
  expect(await found()).toEqual(
    expect.arrayContaining([
      { folder: whole, note: { model: 'one' }, bytes: 0 },
      { folder: cut, note: null, bytes: 0 },
    ]),
  );
  await folders.end(whole);
  await folders.delete(cut);
  expect(await found()).toEqual([]);
  expect(await folders.files(cut)).toBe(null);
});

it('two tabs do not write into one file', async () => {
  const [folders, one, other] = [new ModelFolders(), openWriter(), openWriter()];
  const folder = newFolder(folders);
  await one.open(folder, 'a.bin');
  await expect(other.open(folder, 'a.bin')).rejects.toMatchObject({
    name: 'ModelBusyError',
    message: expect.stringContaining('is being fetched in another tab'),
  });
  await one.close();
  await other.open(folder, 'a.bin');
  await other.close();
});

it('says that there is no room, and keeps what is there', async () => {
  const [folders, writer] = [new ModelFolders(), openWriter()];
  const folder = newFolder(folders);
  await writer.open(folder, 'a.bin');
  await writer.write(bytes(1000));
  await writer.fillDisk();
  await expect(writer.write(bytes(1000))).rejects.toMatchObject({
    name: 'QuotaError',
    message: expect.stringMatching(/no room left for this model: delete runs or models/),
  });
  await writer.close();
  expect(await folders.cache(folder).state('a.bin')).toEqual({ bytes: 1000, isChecked: false });
});
