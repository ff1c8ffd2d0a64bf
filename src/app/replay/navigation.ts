/** @file From game to game among those that are listed. */

import { type GameIndex, placeOf } from './game-index';

/** Of a step, the first game that is listed; from behind, the last. Null if none is. */
export function firstOf(
  index: GameIndex,
  shown: Uint32Array,
  step: number,
  from: 'start' | 'end',
): number | null {
  const at =
    from === 'start'
      ? shown.find((each) => index.step[each] === step)
      : shown.findLast((each) => index.step[each] === step);
  return at === undefined ? null : index.id[at];
}

/** The row after a game or before it, also where the game itself is not listed; past the ends of the list there is none. */
export function rowBeside(index: GameIndex, shown: Uint32Array, game: number | null, by: 1 | -1): number {
  const row = game === null ? -1 : placeOf(game, shown.length, (each) => index.id[shown[each]]);
  if (row >= 0) return row + by;
  const next = shown.findIndex((at) => index.id[at] > (game ?? 0));
  const after = next < 0 ? shown.length : next;
  return by > 0 ? after : after - 1;
}
