/** @file Playing: from one game to the next, at a pace at which they can be read, or faster. */

import { useEffect, useRef } from 'preact/hooks';

export const speeds = [0.5, 1, 2, 4, 8] as const;

/** Milliseconds a game is shown, at speed 1. */
export const pace = 2400;

const still = matchMedia('(prefers-reduced-motion: reduce)');
/** How long a completion takes to write itself out while it plays; null where it stands there at once. */
export const writingTime = (playing: boolean, speed: number): number | null =>
  playing && speed <= 2 && !still.matches ? (pace / speed) * 0.6 : null;

/** While it plays, the newest `next` is called again and again; `ready` holds it back while something is loaded. */
export function usePlaying(playing: boolean, speed: number, ready: boolean, next: () => void): void {
  const newest = useRef({ next, ready });
  newest.current = { next, ready };
  useEffect(() => {
    if (!playing) return;
    const timer = setInterval(() => {
      if (newest.current.ready) newest.current.next();
    }, pace / speed);
    return () => clearInterval(timer);
  }, [playing, speed]);
}
