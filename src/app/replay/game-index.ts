/**
 * @file All the games of a run, as a few numbers each: enough to list and to filter a hundred thousand of them between two frames. What
 * was said in a game is read from the store when somebody looks at it.
 */

import { safetyRules } from '../../selfplay/safety';
import { type Episode, modes, roles } from '../../store/records';
import { codeOf, verdictOf } from './verdict';

const columns = {
  id: Uint32Array,
  step: Uint32Array,
  /** Places in `modes`, `roles` and `verdicts`. */
  mode: Uint8Array,
  role: Uint8Array,
  verdict: Uint8Array,
  /** A bit for each safety rule, and the last for those that are not ours. */
  flags: Uint16Array,
  reward: Float32Array,
} as const;
type Columns = { readonly [Name in keyof typeof columns]: InstanceType<(typeof columns)[Name]> };

/** In the order in which they were played. It never changes: more games make a new one. */
export interface GameIndex extends Columns {
  readonly length: number;
}

const make = (length: number): GameIndex => ({
  length,
  id: new Uint32Array(length),
  step: new Uint32Array(length),
  mode: new Uint8Array(length),
  role: new Uint8Array(length),
  verdict: new Uint8Array(length),
  flags: new Uint16Array(length),
  reward: new Float32Array(length),
});

export const noGames: GameIndex = make(0);

/** Rules that the page knows, then all others as one. */
export const flagNames: readonly string[] = safetyRules.map(({ name }) => name);
const othersBit = 1 << flagNames.length;

export function flagBits(flags: readonly string[]): number {
  return flags.reduce((bits, flag) => {
    const at = flagNames.indexOf(flag);
    return bits | (at < 0 ? othersBit : 1 << at);
  }, 0);
}

/** Of games in the order in which they were played, or in the opposite one, as the store gives them. */
export function indexOf(episodes: readonly Episode[]): GameIndex {
  const index = make(episodes.length);
  const newestFirst = episodes.length > 1 && episodes[0].id > episodes[1].id;
  episodes.forEach((episode, place) => {
    const at = newestFirst ? episodes.length - 1 - place : place;
    index.id[at] = episode.id;
    index.step[at] = episode.step;
    index.mode[at] = modes.indexOf(episode.mode);
    index.role[at] = roles.indexOf(episode.role);
    index.verdict[at] = codeOf.get(verdictOf(episode)) ?? 0;
    index.flags[at] = flagBits(episode.flags);
    index.reward[at] = episode.reward;
  });
  return index;
}

/** One after the other. */
export function joined(parts: readonly GameIndex[]): GameIndex {
  const all = make(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    for (const name of Object.keys(columns) as (keyof typeof columns)[]) all[name].set(part[name], at);
    at += part.length;
  }
  return all;
}

/** The place of a game among those whose ids ascend; -1 if it is not there. `at` gives the id of a place. */
export function placeOf(id: number, length: number, at: (place: number) => number): number {
  let low = 0;
  let high = length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = at(middle);
    if (found === id) return middle;
    if (found < id) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
