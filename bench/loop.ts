/** @file All measurements of the self-play loop: what it costs besides the engine and Python, in the built page as a user gets it. */

import { benchRoom } from './lib/room';

const measurements = {
  share: () => import('./measurements/loop-share'),
  own: () => import('./measurements/loop-own'),
};

export const names = Object.keys(measurements);

export const benchLoop = (chosen: readonly string[], progress: (line: string) => void) =>
  benchRoom('loop', measurements, chosen, progress);
