/**
 * @file The materials of a warm-up on disk: parts of five hundred programs each, one JSON object a line. Which draws they are made of
 * is chosen first and written down; a part is written whole or not at all, so drawing goes on where it was interrupted.
 */

import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Level, levels } from '../grammar/levels';
import type { Executor } from '../sandbox/executor';
import { chooseDraws } from './choice';
import { drawMaterial, type Material } from './material';
import type { Recipe } from './recipe';

const perPart = 500;
/** Programs that are under way at once: the sandbox takes what comes in one moment together. */
const together = 50;

export interface Part {
  path: string;
  level: Level;
  draws: number[];
}

/** All there are, and those that are still to be drawn. */
export async function planPool(folder: string, recipe: Recipe): Promise<{ parts: Part[]; missing: Part[] }> {
  await mkdir(folder, { recursive: true });
  const parts: Part[] = [];
  for (const level of levels) {
    const chosen = await chosenDraws(folder, level, recipe);
    for (let first = 0; first < chosen.length; first += perPart) {
      const draws = chosen.slice(first, first + perPart);
      // With how many there are in it, so that the short last part of a smaller pool does not pass for a whole one of a larger.
      const name = `level-${level}-${String(first).padStart(6, '0')}-${draws.length}.jsonl`;
      parts.push({ path: join(folder, name), level, draws });
    }
  }
  const there = await Promise.all(parts.map(({ path }) => stat(path).then(Boolean, () => false)));
  return { parts, missing: parts.filter((_, index) => !there[index]) };
}

/** Choosing takes a minute or two for all levels, reading what was chosen does not. Fewer are the first of more. */
async function chosenDraws(folder: string, level: Level, { seed, programs }: Recipe): Promise<number[]> {
  const path = join(folder, `draws-${level}.json`);
  const written = await readFile(path, 'utf8').catch(() => null);
  const before = written === null ? [] : (JSON.parse(written) as number[]);
  if (before.length >= programs[level]) return before.slice(0, programs[level]);
  const chosen = chooseDraws(seed, level, programs[level]);
  await writeWhole(path, JSON.stringify(chosen));
  return chosen;
}

export async function readPool(parts: readonly Part[]): Promise<Material[]> {
  const materials: Material[] = [];
  for (const { path } of parts) {
    for (const line of (await readFile(path, 'utf8')).split('\n')) {
      if (line) materials.push(JSON.parse(line) as Material);
    }
  }
  return materials;
}

export async function drawPart(
  { path, level, draws }: Part,
  { seed, inputs }: Recipe,
  executor: Executor,
): Promise<void> {
  const lines: string[] = [];
  for (let start = 0; start < draws.length; start += together) {
    const some = draws
      .slice(start, start + together)
      .map((n) => drawMaterial({ seed, level, n, inputs }, executor));
    for (const material of await Promise.all(some)) if (material) lines.push(JSON.stringify(material));
  }
  await writeWhole(path, `${lines.join('\n')}\n`);
}

async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}
