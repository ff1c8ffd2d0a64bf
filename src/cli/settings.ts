/**
 * @file The settings of a run from its command line. Later ones win: what suits the model, the preset, a file, --set, then --steps and
 * --seed; what is wrong with them is said in the words of config.ts.
 */

import { type Config, ConfigError, configFromText } from '../selfplay/config';
import { isPreset, type PresetName, presetNames, presetSettings } from '../selfplay/presets';
import { CommandError } from './command';
import { readJsonFile } from './text-files';

export interface SettingsGiven {
  preset?: string;
  config?: string;
  set?: string[];
  steps?: string;
  seed?: string;
}

export interface Settings {
  preset: PresetName;
  config: Config;
}

/** `base`: what suits the model, where nothing else is chosen. */
export async function readSettings(given: SettingsGiven, base: Partial<Config> = {}): Promise<Settings> {
  const { preset = 'strict', set = [], steps, seed } = given;
  if (!isPreset(preset)) {
    throw new CommandError(`There is no preset "${preset}". There is: ${presetNames.join(', ')}.`, 2);
  }
  const file = given.config === undefined ? {} : await readSettingsFile(given.config);
  const own = [
    ...(steps === undefined ? [] : [`steps=${steps}`]),
    ...(seed === undefined ? [] : [`seed=${seed}`]),
  ];
  return { preset, config: withSettings({ ...base, ...presetSettings(preset), ...file }, [...set, ...own]) };
}

export function withSettings(base: Partial<Config>, assignments: readonly string[]): Config {
  try {
    return configFromText(assignments, base);
  } catch (error) {
    if (error instanceof ConfigError) throw new CommandError(inOneLine(error), 2);
    throw error;
  }
}

export const inOneLine = ({ problems }: ConfigError): string =>
  problems.map(({ message }) => message).join(' ');

async function readSettingsFile(path: string): Promise<Partial<Config>> {
  const settings = await readJsonFile(path);
  if (typeof settings === 'object' && settings !== null && !Array.isArray(settings)) return settings;
  throw new CommandError(
    `${path} must hold one JSON object, such as {"batch": 32, "tokens.prompt": 512}.`,
    2,
  );
}
