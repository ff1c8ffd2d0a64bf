/**
 * @file The next run, as far as it has been chosen: a preset, what is changed of it, and a model. It is in the address of the settings
 * view, so that a link is a whole configuration: `#/settings?preset=laptop&model=builtin&seed=7&batch=16`.
 */

import { computed, signal } from '@preact/signals';
import {
  type Config,
  checkConfig,
  difference,
  type Key,
  keys,
  type Problem,
  readConfig,
  valueFromText,
} from '../../selfplay/config';
import { isPreset, type PresetName, presetConfig, presetNames, presetSettings } from '../../selfplay/presets';
import type { RunInfo } from '../../store/records';
import { baseModel } from './models';
import { go, href, type Route } from './router';

export const backends = ['auto', 'webgpu', 'wasm', 'remote'] as const;
export type BackendChoice = (typeof backends)[number];

export interface Draft {
  preset: PresetName;
  /** As they were written or chosen: they may be wrong still. */
  changes: Readonly<Partial<Record<Key, unknown>>>;
  model: string;
  backend: BackendChoice;
}

export const firstDraft: Draft = { preset: 'taste', changes: {}, model: baseModel, backend: 'auto' };
export const draft = signal<Draft>(firstDraft);

/** The run that the settings are compared with, by its id; null for the one that is open, if one is. */
export const like = signal<string | null>(null);

/** Keys in the address that there are not, in words. */
export const strangers = signal<readonly string[]>([]);

export const problems = computed<readonly Problem[]>(() => checkConfig(settingsOf(draft.value)));
/** Null while something is wrong with it. */
export const config = computed<Config | null>(() =>
  problems.value.length ? null : readConfig(settingsOf(draft.value)),
);

export function settingsOf({ preset, changes }: Draft): Record<string, unknown> {
  return { ...presetSettings(preset), ...changes };
}

/** As it stands, right or wrong. */
export function chosenValue(key: Key, { preset, changes }: Draft = draft.value): unknown {
  return key in changes ? changes[key] : presetValues(preset)[key];
}

/** Takes a value back if it is that of the preset. */
export function set(key: Key, value: unknown): void {
  const { [key]: _, ...others } = draft.value.changes;
  const same = isSame(presetValues(draft.value.preset)[key], value);
  change({ changes: same ? others : { ...others, [key]: value } });
}

export function reset(key: Key): void {
  set(key, presetValues(draft.value.preset)[key]);
}

export function change(next: Partial<Draft>): void {
  draft.value = { ...draft.value, ...next };
}

/** What belongs to the person and not to the preset. */
const own: readonly Key[] = ['seed', 'note'];

/** What was filled in for the model and the device; whoever changes it makes it their own. */
export const filled = signal<Readonly<Partial<Config>>>({});

/** Of what was filled in, what still stands. */
export const stillFilled = computed<readonly Key[]>(() =>
  (Object.keys(filled.value) as Key[]).filter((key) => isSame(draft.value.changes[key], filled.value[key])),
);

/** What is chosen, without what was only filled in. */
export function withoutFilled({ changes }: Draft = draft.value): Draft['changes'] {
  return Object.fromEntries(
    (Object.keys(changes) as Key[])
      .filter((key) => !stillFilled.value.includes(key))
      .map((key) => [key, changes[key]]),
  );
}

/** Another preset, as it is: the seed and the note stay. Returns what was changed of the old one. */
export function choosePreset(preset: PresetName): Key[] {
  const { changes } = draft.value;
  const values = presetValues(preset);
  const stays = (key: Key) => own.includes(key) && !isSame(values[key], changes[key]);
  const changed = Object.keys(changes) as Key[];
  change({
    preset,
    changes: Object.fromEntries(changed.filter(stays).map((key) => [key, changes[key]])),
  });
  return changed.filter((key) => !own.includes(key));
}

// ---- From a run --------------------------------------------------------------------------------------------------------

const known = new WeakMap<object, Config | null>();

/** Of a run; null if this Zeroloop cannot read it. */
export function configOf({ config: given }: Pick<RunInfo, 'config'>): Config | null {
  if (typeof given !== 'object' || given === null) return null;
  const before = known.get(given);
  if (before !== undefined) return before;
  const read = checkConfig(given).length === 0 ? readConfig(given) : null;
  known.set(given, read);
  return read;
}

