/**
 * @file Everything that can go wrong when a run is stored, by name. Each message says what happened and what to do; after any of
 * them the store holds what it held before.
 */

import { formatBytes } from '../model/bytes';

export class StoreError extends Error {
  override name = 'StoreError';
}

/** The browser gives no database: private mode, a blocked site, a full or broken profile, another tab in the way. */
export class StoreUnavailableError extends StoreError {
  override name = 'StoreUnavailableError';
}

/** The browser has no room for what was to be written. */
export class QuotaError extends StoreError {
  override name = 'QuotaError';
  /** Only what is in use is told: what browsers say of their limit may be far from it, so that sites cannot tell users apart. */
  constructor(usage?: { bytes: number }) {
    const full = usage ? ` (${formatBytes(usage.bytes)} are in use)` : '';
    super(
      `The browser has no room left for this run${full}: delete old runs or free space on the disk, then continue; ` +
        'every step before this one is stored.',
    );
  }
}

/** Somebody else is writing to the run. */
export class RunLockedError extends StoreError {
  override name = 'RunLockedError';
  constructor(run: string) {
    super(`Run "${run}" is open in another tab or worker: continue it there, or close that one first.`);
  }
}

/** This writer has let go of the run, or lost it. */
export class RunReleasedError extends StoreError {
  override name = 'RunReleasedError';
  constructor(run: string) {
    super(`Run "${run}" is no longer open for writing here: open it again.`);
  }
}

export class UnknownRunError extends StoreError {
  override name = 'UnknownRunError';
  constructor(run: string) {
    super(`There is no run "${run}" in this browser: import its log, or choose another one.`);
  }
}

export class RunExistsError extends StoreError {
  override name = 'RunExistsError';
  constructor(run: string) {
    super(`There is a run "${run}" already: give the new one another name, or delete the old one.`);
  }
}

/** A sound run that lacks what was asked for: a thinned checkpoint, a task that never was. */
export class UnknownRecordError extends StoreError {
  override name = 'UnknownRecordError';
}

/** What was stored can no longer be read. */
export class CorruptRecordError extends StoreError {
  override name = 'CorruptRecordError';
  constructor(
    readonly run: string,
    /** In words: "episodes from 65", "the snapshot of step 12". */
    readonly record: string,
    readonly fault: string,
    /** The step it belongs to, where that is known: the run is sound before it. */
    readonly step: number | null = null,
  ) {
    super(
      `Run "${run}" is damaged: ${record} cannot be read (${fault}); ` +
        (step === null
          ? 'import its log if you have one, or delete it.'
          : `go back to a checkpoint before step ${step}, or export the steps before it.`),
    );
  }
}

/** Made by a later Zeroloop than this one. */
export class NewerVersionError extends StoreError {
  override name = 'NewerVersionError';
  constructor(what: string, version: number, known: number) {
    super(
      `${what} has version ${version}, and this Zeroloop reads up to version ${known}: reload the page or update it.`,
    );
  }
}

/** The caller's mistake: a step that does not follow the last one, or contradicts its snapshot. */
export class StepOrderError extends StoreError {
  override name = 'StepOrderError';
}

/** A file that is no log of a run. */
export class LogFormatError extends StoreError {
  override name = 'LogFormatError';
}

export const storeErrors = {
  StoreError,
  StoreUnavailableError,
  QuotaError,
  RunLockedError,
  RunReleasedError,
  UnknownRunError,
  RunExistsError,
  UnknownRecordError,
  CorruptRecordError,
  NewerVersionError,
  StepOrderError,
  LogFormatError,
};
