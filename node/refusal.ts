/**
 * @file What a node answers instead of a result: a status and one sentence. The name tells programs apart what people read in the
 * sentence.
 */

import { isNamedError } from '../src/engine/transfer';

export class Refusal extends Error {
  override name = 'Refusal';
  constructor(
    readonly status: number,
    message: string,
    readonly headers: Record<string, string> = {},
    readonly category = names[status] ?? 'Refusal',
  ) {
    super(message);
  }
}

/** Categories by which our client knows what to do; others go by the status. */
const names: Record<number, string> = {
  409: 'ConflictError',
  410: 'ForgottenError',
  429: 'TooManyRequestsError',
  507: 'DiskFullError',
};

/** As it goes over the wire, and as it stays with the operation that failed. */
export interface Failure {
  error: string;
  category: string;
}

/** Messages of our own classes are made for people; others may tell of paths and are kept from the wire. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Refusal) return { error: error.message, category: error.category };
  if (isNamedError(error)) return { error: error.message, category: error.name };
  return {
    error: 'The node failed in a way that it does not understand: see its terminal.',
    category: 'EngineError',
  };
}

export const diskFull = () =>
  new Refusal(
    507,
    'The disk of the node is full: make room there; nothing was lost, and the request can be sent again.',
  );

/** A system's error of a full disk becomes a refusal; others stay what they are. */
export function asRefusal(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT' ? diskFull() : error;
}
