/**
 * @file Starts and ends the workers of interpreters for the warden, in the document of the frame. The warden could do it itself, but not in
 * Firefox: there a worker that ends workers of its own sometimes waits for ever while it makes the next.
 */

import { type Scheme, workerAddress } from './worker-address';

type ToNursery =
  | { type: 'script'; script: string }
  | { type: 'begin'; id: number; port: MessagePort }
  | { type: 'end'; id: number };
type FromNursery = { type: 'broken'; id: number; reason: string };

/** In the document. */
export function serveNursery(port: MessagePort, scheme: Scheme): void {
  const workers = new Map<number, Worker>();
  let address = '';
  const begin = (id: number, theirs: MessagePort) => {
    const broken = (reason: string) => port.postMessage({ type: 'broken', id, reason } satisfies FromNursery);
    try {
      const worker = new Worker(address);
      workers.set(id, worker);
      worker.onerror = (event) => {
        event.preventDefault();
        broken(event.message || 'The browser did not start its worker.');
      };
      worker.postMessage(theirs, [theirs]);
    } catch (error) {
      broken(String(error));
    }
  };
  port.onmessage = ({ data }: MessageEvent<ToNursery>) => {
    switch (data.type) {
      case 'script':
        address = workerAddress(data.script, scheme);
        break;
      case 'begin':
        begin(data.id, data.port);
        break;
      case 'end':
        workers.get(data.id)?.terminate();
        workers.delete(data.id);
        break;
      default:
        data satisfies never;
    }
  };
}

/** In the warden. */
export class Nursery {
  readonly #port: MessagePort;
  readonly #broken = new Map<number, (reason: string) => void>();
  #last = 0;

  constructor(port: MessagePort) {
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<FromNursery>) => this.#broken.get(data.id)?.(data.reason);
  }

  /** What each worker runs. */
  learn(script: string): void {
    this.#ask({ type: 'script', script });
  }

  /** A worker that is handed the port. What is returned ends it. */
  begin(port: MessagePort, broken: (reason: string) => void): () => void {
    const id = ++this.#last;
    this.#broken.set(id, broken);
    this.#ask({ type: 'begin', id, port }, [port]);
    return () => {
      this.#broken.delete(id);
      this.#ask({ type: 'end', id });
    };
  }

  #ask(message: ToNursery, transfer: Transferable[] = []): void {
    this.#port.postMessage(message, transfer);
  }
}
