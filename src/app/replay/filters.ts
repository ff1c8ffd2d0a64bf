/** @file Which games are looked for. Filters are in the address, so that what was found can be shown to somebody. */

import { type Mode, modes, type Role, roles } from '../../store/records';
import { flagNames, type GameIndex } from './game-index';
import { type GameVerdict, verdicts } from './verdict';

export interface Filters {
  mode: Mode | null;
  role: Role | null;
  verdict: GameVerdict | null;
  /** 'any', or the name of a safety rule. */
  flag: string | null;
  /** Rewards from and to, both included. */
  min: number | null;
  max: number | null;
  /** What the prompt or the completion must hold. */
  text: string;
}

export const noFilters: Filters = {
  mode: null,
  role: null,
  verdict: null,
  flag: null,
  min: null,
  max: null,
  text: '',
};

/** What an address says that is none of these is no filter. */
export function filtersFrom(params: URLSearchParams): Filters {
  const one = <T extends string>(all: readonly T[], name: string) =>
    all.find((each) => each === params.get(name)) ?? null;
  const number = (name: string) => {
    const written = params.get(name)?.trim();
    return written && Number.isFinite(Number(written)) ? Number(written) : null;
  };
  return {
    mode: one(modes, 'mode'),
    role: one(roles, 'role'),
    verdict: one(verdicts, 'verdict'),
    flag: one(['any', ...flagNames], 'flag'),
    min: number('min'),
    max: number('max'),
    text: params.get('q')?.trim() ?? '',
  };
}

/** For an address: null where there is no such filter. */
export const filterParams = ({ text, ...rest }: Filters) => ({ ...rest, q: text || null });

export const isFiltered = (filters: Filters) =>
  Object.values(filterParams(filters)).some((value) => value !== null);

/**
 * The places of the games that match. Where a text is looked for, `found` has the ids of the games that hold it: the index does not know
 * what was said.
 */
export function matching(index: GameIndex, filters: Filters, found: ReadonlySet<number> | null): Uint32Array {
  const code = (all: readonly string[], value: string | null) => (value === null ? -1 : all.indexOf(value));
  const mode = code(modes, filters.mode);
  const role = code(roles, filters.role);
  const verdict = code(verdicts, filters.verdict);
  const bits = filters.flag === null ? 0 : filters.flag === 'any' ? -1 : 1 << flagNames.indexOf(filters.flag);
  // Rewards are kept in four bytes: 0.1 there is a little more than 0.1.
  const min = filters.min === null ? Number.NEGATIVE_INFINITY : Math.fround(filters.min);
  const max = filters.max === null ? Number.POSITIVE_INFINITY : Math.fround(filters.max);
  const places = new Uint32Array(index.length);
  let count = 0;
  for (let at = 0; at < index.length; at++) {
    if (mode >= 0 && index.mode[at] !== mode) continue;
    if (role >= 0 && index.role[at] !== role) continue;
    if (verdict >= 0 && index.verdict[at] !== verdict) continue;
    if (bits !== 0 && (index.flags[at] & bits) === 0) continue;
    if (index.reward[at] < min || index.reward[at] > max) continue;
    if (found && !found.has(index.id[at])) continue;
    places[count++] = at;
  }
  return places.slice(0, count);
}

/** How many games have each verdict, by code: for the list of filters. */
export function verdictCounts(index: GameIndex): Uint32Array {
  const counts = new Uint32Array(verdicts.length);
  for (let at = 0; at < index.length; at++) counts[index.verdict[at]]++;
  return counts;
}
