/** @file Where a run was computed, step by step: it may be moved from this device to a node and back, and its record says so. */

import type { Place, RunInfo } from '../store/records';

type Whereabouts = Pick<RunInfo, 'step' | 'backend' | 'device' | 'places'>;

/** After the run was opened there. Undefined while it was always in one place, as the record says anyway. */
export function placesOf(
  { step, backend, device, places }: Whereabouts,
  there: Omit<Place, 'from'>,
): Place[] | undefined {
  const before = device === '' ? [] : [{ from: 0, backend, device }]; // nobody has played a run that has no device
  const lasting = (places ?? before).filter(({ from }) => from <= step); // no step of the others was stored
  const last = lasting.at(-1);
  if (last?.backend === there.backend && last.device === there.device) return places && lasting;
  if (!last) return places && [{ from: 0, ...there }];
  return [...lasting, { from: step + 1, ...there }];
}
