/** @file Errors that cross the border of the trainer's worker under their own names. */

import { remoteErrors } from '../src/engine/remote/errors';
import { SandboxClosedError, SandboxError, SandboxUnavailableError } from '../src/sandbox/errors';
import { ConfigError } from '../src/selfplay/config';
import { RunError, SeedingError } from '../src/selfplay/errors';
import { storeErrors } from '../src/store/errors';

export const trainerErrors = {
  ...storeErrors,
  ...remoteErrors,
  ConfigError,
  RunError,
  SeedingError,
  SandboxError,
  SandboxClosedError,
  SandboxUnavailableError,
};
