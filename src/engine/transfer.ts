/**
 * @file What Comlink does not carry across a worker's border by itself: how a call is watched and stopped, a stream of
 * results, and the class of an error. Both sides call `installTransfers` once.
 */

import { type TransferHandler, transferHandlers } from 'comlink';
import * as modelErrors from '../model/errors';
import type { Control, Progress } from './engine';
import { engineErrors } from './errors';

/** `errors`: further classes that keep their names across the border. */
export function installTransfers(errors: Record<string, { prototype: Error }> = {}): void {
  Object.assign(classes, errors);
  transferHandlers.set('control', control as TransferHandler<unknown, unknown>);
  transferHandlers.set('stream', stream as TransferHandler<unknown, unknown>);
  transferHandlers.set('throw', thrown as TransferHandler<unknown, unknown>);
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

// ---- Control: abort travels in, progress travels out ---------------------------------------------------------------

const control: TransferHandler<Control, MessagePort> = {
  canHandle: (value): value is Control =>
    isObject(value) && ('onProgress' in value || ('signal' in value && value.signal instanceof AbortSignal)),
  serialize({ signal, onProgress }) {
    const { port1, port2 } = new MessageChannel();
    const abort = () =>
      port1.postMessage(signal?.reason instanceof Error ? signal.reason.message : 'aborted');
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
    port1.onmessage = ({ data }: MessageEvent<Progress>) => onProgress?.(data);
    return [port2, [port2]];
  },
  deserialize(port) {
    const controller = new AbortController();
    port.onmessage = ({ data }: MessageEvent<string>) =>
      controller.abort(new DOMException(data, 'AbortError'));
    return { signal: controller.signal, onProgress: (progress) => port.postMessage(progress) };
  },
};

// ---- Streams: the reader asks, the writer answers ---------------------------------------------------------------------

type Request = 'next' | 'return';
type Answer = { value: unknown; done: boolean } | { thrown: Thrown };

const stream: TransferHandler<AsyncIterable<unknown>, MessagePort> = {
  canHandle: (value): value is AsyncIterable<unknown> => isObject(value) && Symbol.asyncIterator in value,
  serialize(source) {
    const { port1, port2 } = new MessageChannel();
    const iterator = source[Symbol.asyncIterator]();
    port1.onmessage = async ({ data }: MessageEvent<Request>) => {
      try {
        const result = data === 'next' ? await iterator.next() : await iterator.return?.();
        port1.postMessage({ value: result?.value, done: result?.done ?? true } satisfies Answer);
      } catch (error) {
        port1.postMessage({ thrown: describe(error) } satisfies Answer);
      }
    };
    return [port2, [port2]];
  },
  deserialize(port) {
    const ask = (request: Request) =>
      new Promise<IteratorResult<unknown>>((resolve, reject) => {
        port.onmessage = ({ data }: MessageEvent<Answer>) => {
          if ('thrown' in data) reject(revive(data.thrown));
          else resolve(data as IteratorResult<unknown>);
        };
        port.postMessage(request);
      });
    const iterator: AsyncIterator<unknown> = { next: () => ask('next'), return: () => ask('return') };
    return { [Symbol.asyncIterator]: () => iterator };
  },
};

// ---- Errors keep their class -----------------------------------------------------------------------------------------

interface Thrown {
  name: string;
  message: string;
  stack?: string;
  /** What else the error tells, as far as it can be sent: which settings are wrong, which record is damaged. */
  details?: Record<string, unknown>;
}

const classes: Record<string, { prototype: Error }> = { ...engineErrors, ...modelErrors };

/** Whether the message was written for people, and the class is known on the other side too. */
export const isNamedError = (error: unknown): error is Error =>
  error instanceof Error && Object.hasOwn(classes, error.name);

function describe(error: unknown): Thrown {
  if (error instanceof Error || error instanceof DOMException) {
    const details = Object.entries(error).filter(([name, value]) => name !== 'name' && isPlain(value));
    return {
      name: error.name,
      message: error.message,
      stack: error.stack,
      details: Object.fromEntries(details),
    };
  }
  return { name: 'Error', message: String(error) };
}

const isPlain = (value: unknown): boolean => {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
};

/** An error of the class that has this name, as it was thrown elsewhere. */
export function revive({ name, message, stack, details = {} }: Thrown): Error {
  if (name === 'AbortError') return new DOMException(message, name);
  // Not constructed: some classes build their message from other arguments.
  const error: Error = Object.create(classes[name]?.prototype ?? Error.prototype);
  const property = (value: unknown) => ({ value, writable: true, configurable: true });
  return Object.defineProperties(error, {
    name: property(name),
    message: property(message),
    stack: property(stack),
    ...Object.fromEntries(
      Object.entries(details).map(([key, value]) => [key, { ...property(value), enumerable: true }]),
    ),
  });
}

/** Comlink marks what was thrown by wrapping it in an object of its own; the key is its exported detail. */
const thrown: TransferHandler<{ value: unknown }, Thrown> = {
  canHandle: transferHandlers.get('throw')?.canHandle as (value: unknown) => value is { value: unknown },
  serialize: ({ value }) => [describe(value), []],
  deserialize(value): never {
    throw revive(value);
  },
};
