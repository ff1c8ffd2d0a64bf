/** Where several places set the same thing, the later one wins. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readSettings } from '../../../src/cli/settings';
import { presetConfig } from '../../../src/selfplay/presets';

const folder = mkdtempSync(join(tmpdir(), 'zeroloop-settings-'));
const config = join(folder, 'settings.json');
writeFileSync(config, '{"batch": 8, "steps": 30, "seed": 3}');
afterAll(() => rmSync(folder, { recursive: true }));

it('without a word it is strict', async () => {
  expect(await readSettings({})).toEqual({ preset: 'strict', config: presetConfig('strict') });
});

it('what suits the model gives way to whatever somebody chose', async () => {
  const base = {
    dialect: 'compact',
    batch: 1,
    steps: 2,
    'gate.filter': 'non-one',
    note: 'of the model',
  } as const;
  const given = { preset: 'paper', config, set: ['seed=5'] };
  expect((await readSettings(given, base)).config).toMatchObject({
    dialect: 'compact',
    note: 'of the model',
    'gate.filter': 'all',
    batch: 8,
    steps: 30,
    seed: 5,
  });
});

it.each([
  [{ preset: 'paper' }, { 'gate.filter': 'all', batch: 64, steps: 500, seed: 1 }],
  [
    { preset: 'paper', config },
    { 'gate.filter': 'all', batch: 8, steps: 30, seed: 3 },
  ],
  [
    { preset: 'paper', config, set: ['batch=4', 'steps=20'] },
    { batch: 4, steps: 20, seed: 3 },
  ],
  [
    { config, set: ['batch=4', 'batch=2', 'steps=20', 'seed=9'], steps: '10', seed: '7' },
    { batch: 2, steps: 10, seed: 7 },
  ],
])('%j', async (given, expected) => {
  expect((await readSettings(given)).config).toMatchObject(expected);
});
