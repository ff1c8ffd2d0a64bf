/**
 * @file The engine of a run: in a worker below this one, or on a node, to which a journal leads back after a reload. Whoever leaves a node
 * that does not answer leaves the journal as it is, and cleans up when it is there again.
 */

import type { Engine } from '../src/engine/engine';
import { EngineClosedError } from '../src/engine/errors';
import { openRemote } from '../src/engine/remote/open';
import type { NodeAddress } from '../src/engine/remote/transport';
import { WorkerEngine } from '../src/engine/worker';
import { RunError } from '../src/selfplay/errors';
import { NodeJournal } from '../src/store/node-journal';
import { type Line, NodeLine } from './node-line';

export interface EngineOrder {
  run: string;
  backend: 'auto' | 'webgpu' | 'wasm' | 'remote';
  /** Of the backend remote. */
  node?: NodeAddress;
}

export interface OpenEngine {
  engine: Engine;
  hurry?(): void;
  close(): Promise<void>;
}

/** Milliseconds that somebody who goes waits for a node to let go. */
const grace = 5000;

export async function openEngine(
  { run, backend, node }: EngineOrder,
  signal: AbortSignal,
  hear: (line: Line) => void,
): Promise<OpenEngine> {
  if (backend !== 'remote') {
    const engine = await WorkerEngine.open(backend);
    return { engine, close: () => engine.close() };
  }
  if (!node) throw new RunError('This run is to go on on a node: connect to one under Device first.');
  return openOnNode(run, node, signal, hear);
}

async function openOnNode(
  run: string,
  node: NodeAddress,
  signal: AbortSignal,
  hear: (line: Line) => void,
): Promise<OpenEngine> {
  const journal = await NodeJournal.open(run);
  if (signal.aborted) journal.close();
  signal.throwIfAborted();
  const gone = new AbortController();
  const line = new NodeLine();
  let traffic = { sent: 0, received: 0 };
  const stopTelling = line.tell(hear, () => traffic);
  const leave = () => {
    gone.abort(new EngineClosedError());
    stopTelling();
    journal.close();
  };
  signal.addEventListener('abort', leave, { once: true });
  try {
    const engine = await openRemote({ ...node, journal, fetch: line.fetch, signal: gone.signal });
    traffic = engine.transport.traffic;
    // What a closed tab left there: the run goes on from its store.
    for (const model of engine.recovered) await engine.dispose(model);
    signal.removeEventListener('abort', leave);
    return {
      engine,
      hurry: () => void setTimeout(leave, line.answers ? grace : 0),
      close: async () => {
        const late = setTimeout(leave, grace);
        if (line.answers) await engine.close().catch(() => undefined);
        clearTimeout(late);
        leave();
      },
    };
  } catch (error) {
    leave();
    throw error;
  }
}
