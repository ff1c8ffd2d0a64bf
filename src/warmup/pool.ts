/**
 * @file The materials of a warm-up on disk: parts of five hundred programs each, one JSON object a line. A part is a function of the
 * recipe and its number and is written whole or not at all, so drawing goes on where it was interrupted.
 */

import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Level, levels } from '../grammar/levels';
import type { Executor } from '../sandbox/executor';
import { drawMaterial, type Material } from './material';
import type { Recipe } from './recipe';

const perPart = 500;
/** Programs that are under way at once: the sandbox takes what comes in one moment together. */
const together = 50;

export interface Part {
  path: string;
  level: Level;
  first: number;
  count: number;
}

function partsOf(folder: string, { programs }: Recipe): Part[] {
  return levels.flatMap((level) =>
    Array.from({ length: Math.ceil(programs[level] / perPart) }, (_, index) => {
      const first = index * perPart;
      const path = join(folder, `level-${level}-${String(first).padStart(6, '0')}.jsonl`);
      return { path, level, first, count: Math.min(perPart, programs[level] - first) };
    }),
  );
}

/** What is still to be drawn. */
export async function missingParts(folder: string, recipe: Recipe): Promise<Part[]> {
  await mkdir(folder, { recursive: true });
  const parts = partsOf(folder, recipe);
  const there = await Promise.all(parts.map(({ path }) => stat(path).then(Boolean, () => false)));
  return parts.filter((_, index) => !there[index]);
}

export async function readPool(folder: string, recipe: Recipe): Promise<Material[]> {
  const materials: Material[] = [];
  for (const { path } of partsOf(folder, recipe)) {
    for (const line of (await readFile(path, 'utf8')).split('\n')) {
      if (line) materials.push(JSON.parse(line) as Material);
    }
  }
  return materials;
}

export async function drawPart(
  { path, level, first, count }: Part,
  { seed, inputs }: Recipe,
  executor: Executor,
): Promise<void> {
  const lines: string[] = [];
  for (let start = 0; start < count; start += together) {
    const some = Array.from({ length: Math.min(together, count - start) }, (_, i) =>
      drawMaterial({ seed, level, n: first + start + i, inputs }, executor),
    );
    for (const material of await Promise.all(some)) lines.push(JSON.stringify(material));
  }
  await writeFile(`${path}.new`, `${lines.join('\n')}\n`);
  await rename(`${path}.new`, path);
}
