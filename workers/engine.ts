/**
 * @file The engine's worker: one engine on one backend, opened by the first call.
 */

import { expose, proxy } from 'comlink';
import type { Backend } from '../src/engine/engine';
import { LocalEngine } from '../src/engine/local';
import { openWebDevice } from '../src/engine/ort/web';
import { installTransfers } from '../src/engine/transfer';

installTransfers();

const engineWorker = {
  open: async (backend: Exclude<Backend, 'node'>) => proxy(new LocalEngine(await openWebDevice(backend))),
};
export type EngineWorker = typeof engineWorker;

expose(engineWorker);
