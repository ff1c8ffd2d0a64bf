/** @file What a model is like that a run would begin with, from its small files alone: for the estimate, and to refuse in good time. */

import type { ModelSource } from '../../engine/engine';
import { type ModelShape, parseModelConfig } from '../../model/config';
import type { Config } from '../../selfplay/config';
import { configOf } from '../../selfplay/model-files';
import { wordFiles } from '../../selfplay/model-language';
import type { PresetName } from '../../selfplay/presets';
import { checkLanguage, settingsFor } from '../models/language';
import { openModel } from '../state/models';

export interface AboutModel {
  shape: ModelShape;
  /** A preset in whose language it can be spoken to. */
  suits: PresetName;
  /** Why it cannot be trained with these settings, in a sentence; null if it can. */
  misfit(config: Config): Promise<string | null>;
}

const known = new Map<string, Promise<AboutModel>>();

/** Throws what people should know if there is no such model. */
export function aboutModel(ref: string): Promise<AboutModel> {
  let found = known.get(ref);
  if (!found) {
    found = read(ref).catch((error) => {
      known.delete(ref); // it may be there the next time
      throw error;
    });
    known.set(ref, found);
  }
  return found;
}

async function read(ref: string): Promise<AboutModel> {
  const { source } = await openModel(ref);
  const shape = parseModelConfig(await configOf(source));
  const small = withoutWeights(source);
  const { dialect } = await settingsFor(small);
  return {
    shape,
    suits: dialect === 'compact' ? 'taste' : 'chat',
    misfit: (config) =>
      checkLanguage(config, small).then(
        () => null,
        (error: Error) => error.message,
      ),
  };
}

/** So that nobody holds on to them. */
function withoutWeights(source: ModelSource): ModelSource {
  if (source.kind === 'random') return source;
  const files = Object.entries(source.files).filter(([name]) => wordFiles.includes(name));
  return { ...source, files: Object.fromEntries(files) };
}
