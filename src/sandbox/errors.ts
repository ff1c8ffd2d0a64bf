/** @file What can go wrong with the sandbox itself. What a program does is never an error but a verdict. */

export class SandboxError extends Error {
  override name = 'SandboxError';
}

/** No isolated interpreter can be had here, and model-written code runs nowhere else. */
export class SandboxUnavailableError extends SandboxError {
  override name = 'SandboxUnavailableError';
}

/** It was disposed of, or its last interpreter could not be replaced. */
export class SandboxClosedError extends SandboxError {
  override name = 'SandboxClosedError';
}
