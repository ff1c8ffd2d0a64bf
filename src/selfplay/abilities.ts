/** @file What the settings ask of an engine and it cannot do: said before a run begins, with the value that works. */

import type { Engine } from '../engine/engine';
import type { Config } from './config';
import { RunError } from './errors';

export async function checkAbilities(config: Config, engine: Engine): Promise<void> {
  const { entropyBonus = true, savesWeights = true, gradientClipping } = await engine.capabilities();
  if (config['loss.entropy'] > 0 && !entropyBonus)
    throw new RunError('This engine computes no entropy bonus: set loss.entropy to 0.');
  if (config['model.mean'] > 0 && !savesWeights)
    throw new RunError(
      'The weights of this engine stay on its server, where they cannot be averaged: set model.mean to 0.',
    );
  if (config['optimizer.clip'] > 0 && !gradientClipping)
    throw new RunError('This engine takes no notice of a limit on the gradient: set optimizer.clip to 0.');
}
