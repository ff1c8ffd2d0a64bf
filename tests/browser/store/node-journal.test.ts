/** What a run sent to a node is still known when the page comes back, and is no other run's business. */
import { expect, it } from 'vitest';
import type { Journal } from '../../../src/engine/remote/journal';
import { NodeJournal } from '../../../src/store/node-journal';

it('keeps what it is told, bytes and all, until it is told otherwise', async () => {
  const name = `journal-${Math.random()}`;
  const first = await NodeJournal.open('run', name);
  const journal: Journal = first;
  const note = {
    id: 'model-1',
    next: 3,
    under: [{ seq: 2, path: 'p', type: 't', bytes: Uint8Array.of(1, 2, 255) }],
  };
  await journal.set('session', { session: 's' });
  await journal.set('model 1', { ...note, next: 2 });
  await journal.set('model 1', note);
  first.close();
  const back = await NodeJournal.open('run', name);
  expect(await back.entries()).toEqual([
    ['model 1', note],
    ['session', { session: 's' }],
  ]);
  const other = await NodeJournal.open('another run', name);
  expect(await other.entries()).toEqual([]);
  await other.set('session', { session: 'other' });
  await back.delete('session');
  expect(await back.entries()).toEqual([['model 1', note]]);
  await NodeJournal.forget('run', name);
  expect(await back.entries()).toEqual([]);
  expect(await other.entries()).toEqual([['session', { session: 'other' }]]);
  back.close();
  other.close();
  indexedDB.deleteDatabase(name);
});
