/** @file What can go wrong with a node besides what can go wrong in any engine. */

import { EngineError, OutOfReachError } from '../errors';

/** Nothing was heard of it for as long as the client is patient. */
export class NodeUnreachableError extends OutOfReachError {
  override name = 'NodeUnreachableError';
}

/** It answers, and will not have us: a wrong token, a wrong origin, a wrong name. */
export class NodeRefusedError extends EngineError {
  override name = 'NodeRefusedError';
}

/** An operation was sent under a number that another one has: two clients share a model, or one has lost its place. */
export class ConflictError extends EngineError {
  override name = 'ConflictError';
}

/** Its disk is full. */
export class DiskFullError extends EngineError {
  override name = 'DiskFullError';
}

/** The server cannot do what the Engine was asked for; the sentence says what it can. */
export class UnsupportedByServerError extends EngineError {
  override name = 'UnsupportedByServerError';
}

export const remoteErrors = {
  NodeUnreachableError,
  NodeRefusedError,
  ConflictError,
  DiskFullError,
  UnsupportedByServerError,
};
