/**
 * @file Progress is made more often than anybody can read of it, and every change of the page takes time from the model. What is shown
 * is the newest, no more often than one glances at it, and nothing old after what ended it.
 */

import type { SessionEvent } from '../../selfplay/session';

/** Milliseconds. */
export const glance = 500;

/** Passes all events on; of progress only the newest, once in a while. */
export function glances(tell: (event: SessionEvent) => void): (event: SessionEvent) => void {
  let newest: SessionEvent | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    timer = undefined;
    if (newest === null) return;
    tell(newest);
    newest = null;
    timer = setTimeout(look, glance);
  };
  return (event) => {
    if (event.kind === 'progress') {
      newest = event;
      if (timer === undefined) look();
    } else {
      newest = null;
      tell(event);
    }
  };
}
