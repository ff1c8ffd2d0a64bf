/**
 * @file An engine in a worker of its own, seen from the page: the same Engine, with every call sent across. If the
 * worker itself dies, calls under way fail rather than wait for ever.
 */

import { type Endpoint, type Remote, wrap } from 'comlink';
import type { EngineWorker } from '../../workers/engine';
import type { Backend, Control, Engine, ModelId, Rollout, SampleRequest } from './engine';
import { EngineClosedError, EngineError } from './errors';
import type { LocalEngine } from './local';
import { bestBackend } from './ort/platform';
import { installTransfers } from './transfer';

type Arguments<K extends keyof LocalEngine> = LocalEngine[K] extends (...args: infer A) => unknown
  ? A
  : never;
type Answer<K extends keyof LocalEngine> = LocalEngine[K] extends (...args: never[]) => Promise<infer R>
  ? R
  : never;

/** A worker of a browser or of Node, as far as an engine is concerned. */
export interface Thread {
  endpoint: Endpoint;
  /** Calls back, once, if the worker stops by itself. */
  onDeath(tell: (reason: string) => void): void;
  terminate(): void;
}

function browserThread(worker: Worker): Thread {
  return {
    endpoint: worker,
    onDeath: (tell) =>
      worker.addEventListener('error', (event) => {
        event.preventDefault(); // told here: else it would be an error of the worker or page above, too
        tell(event.message);
      }),
    terminate: () => worker.terminate(),
  };
}

export class WorkerEngine implements Engine {
  private readonly died: Promise<never>;
  private fail: (error: Error) => void = () => {};

  private constructor(
    private readonly thread: Thread,
    private remote: Remote<LocalEngine> | null,
  ) {
    this.died = new Promise((_, reject) => {
      this.fail = reject;
    });
    this.died.catch(() => {}); // raced against every call
    thread.onDeath((reason) => {
      this.fail(
        new EngineError(`The engine's worker stopped (${reason || 'out of memory?'}): create a new engine.`),
      );
    });
  }

  /** `auto` is WebGPU where there is a GPU, and WebAssembly elsewhere. */
  static async open(backend: Exclude<Backend, 'node'> | 'auto'): Promise<WorkerEngine> {
    const chosen = backend === 'auto' ? await bestBackend() : backend;
    const worker = new Worker(new URL('../../workers/engine.ts', import.meta.url), {
      type: 'module',
      name: 'engine',
    });
    return WorkerEngine.over(browserThread(worker), (endpoint) => wrap<EngineWorker>(endpoint).open(chosen));
  }

  /** In a worker that is there already, whose engine `open` opens. */
  static async over(thread: Thread, open: (endpoint: Endpoint) => Promise<unknown>): Promise<WorkerEngine> {
    installTransfers();
    const engine = new WorkerEngine(thread, null);
    try {
      engine.remote = (await Promise.race([open(thread.endpoint), engine.died])) as Remote<LocalEngine>;
    } catch (error) {
      thread.terminate();
      throw error;
    }
    return engine;
  }

  capabilities = () => this.call('capabilities');
  plan = (...args: Arguments<'plan'>) => this.call('plan', ...args);
  createModel = (...args: Arguments<'createModel'>) => this.call('createModel', ...args);
  forward = (...args: Arguments<'forward'>) => this.call('forward', ...args);
  forwardBackward = (...args: Arguments<'forwardBackward'>) => this.call('forwardBackward', ...args);
  optimStep = (...args: Arguments<'optimStep'>) => this.call('optimStep', ...args);
  publish = (model: ModelId) => this.call('publish', model);
  save = (...args: Arguments<'save'>) => this.call('save', ...args);
  load = (...args: Arguments<'load'>) => this.call('load', ...args);
  dispose = (model: ModelId) => this.call('dispose', model);
  inspect = (...args: Arguments<'inspect'>) => this.call('inspect', ...args);

  async *sample(request: SampleRequest, control?: Control): AsyncGenerator<Rollout> {
    const { remote } = this;
    if (!remote) throw new EngineClosedError();
    const rollouts = (await Promise.race([
      remote.sample(request, control),
      this.died,
    ])) as AsyncIterable<Rollout>;
    const iterator = rollouts[Symbol.asyncIterator]();
    try {
      while (true) {
        const { value, done } = await Promise.race([iterator.next(), this.died]);
        if (done) return;
        yield value;
      }
    } finally {
      void iterator.return?.();
    }
  }

  async close(): Promise<void> {
    if (!this.remote) return;
    const { remote } = this;
    this.remote = null;
    try {
      await Promise.race([remote.close(), this.died]);
    } finally {
      this.thread.terminate();
      this.fail(new EngineClosedError());
    }
  }

  private async call<K extends keyof LocalEngine>(method: K, ...args: Arguments<K>): Promise<Answer<K>> {
    if (!this.remote) throw new EngineClosedError();
    const remote = this.remote[method] as unknown as (...args: Arguments<K>) => Promise<Answer<K>>;
    return Promise.race([remote(...args), this.died]);
  }
}
