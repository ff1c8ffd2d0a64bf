/** @file The run that the settings are compared with: one that was chosen for it, or else the one that is open in this tab. */

import { computed } from '@preact/signals';
import type { Config, Key } from '../../selfplay/config';
import type { RunInfo } from '../../store/records';
import { chosenValue, configOf, isSame, like } from '../state/draft';
import { runs } from '../state/library';
import { isPlaying, live } from '../state/live';
import { baseModel, refOfCheckpoint } from '../state/models';

export interface Compared {
  run: RunInfo;
  name: string;
  config: Config;
  /** Is it the one that plays in this tab? */
  plays: boolean;
}

export const compared = computed<Compared | null>(() => {
  const id = like.value ?? live.value?.run;
  const run = runs.value?.find((each) => each.id === id);
  const config = run && configOf(run);
  if (!run || !config) return null;
  return { run, name: run.name, config, plays: isPlaying.value && live.value?.run === run.id };
});

/** The value that the run has, if it has another one. Reads the draft. */
export function otherThere(key: Key, than: Compared | null): { value: unknown } | null {
  if (!than) return null;
  const value = than.config[key];
  return isSame(value, chosenValue(key)) ? null : { value };
}

export interface ModelOfRun {
  ref: string;
  /** "as it began" */
  when: string;
}

/** Weights of a run that another one could begin with: those that it began with, if they are still there, and its newest ones. */
export function modelsOf(run: RunInfo, checkpoints: readonly number[]): ModelOfRun[] {
  const steps = [...checkpoints].sort((a, b) => a - b);
  const [oldest] = steps;
  const newest = steps.at(-1);
  const found: ModelOfRun[] = [];
  if (run.model.startsWith('the base model')) found.push({ ref: baseModel, when: 'as it began' });
  else if (oldest === 0) found.push({ ref: refOfCheckpoint(run.id, 0), when: 'as it began' });
  if (newest !== undefined && newest > 0)
    found.push({ ref: refOfCheckpoint(run.id, newest), when: `after step ${newest}` });
  return found;
}
