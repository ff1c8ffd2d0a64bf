/** @file The engine's thread: one engine, opened by the first call. */

import { parentPort } from 'node:worker_threads';
import { expose, proxy } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { LocalEngine } from '../src/engine/local';
import type { Device } from '../src/engine/ort/device';
import { openNodeDevice } from '../src/engine/ort/node';
import { installTransfers } from '../src/engine/transfer';

/** `auto` is the GPU where Dawn finds one, and the processor elsewhere. */
export interface ThreadBackend {
  backend: 'auto' | 'node' | 'webgpu';
  threads?: number;
}

async function openDevice({ backend, threads }: ThreadBackend): Promise<Device> {
  if (backend === 'node') return openNodeDevice(threads);
  const { openDawnDevice } = await import('./dawn');
  if (backend === 'webgpu') return openDawnDevice();
  return openDawnDevice().catch(() => openNodeDevice(threads));
}

const engineThread = {
  open: async (backend: ThreadBackend) => proxy(new LocalEngine(await openDevice(backend))),
};
export type EngineThread = typeof engineThread;

if (!parentPort) throw new Error('This file is for a worker thread.');
installTransfers();
expose(engineThread, nodeEndpoint(parentPort));
