/** Settings that an engine cannot follow are refused with the value that works, before anything is played. */
import { expect, it } from 'vitest';
import type { Capabilities, Engine } from '../../../src/engine/engine';
import { checkAbilities } from '../../../src/selfplay/abilities';
import { type Config, readConfig } from '../../../src/selfplay/config';

const check = (settings: Partial<Config>, can: Partial<Capabilities>) =>
  checkAbilities(readConfig({ ...settings }), { capabilities: async () => can } as Engine);

it('an entropy bonus is refused where there is none', async () => {
  const can = { gradientClipping: true };
  await expect(check({ 'loss.entropy': 0.001 }, { ...can, entropyBonus: false })).rejects.toThrow(
    'set loss.entropy to 0',
  );
  await check({ 'loss.entropy': 0 }, { ...can, entropyBonus: false });
  await check({ 'loss.entropy': 0.001 }, can);
});

it('a limit on the gradient is refused where it is overlooked', async () => {
  await expect(check({ 'optimizer.clip': 1 }, { gradientClipping: false })).rejects.toThrow(
    'set optimizer.clip to 0',
  );
  await check({ 'optimizer.clip': 0 }, { gradientClipping: false });
});

it('an end between the first and the last weights is refused where the weights stay on a server', async () => {
  const can = { gradientClipping: true };
  await expect(check({ 'model.mean': 0.25 }, { ...can, savesWeights: false })).rejects.toThrow(
    'set model.mean to 0',
  );
  await check({ 'model.mean': 0 }, { ...can, savesWeights: false });
  await check({ 'model.mean': 0.25 }, can);
});
