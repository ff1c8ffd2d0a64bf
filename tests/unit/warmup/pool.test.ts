/** @file The materials of a warm-up on disk: what is there is not drawn again, and what is there in part is not taken for whole. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Level } from '../../../src/grammar/levels';
import { planPool } from '../../../src/warmup/pool';
import { recipe } from '../../../src/warmup/recipe';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pool-'));
});
afterEach(() => rm(folder, { recursive: true }));

const none: Record<Level, number> = { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0, 6: 0 };
const plan = (of: Partial<Record<Level, number>>) =>
  planPool(folder, { ...recipe, programs: { ...none, ...of } });

it('draws each level in parts of five hundred, and none twice', async () => {
  const { parts, missing } = await plan({ 1: 520, 2: 3 });
  expect(parts.map(({ level, draws }) => [level, draws.length])).toEqual([
    [1, 500],
    [1, 20],
    [2, 3],
  ]);
  expect(missing).toEqual(parts);
  await writeFile(parts[0].path, '');
  expect((await plan({ 1: 520, 2: 3 })).missing).toEqual(parts.slice(1));
});

it('begins a larger pool with the programs of a smaller one, and draws its short last part again', async () => {
  const { parts: few } = await plan({ 1: 520 });
  for (const { path } of few) await writeFile(path, '');
  const { parts: more, missing } = await plan({ 1: 530 });
  expect(more[0]).toEqual(few[0]);
  expect(more[1].draws.slice(0, 20)).toEqual(few[1].draws);
  expect(missing).toEqual([more[1]]);
  const { parts: again, missing: nothing } = await plan({ 1: 520 });
  expect([again, nothing]).toEqual([few, []]);
  const kept = JSON.parse(await readFile(join(folder, 'draws-1.json'), 'utf8'));
  expect(kept).toHaveLength(530);
});
