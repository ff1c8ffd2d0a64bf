/** @file A model's config.json as an argument: the file, or a folder that holds it. */

import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type ModelConfig, parseModelConfig } from '../model/config';
import { CommandError } from './command';

export async function readConfigFile(path: string | undefined): Promise<ModelConfig> {
  if (!path) throw new CommandError('Say which model: --model CONFIG.json, or the folder that holds it.', 2);
  const file = (await stat(path).catch(() => null))?.isDirectory() ? join(path, 'config.json') : path;
  const text = await readFile(file, 'utf8').catch(() => {
    throw new CommandError(`${file} cannot be read: name a config.json, or a folder that holds one.`);
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new CommandError(`${file} is not JSON: download it again.`);
  }
  return parseModelConfig(json);
}

/** A whole number of at least one, from an option. */
export function wholeNumber(name: string, value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new CommandError(`--${name} must be a whole number of at least 1, not "${value}".`, 2);
}
