/** @file All measurements of the remote node: what it costs that the engine is behind a server, and what a second one brings. */

import { benchRoom } from './lib/room';

const measurements = {
  overhead: () => import('./measurements/node-overhead'),
  fleet: () => import('./measurements/node-fleet'),
};

export const names = Object.keys(measurements);

export const benchNode = (chosen: readonly string[], progress: (line: string) => void) =>
  benchRoom('node', measurements, chosen, progress);
