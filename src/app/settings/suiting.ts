/**
 * @file A model is chosen, or a preset for it, and the settings follow: a preset that the model can be spoken to in, and what fits the
 * model and this device. What people chose themselves stays where it can.
 */

import { effect } from '@preact/signals';
import { checkConfig, readConfig } from '../../selfplay/config';
import type { DeviceReport } from '../device/inspect';
import type { NodeAbout } from '../node/asking';
import { device } from '../state/device';
import {
  change,
  choosePreset,
  type Draft,
  draft,
  filled,
  presetValues,
  settingsOf,
  withoutFilled,
} from '../state/draft';
import { nameOfModel } from '../state/models';
import { connectedNode } from '../state/node';
import { toast } from '../state/toasts';
import { type AboutModel, aboutModel } from './about-model';
import { backendOf, roomOf, speedThere } from './choice';
import { type Filled, fitted } from './fitting';

/** As somebody picks it from a list. */
export async function chooseModel(model: string): Promise<void> {
  const before = draft.value;
  change({ model });
  const about = await known(model);
  if (!about) return; // the forecast says why
  const preset = draft.value.preset;
  if (await about.misfit(presetValues(preset))) choosePreset(about.suits);
  await fillIn();
  const keys = Object.keys(filled.value);
  if (draft.value.preset === preset && keys.length === 0) return;
  const also = keys.length > 0 ? ', and what fits it and this device is filled in' : '';
  toast(`${nameOfModel(model)} goes with the preset ${draft.value.preset}${also}.`, {
    action: { label: 'Undo', run: () => change(before) },
  });
}

/** As an address names it that names no preset: the settings that it does name stay as they are. */
export async function suitAddress(): Promise<void> {
  const { model, preset } = draft.value;
  const about = await known(model);
  if (about && (await about.misfit(presetValues(preset)))) change({ preset: about.suits });
  await fillIn();
}

/** Whatever does not fit gives way to what does. */
export async function fillIn(): Promise<void> {
  const { model } = draft.value;
  const [about, report] = await Promise.all([known(model), knownDevice()]);
  if (!about || draft.value.model !== model) return;
  const changes = withoutFilled();
  const asked = { ...draft.value, changes };
  const found = fillingOf(asked, about, report, connectedNode.value);
  // What it cannot be spoken to in is not made to fit either.
  if (!found || (await about.misfit(readConfig(settingsOf(asked))))) return;
  change({ changes: { ...changes, ...found } });
  filled.value = found;
}

/** Null where something else has to be put right first. */
export function fillingOf(
  chosen: Draft,
  { shape }: AboutModel,
  report: DeviceReport | null,
  node: NodeAbout | null,
): Filled | null {
  const settings = settingsOf(chosen);
  if (checkConfig(settings).length > 0) return null;
  const backend = backendOf(chosen.backend, report);
  const speed = speedThere(backend, shape, report, node);
  return fitted(readConfig(settings), shape, roomOf(backend, report, node), speed);
}

const known = (model: string) => aboutModel(model).catch(() => null);

function knownDevice(): Promise<DeviceReport> {
  return new Promise((resolve) => {
    const stop = effect(() => {
      const found = device.value;
      if (!found) return;
      queueMicrotask(() => stop());
      resolve(found);
    });
  });
}
