/** @file What can go wrong in a run besides what its players may do, by name. Each message says what to do. */

/** A run that cannot begin or go on as it is. */
export class RunError extends Error {
  override name = 'RunError';
}

/** A file of seeds of which none can be used. */
export class SeedingError extends Error {
  override name = 'SeedingError';
}
