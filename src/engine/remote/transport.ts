/**
 * @file Requests to a node over a network that fails: each is sent again until it is answered or patience ends. That is right because
 * every request that changes something carries a number by which the node knows it again.
 */

import { revive } from '../transfer';
import {
  ConflictError,
  DiskFullError,
  NodeRefusedError,
  NodeUnreachableError,
  remoteErrors,
  UnsupportedByServerError,
} from './errors';
import { Body } from './wire/body';

export interface NodeAddress {
  url: string;
  token: string;
}

export interface TransportOptions extends NodeAddress {
  /** Milliseconds without any answer after which a request fails. */
  patience?: number;
  /** Milliseconds for one attempt; a long poll is shorter. */
  attempt?: number;
  fetch?: typeof fetch;
  /** Ends every call, also those that change something: of a client that goes, and comes back with its journal. */
  signal?: AbortSignal;
}

export interface Call {
  method?: 'GET' | 'POST' | 'DELETE';
  path: string;
  body?: { type: string; bytes: Uint8Array } | { json: unknown };
  accept?: string;
  /** Ends the call; only for calls that change nothing. */
  signal?: AbortSignal;
}

export interface Answer {
  status: number;
  type: string;
  bytes: Uint8Array;
}

/** The node does not know the future or the model any more: the request has to be sent again. */
export class Forgotten extends Error {
  override name = 'Forgotten';
}

/** The future is not there yet: it is asked for again. */
export class StillWaiting extends Error {
  override name = 'StillWaiting';
}

/** The answer that the server gave is a failure, with its words. */
export class Failed extends Error {
  override name = 'Failed';
  constructor(
    readonly status: number,
    message: string,
    readonly category: string,
  ) {
    super(message);
  }
}

const longestPause = 5000;

export class Transport {
  readonly url: string;
  /** What went over the line, for whoever shows it. */
  readonly traffic = { sent: 0, received: 0 };
  /** When it last answered anything: a node that is often cut off is there all the same. */
  private heard = 0;
  private readonly fetch: typeof fetch;
  readonly signal: AbortSignal | undefined;

  constructor(private readonly options: TransportOptions) {
    this.url = options.url.replace(/\/+$/, '');
    this.fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
    this.signal = options.signal;
  }

  async json(path: string, json: unknown, signal?: AbortSignal): Promise<Body> {
    return this.read({ path, body: { json }, signal }, ({ bytes }) => Body.parse(bytes, 'the answer'));
  }

  async get(path: string): Promise<Body> {
    return this.read({ method: 'GET', path }, ({ bytes }) => Body.parse(bytes, 'the answer'));
  }

  /** An answer that cannot be read counts as none. */
  async read<T>(call: Call, read: (answer: Answer) => T | Promise<T>): Promise<T> {
    const { patience = 600_000 } = this.options;
    const began = performance.now();
    const signal = eitherOf(call.signal, this.signal);
    for (let pause = 100; ; pause = Math.min(2 * pause, longestPause)) {
      signal?.throwIfAborted();
      let reason: string;
      try {
        const answer = await this.once(call, signal);
        if (answer.status === 408) {
          pause = 50; // it lives, and works
          continue;
        }
        if (answer.status < 300) return await read(answer);
        const failure = failureIn(answer);
        if (!isPassing(answer.status)) throw failure;
        reason = failure.message;
      } catch (error) {
        if (isFinal(error)) throw error;
        signal?.throwIfAborted();
        reason = error instanceof Error ? error.message : String(error);
      }
      if (performance.now() - Math.max(began, this.heard) > patience)
        throw new NodeUnreachableError(
          `${this.url} did not answer for ${Math.round(patience / 1000)} s (${reason}): see that the node runs and that the address is right, then go on.`,
        );
      await sleep(pause, signal);
    }
  }

  private async once(
    { method = 'POST', path, body, accept }: Call,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    const { token, attempt = 120_000 } = this.options;
    const bytes = body && ('json' in body ? new TextEncoder().encode(JSON.stringify(body.json)) : body.bytes);
    const limit = AbortSignal.timeout(attempt);
    const response = await this.fetch(`${this.url}/${path}`, {
      method,
      headers: {
        'X-API-Key': token,
        Accept: accept ?? 'application/json',
        ...(body && { 'Content-Type': 'json' in body ? 'application/json' : body.type }),
      },
      body: bytes as BodyInit | undefined,
      signal: eitherOf(signal, limit),
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
    });
    const received = new Uint8Array(await response.arrayBuffer());
    this.traffic.sent += bytes?.length ?? 0;
    this.traffic.received += received.length;
    if (!isPassing(response.status)) this.heard = performance.now();
    const type = (response.headers.get('content-type') ?? '').split(';')[0].trim();
    return { status: response.status, type, bytes: received };
  }
}

function eitherOf(one: AbortSignal | undefined, other: AbortSignal | undefined): AbortSignal | undefined {
  return one && other ? AbortSignal.any([one, other]) : (one ?? other);
}

/** Too many requests, a full disk, a server that restarts or a gateway without one: it may be different soon. */
const isPassing = (status: number): boolean => status === 429 || status >= 500;

const isFinal = (error: unknown): boolean =>
  error instanceof Failed ||
  error instanceof Forgotten ||
  error instanceof NodeRefusedError ||
  error instanceof StillWaiting;

function failureIn({ status, bytes }: Answer): Error {
  let [message, category] = [`The node answered with status ${status}.`, ''];
  try {
    const body = Body.parse(bytes);
    const found = body.has('error') ? body.raw('error') : body.raw('detail');
    message =
      typeof found === 'string' ? found : found === undefined ? message : JSON.stringify(found).slice(0, 500);
    category = body.text('category', '');
  } catch {
    // Not a server of this kind: the status has to do.
  }
  if (status === 401 || status === 403 || status === 421) return new NodeRefusedError(message);
  if (status === 410 || category === 'ForgottenError') return new Forgotten(message);
  return new Failed(status, message, category);
}

/** As an engine would have thrown it. */
export function asEngineError(error: unknown): unknown {
  if (!(error instanceof Failed)) return error;
  const { message, category, status } = error;
  if (category === 'DiskFullError' || status === 507) return new DiskFullError(message);
  if (category === 'ConflictError' || (status === 409 && category === '')) return new ConflictError(message);
  if (status === 415) return new UnsupportedByServerError(message);
  return revive({
    name: Object.hasOwn(remoteErrors, category) || category === '' ? 'EngineError' : category,
    message,
  });
}

export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
