/**
 * @file How a model is spoken to, for the page: a large tokenizer is read in a worker, since the page would stand still over it; a small
 * one, as that of the base model, is read here before a worker would have started.
 */

import { type Remote, wrap } from 'comlink';
import type { LanguageWorker, Words } from '../../../workers/language';
import { trainerErrors } from '../../../workers/trainer-errors';
import type { Bytes, ModelSource } from '../../engine/engine';
import { installTransfers } from '../../engine/transfer';
import { byteLength } from '../../model/bytes';
import type { About } from '../../sandbox/executor';
import type { Config } from '../../selfplay/config';
import type { Speech } from '../../selfplay/dialect';
import { RunError } from '../../selfplay/errors';
import * as here from '../../selfplay/model-language';

export const settingsFor = (source: ModelSource): Promise<Partial<Config>> =>
  asked(
    source,
    () => here.settingsFor(source),
    (there, words) => there.settings(words),
  );

/** Throws what does not belong together. */
export const checkLanguage = (config: Config, source: ModelSource): Promise<unknown> =>
  asked<unknown>(
    source,
    () => here.checkLanguage(config, source),
    (there, words) => there.check(words, config),
  );

/** Without modules and limits nothing is said of them. */
export const speechOf = (
  config: Config,
  about: Pick<About, 'modules' | 'limits'>,
  source: ModelSource,
): Promise<Speech> =>
  asked<Speech>(
    source,
    async () => (await here.languageOf(config, about, source)).dialect,
    async (there, words) => {
      const { modules, limits } = about;
      const remote = await there.speech(words, config, { modules, limits });
      return {
        stop: await remote.stop,
        solve: remote.solve,
        parseAnswer: remote.parseAnswer,
        tokenizer: {
          encode: remote.encode,
          decode: remote.decode,
        },
      };
    },
  );

/** Bytes of a tokenizer.json that is read in some milliseconds. */
const small = 2 ** 19;

function asked<T>(
  source: ModelSource,
  byPage: () => Promise<T>,
  byWorker: (there: Remote<LanguageWorker>, words: Words) => Promise<T>,
): Promise<T> {
  const file = source.kind === 'files' ? source.files['tokenizer.json'] : undefined;
  if (source.kind !== 'files' || !file || byteLength(file) <= small) return byPage();
  const files = Object.fromEntries(
    Object.entries(source.files).filter(([name]) => here.wordFiles.includes(name)),
  );
  const { remote, died } = worker();
  return Promise.race([byWorker(remote, { id: idOf(file), files }), died]);
}

const ids = new WeakMap<Bytes, string>();

function idOf(file: Bytes): string {
  const id = ids.get(file) ?? crypto.randomUUID();
  ids.set(file, id);
  return id;
}

interface Opened {
  remote: Remote<LanguageWorker>;
  died: Promise<never>;
}
let opened: Opened | null = null;

function worker(): Opened {
  opened ??= open();
  return opened;
}

function open(): Opened {
  installTransfers(trainerErrors);
  const thread = new Worker(new URL('../../../workers/language.ts', import.meta.url), {
    type: 'module',
    name: 'language',
  });
  const died = new Promise<never>((_, reject) =>
    thread.addEventListener('error', ({ message }) => {
      opened = null; // the next call tries again
      reject(new RunError(`The tokenizer could not be read (${message || 'out of memory?'}): try again.`));
    }),
  );
  died.catch(() => undefined); // raced against every call
  return { remote: wrap<LanguageWorker>(thread), died };
}
