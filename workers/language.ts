/**
 * @file The worker that reads large tokenizers: of one with 150 thousand tokens the page would stand still for seconds. It keeps the
 * two models that were asked about last, so that a setting can be tried without reading everything again.
 */

import { expose, proxy } from 'comlink';
import { installTransfers } from '../src/engine/transfer';
import type { About } from '../src/sandbox/executor';
import type { Config } from '../src/selfplay/config';
import type { SolverQuestion } from '../src/selfplay/dialect';
import type { Files } from '../src/selfplay/hub-language';
import { checkLanguage, languageOf, settingsFor } from '../src/selfplay/model-language';
import type { Mode } from '../src/store/records';
import { trainerErrors } from './trainer-errors';

/** Its small files, under a name that stays the same for the same files. */
export interface Words {
  id: string;
  files: Files;
}

const most = 2;
/** Least lately asked first. What is known of a file hangs on the file: see model-language. */
const models = new Map<string, Files>();

function sourceOf({ id, files }: Words) {
  const kept = models.get(id) ?? files;
  models.delete(id);
  models.set(id, kept);
  for (const [other] of models) if (models.size > most) models.delete(other);
  return { kind: 'files', files: kept as Record<string, Uint8Array | Blob> } as const;
}

const language = {
  settings: (words: Words): Promise<Partial<Config>> => settingsFor(sourceOf(words)),
  async check(words: Words, config: Config): Promise<void> {
    await checkLanguage(config, sourceOf(words));
  },
  /** Flat, since only that has types across the border. */
  async speech(words: Words, config: Config, about: Pick<About, 'modules' | 'limits'>) {
    const { dialect } = await languageOf(config, about, sourceOf(words));
    return proxy({
      stop: dialect.stop,
      solve: (question: SolverQuestion) => dialect.solve(question),
      parseAnswer: (mode: Mode, completion: string) => dialect.parseAnswer(mode, completion),
      encode: (text: string) => dialect.tokenizer.encode(text),
      decode: (tokens: Int32Array) => dialect.tokenizer.decode(tokens),
    });
  },
};
export type LanguageWorker = typeof language;

installTransfers(trainerErrors);
expose(language);
