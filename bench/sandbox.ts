/**
 * @file All measurements of the Python sandbox: the built page as a user gets it, against native CPython in the same run.
 */

import { benchRoom } from './lib/room';

const measurements = {
  throughput: () => import('./measurements/sandbox-throughput'),
  start: () => import('./measurements/sandbox-start'),
  cost: () => import('./measurements/sandbox-cost'),
  warm: () => import('./measurements/sandbox-warm'),
};

export const names = Object.keys(measurements);

export const benchSandbox = (chosen: readonly string[], progress: (line: string) => void) =>
  benchRoom('sandbox', measurements, chosen, progress);
