/** @file What a run was in a few words: its settings, how it stands, and whether it is what somebody looks for. */

import { type Config, difference, type Key, keys } from '../../selfplay/config';
import type { PresetName } from '../../selfplay/presets';
import type { RunInfo } from '../../store/records';
import { changesFrom, configOf, nearestPreset, written } from '../state/draft';

export interface Kind {
  preset: PresetName;
  /** Keys that differ from it, but for seed and note. */
  changes: Key[];
  /** What it learns from: two things that are never the same curve. */
  learns: 'hindsight' | 'rewards alone' | 'rewards and hindsight';
}

const kinds = new WeakMap<Config, Kind>();

/** Null where the settings cannot be read. */
export function kindOf(run: Pick<RunInfo, 'config'>): Kind | null {
  const config = configOf(run);
  if (!config) return null;
  const known = kinds.get(config) ?? describe(config);
  kinds.set(config, known);
  return known;
}

function describe(config: Config): Kind {
  const preset = nearestPreset(config);
  const hindsight = config['hindsight.tasks'] > 0 || config['hindsight.proposals'] > 0;
  return {
    preset,
    changes: changesFrom(preset, config),
    learns: !hindsight ? 'rewards alone' : config['hindsight.policy'] ? 'rewards and hindsight' : 'hindsight',
  };
}

/** What somebody wrote about it, before it began or since. */
export const noteOf = (run: Pick<RunInfo, 'config' | 'note'>): string =>
  run.note ?? configOf(run)?.note ?? '';

export const plannedSteps = (run: Pick<RunInfo, 'config'>): number | null => configOf(run)?.steps ?? null;

/** In which not all of them agree, in the table's order. Those that cannot be read have no say. */
export function differingKeys(runs: readonly Pick<RunInfo, 'config'>[]): Key[] {
  const [first, ...others] = runs.flatMap((run) => configOf(run) ?? []);
  if (!first) return [];
  const differing = new Set(others.flatMap((other) => difference(first, other).map(({ key }) => key)));
  return keys.filter((key) => differing.has(key));
}

// ---- How it stands -----------------------------------------------------------------------------------------------------

export type Standing =
  | 'playing' //       in this tab
  | 'open' //          in this tab, paused
  | 'elsewhere' //     plays in another tab
  | 'held' //          open in another tab, paused
  | 'interrupted' //   it was killed: nobody plays it
  | 'paused'
  | 'finished'
  | 'failed';

export interface Whereabouts {
  /** The run that this tab has open. */
  here: string | null;
  plays: boolean;
  /** Runs that anybody has open; null where browsers do not tell. */
  held: ReadonlySet<string> | null;
}

export function standingOf(
  { id, status }: Pick<RunInfo, 'id' | 'status'>,
  { here, plays, held }: Whereabouts,
): Standing {
  if (id === here && status !== 'finished' && status !== 'failed') return plays ? 'playing' : 'open';
  const isHeld = held?.has(id) ?? status === 'running';
  if (id !== here && isHeld && status !== 'finished') return status === 'running' ? 'elsewhere' : 'held';
  return status === 'running' ? 'interrupted' : status;
}

export const standingWords: Record<Standing, string> = {
  playing: 'plays here',
  open: 'open here, paused',
  elsewhere: 'running in another tab',
  held: 'open in another tab',
  interrupted: 'was interrupted',
  paused: 'paused',
  finished: 'finished',
  failed: 'failed',
};

// ---- Looking for one ---------------------------------------------------------------------------------------------------

/** All words must be there: in names, notes or models; `key=value` asks for a setting, `key=` for any run that knows it. */
export function isWanted(run: RunInfo, query: string): boolean {
  const { name, model, backend, device, status, id } = run;
  const kind = kindOf(run);
  const text = [name, noteOf(run), model, backend, device, status, id, kind?.preset ?? '', kind?.learns ?? '']
    .join('\n')
    .toLowerCase();
  return query
    .trim()
    .split(/\s+/)
    .every((word) => settingMatches(run, word) ?? text.includes(word.toLowerCase()));
}

/** Null if the word does not ask for a setting. */
function settingMatches(run: RunInfo, word: string): boolean | null {
  const at = word.indexOf('=');
  const key = keys.find((each) => each === word.slice(0, Math.max(0, at)));
  if (!key) return null;
  const config = configOf(run);
  const wanted = word.slice(at + 1).toLowerCase();
  return config !== null && (wanted === '' || written(config[key]).toLowerCase() === wanted);
}

export const orders = ['newest', 'oldest', 'name', 'steps', 'held-out'] as const;
export type Order = (typeof orders)[number];

export const orderWords: Record<Order, string> = {
  newest: 'Newest first',
  oldest: 'Oldest first',
  name: 'By name',
  steps: 'Most steps first',
  'held-out': 'Best on held-out tasks first',
};

/** `accuracy` of those that are known; others come last. */
export function inOrder(
  runs: readonly RunInfo[],
  order: Order,
  accuracy: (id: string) => number | null,
): RunInfo[] {
  const by: Record<Order, (a: RunInfo, b: RunInfo) => number> = {
    newest: (a, b) => b.createdAt - a.createdAt,
    oldest: (a, b) => a.createdAt - b.createdAt,
    name: (a, b) => a.name.localeCompare(b.name),
    steps: (a, b) => b.step - a.step,
    'held-out': (a, b) => (accuracy(b.id) ?? -1) - (accuracy(a.id) ?? -1),
  };
  return [...runs].sort(by[order]);
}
