/** @file How a model is spoken to outside of a run: as it was raised, whoever asks, so that two of them can be laid side by side. */

import type { ModelSource } from '../../engine/engine';
import { parseModelConfig } from '../../model/config';
import { longestContext } from '../../model/memory';
import { type Config, readConfig } from '../../selfplay/config';
import { configOf } from '../../selfplay/model-files';
import { reader } from '../state/library';
import { parseRef } from '../state/models';
import { settingsFor } from './language';

/** A model with a vocabulary of pieces knows one dialect; any other is spoken to as in its run, if it has one. */
export async function settingsOf(ref: string, source: ModelSource): Promise<Config> {
  const own = await settingsFor(source);
  const at = parseRef(ref);
  const isRaised = own.dialect === 'compact';
  const given = !isRaised && at?.kind === 'checkpoint' ? (await (await reader(at.run)).info()).config : own;
  const config = readConfig(given);
  const context = Math.min(longestContext, parseModelConfig(await configOf(source)).maxPositions);
  const response = Math.min(config['tokens.response'], Math.floor(context / 2));
  const prompt = Math.min(config['tokens.prompt'], context - response);
  return readConfig({
    ...config,
    'tokens.response': response,
    'tokens.prompt': prompt,
    'tokens.content': Math.min(config['tokens.content'], prompt),
  });
}
