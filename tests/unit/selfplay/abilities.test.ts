/** Settings that an engine cannot follow are refused with the value that works, before anything is played. */
import { expect, it } from 'vitest';
import type { Capabilities, Engine } from '../../../src/engine/engine';
import { checkAbilities } from '../../../src/selfplay/abilities';
import { type Config, type Key, readConfig } from '../../../src/selfplay/config';

const check = (settings: Partial<Config>, can: Partial<Capabilities>) =>
  checkAbilities(readConfig({ ...settings }), { capabilities: async () => can } as Engine);

const all = { gradientClipping: true };

it.each<[what: string, key: Key, lacking: Partial<Capabilities>, value: number]>([
  ['an entropy bonus, where there is none', 'loss.entropy', { entropyBonus: false }, 0.001],
  ['a limit on the gradient, where it is overlooked', 'optimizer.clip', { gradientClipping: false }, 1],
  ['an end between two weights, where they stay on a server', 'model.mean', { savesWeights: false }, 0.25],
])('%s, is refused', async (_, key, lacking, value) => {
  const unable = { ...all, ...lacking };
  await expect(check({ [key]: value }, unable)).rejects.toThrow(`set ${key} to 0`);
  await check({ [key]: 0 }, unable);
  await check({ [key]: value }, all);
});
