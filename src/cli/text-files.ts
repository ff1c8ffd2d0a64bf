/** @file Text that a command line names: read before anything starts, and what is wrong with it said with its name. */

import { readFile } from 'node:fs/promises';
import { HeldOutError, type HeldOutTask, readHeldOut } from '../evals/tasks';
import { RunError } from '../selfplay/errors';
import { readOwnTerms } from '../selfplay/own-terms';
import { readSeeds, type Seed, SeedError } from '../selfplay/seeds';
import { CommandError } from './command';

export async function readTextFile(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? 'is not there' : `cannot be read (${error.code})`;
    throw new CommandError(`${path} ${why}: name a file that is.`, 2);
  });
}

export async function readJsonFile(path: string): Promise<unknown> {
  const text = await readTextFile(path);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CommandError(`${path} is not JSON: ${(error as Error).message}.`, 2);
  }
}

export async function readSeedFile(path: string): Promise<Seed[]> {
  return readLinesOf(path, readSeeds);
}

export async function readHeldOutFile(path: string): Promise<HeldOutTask[]> {
  return readLinesOf(path, readHeldOut);
}

/** The text of a module of the user's own rewards; looked at now, and run wherever the loop is. */
export async function readRewardsFile(path: string): Promise<string> {
  const text = await readTextFile(path);
  try {
    await readOwnTerms(text);
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    throw new CommandError(`${path}: ${error.message}`, 2);
  }
  return text;
}

async function readLinesOf<T>(path: string, read: (text: string) => T[]): Promise<T[]> {
  const text = await readTextFile(path);
  try {
    return read(text);
  } catch (error) {
    if (!(error instanceof SeedError || error instanceof HeldOutError)) throw error;
    throw new CommandError(`${path}: ${error.message}`, 2);
  }
}
