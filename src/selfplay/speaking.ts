/**
 * @file From a configuration to the dialect that it asks for. What the prompts say of limits and modules is what the sandbox says.
 */

import type { About } from '../sandbox/executor';
import type { Config } from './config';
import type { Vocabulary, WritingDialect } from './dialect';
import { createDialect } from './dialects';
import type { RenameEntry } from './dialects/naming';

/** What the original forbids, word by word; the sandbox allows none of it. */
export const bannedWords = [
  'logging',
  'random',
  'multiprocessing',
  'pebble',
  'subprocess',
  'threading',
  'datetime',
  'time',
  'hashlib',
  'hmac',
  'bcrypt',
  'os.sys',
  'os.path',
  'sys.exit',
  'os.environ',
  'calendar',
] as const;

/** Without a vocabulary, texts are spelt in bytes. */
export function dialectOf(
  config: Config,
  { modules, limits }: Pick<About, 'modules' | 'limits'>,
  vocabulary?: Vocabulary,
): WritingDialect {
  const inputs = config['induction.inputs'];
  if (config.dialect === 'compact') return createDialect('compact', { inputs }, vocabulary);
  const paper = config['dialect.parsing'] === 'paper';
  return createDialect(
    'think-answer',
    {
      inputs,
      wrapper: config['dialect.wrapper'],
      parsing: config['dialect.parsing'],
      codeLocation: config['dialect.code-location'],
      rejectMultipleFunctions: config['functions.reject-multiple'],
      rejectTestInput: config['inputs.reject-in-code'],
      removeInputFromSnippet: config['prompts.hide-input'],
      removeAfterReturn: config['clean.globals'],
      modules,
      seconds: Math.ceil(limits.softTime / 1000),
      outputCharacters: limits.output,
      ...(paper && {
        bannedWords: [...bannedWords],
        bannedErrorWords: ['raise'],
        renameEntry: config['functions.rename'].replace('-', '_') as RenameEntry,
      }),
    },
    vocabulary,
  );
}