const nearest = new WeakMap<Config, PresetName>();

/** The preset that a configuration is nearest to, by how many keys differ, seeds and notes aside. */
export function nearestPreset(given: Config): PresetName {
  const before = nearest.get(given);
  if (before) return before;
  let [best, fewest] = [presetNames[0], Number.POSITIVE_INFINITY];
  for (const name of presetNames) {
    const count = changesFrom(name, given).length;
    if (count < fewest) [best, fewest] = [name, count];
  }
  nearest.set(given, best);
  return best;
}

/** What was changed of a preset to get there, seeds and notes aside. */
export function changesFrom(preset: PresetName, given: Config): Key[] {
  return difference(presetValues(preset), given)
    .map(({ key }) => key)
    .filter((key) => !own.includes(key));
}

/** What is chosen starts from what a run was. */
export function draftFrom(given: Config, model: string, backend: BackendChoice = 'auto'): Draft {
  const preset = nearestPreset(given);
  const changes = Object.fromEntries(difference(presetValues(preset), given).map(({ key, to }) => [key, to]));
  return { preset, changes, model, backend };
}

// ---- In an address -----------------------------------------------------------------------------------------------------

/** As people type it. */
export const written = (value: unknown) => (Array.isArray(value) ? value.join(',') : String(value));

/** An address has no place for an empty value; a blank is read as one. */
const inAddress = (value: unknown) => written(value) || ' ';

function paramsOf({ preset, changes, model, backend }: Draft): Record<string, string> {
  return {
    preset,
    seed: inAddress(chosenValue('seed', { preset, changes, model, backend })),
    ...(model !== firstDraft.model && { model }),
    ...(backend !== firstDraft.backend && { backend }),
    ...Object.fromEntries(Object.entries(changes).map(([key, value]) => [key, inAddress(value)])),
  };
}

/** What it is compared with is nobody's business but here. */
export const linkTo = (given: Draft) => href('settings', paramsOf(given));

/** The address that was written last: whoever comes back to it finds what was chosen as it was left. */
let remembered: string | null = null;

/** Puts what is chosen into the address of the settings view. */
export function rememberInAddress(): void {
  go('settings', { ...paramsOf(draft.value), like: like.value }, { replace: true });
  remembered = location.hash;
}

/**
 * What an address says. An address that says nothing, or was written here, leaves what was chosen before. One that names nothing but
 * a run is to be filled from it: that run is returned.
 */
export function readAddress({ params }: Route): string | null {
  if ([...params].length === 0 || location.hash === remembered) return null;
  const { preset, model, backend, like: run, ...rest } = Object.fromEntries(params);
  like.value = run ?? null;
  if (run !== undefined && preset === undefined && Object.keys(rest).length === 0) return run;
  const foreign: string[] = [];
  if (preset !== undefined && !isPreset(preset)) foreign.push(`There is no preset "${preset}".`);
  if (backend !== undefined && !backends.some((each) => each === backend))
    foreign.push(`There is no backend "${backend}".`);
  const base = preset !== undefined && isPreset(preset) ? preset : firstDraft.preset;
  const settings = presetValues(base);
  const changes: Partial<Record<Key, unknown>> = {};
  for (const [name, text] of Object.entries(rest)) {
    const key = keys.find((each) => each === name);
    if (!key) {
      foreign.push(checkConfig({ [name]: text })[0]?.message ?? `There is no setting "${name}".`);
      continue;
    }
    const value = valueFromText(key, text === ' ' ? '' : text);
    if (!isSame(settings[key], value)) changes[key] = value;
  }
  strangers.value = foreign;
  draft.value = {
    preset: base,
    changes,
    model: model ?? firstDraft.model,
    backend: backends.find((each) => each === backend) ?? firstDraft.backend,
  };
  return null;
}

// ---- Values ------------------------------------------------------------------------------------------------------------

const values = new Map<PresetName, Config>();

/** Of a preset, read once. */
export function presetValues(preset: PresetName): Config {
  let found = values.get(preset);
  if (!found) {
    found = presetConfig(preset);
    values.set(preset, found);
  }
  return found;
}

export const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
