/**
 * @file Everything that can go wrong in an engine, by name. Each message says what happened and what to do.
 *
 * Names survive the way out of a worker (see transfer.ts), so a caller may test for them with instanceof on both sides.
 */

export class EngineError extends Error {
  override name = 'EngineError';
}

/** The GPU went away. Models on it are gone; checkpoints are not. */
export class DeviceLostError extends EngineError {
  override name = 'DeviceLostError';
  constructor(reason = '') {
    super(
      `The GPU was lost${reason ? ` (${reason})` : ''}: models in its memory are gone, saved checkpoints are not. ` +
        'Create a new engine and load the last checkpoint.',
    );
  }
}

export class OutOfMemoryError extends EngineError {
  override name = 'OutOfMemoryError';
}

/** Whatever computes does not answer for the time being: it may be back, with all that it had. */
export class OutOfReachError extends EngineError {
  override name = 'OutOfReachError';
}

/** This machine or browser lacks something that was asked for. */
export class UnsupportedDeviceError extends EngineError {
  override name = 'UnsupportedDeviceError';
}

/** A model file that cannot be run. */
export class BrokenModelError extends EngineError {
  override name = 'BrokenModelError';
}

export class InvalidRequestError extends EngineError {
  override name = 'InvalidRequestError';
}

export class UnknownModelError extends EngineError {
  override name = 'UnknownModelError';
  constructor(model: string) {
    super(`There is no model "${model}" in this engine: it was disposed of, or belongs to another engine.`);
  }
}

export class EngineClosedError extends EngineError {
  override name = 'EngineClosedError';
  constructor() {
    super('This engine is closed: create a new one.');
  }
}

export const engineErrors = {
  EngineError,
  DeviceLostError,
  OutOfReachError,
  OutOfMemoryError,
  UnsupportedDeviceError,
  BrokenModelError,
  InvalidRequestError,
  UnknownModelError,
  EngineClosedError,
};
