/** The store in the browser's database keeps the promises of every store. */
import { deleteDB } from 'idb';
import { openStore } from '../../../src/store/indexed';
import { describeStore } from './contract';

let count = 0;

describeStore("the store in the browser's database", async () => {
  const name = `contract ${count++}`;
  const store = await openStore(name);
  const dispose = async () => {
    store.close();
    await deleteDB(name);
  };
  return { store, dispose };
});
