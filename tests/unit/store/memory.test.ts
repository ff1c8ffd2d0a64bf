/** The store in memory keeps the promises of every store. */
import { MemoryStore } from '../../../src/store/memory';
import { describeStore } from '../../browser/store/contract';

describeStore('the store in memory', async () => ({ store: new MemoryStore(), dispose: async () => {} }));
