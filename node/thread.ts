/** @file The node's engine in a thread of its own, so that the server answers while the engine computes. */

import { Worker } from 'node:worker_threads';
import { wrap } from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { type Thread, WorkerEngine } from '../src/engine/worker';
import type { EngineThread, ThreadBackend } from './thread-main';

export async function openThreadEngine(backend: ThreadBackend): Promise<WorkerEngine> {
  const worker = new Worker(new URL('./start-thread.mjs', import.meta.url));
  const thread: Thread = {
    endpoint: nodeEndpoint(worker),
    onDeath: (tell) => {
      worker.on('error', (error) => tell(error instanceof Error ? error.message : String(error)));
      worker.on('exit', () => tell('it ended'));
    },
    terminate: () => void worker.terminate(),
  };
  return WorkerEngine.over(thread, (endpoint) => wrap<EngineThread>(endpoint).open(backend));
}
