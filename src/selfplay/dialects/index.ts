/**
 * @file Dialects by name, as configurations choose them.
 */

import type { Vocabulary, WritingDialect } from '../dialect';
import { CompactDialect, type CompactOptions } from './compact';
import { DialectError } from './options';
import { ThinkAnswerDialect, type ThinkAnswerOptions } from './think-answer';

export const dialectNames = ['think-answer', 'compact'] as const;
export type DialectName = (typeof dialectNames)[number];

export interface DialectOptions {
  'think-answer': Partial<ThinkAnswerOptions>;
  compact: Partial<CompactOptions>;
}

/** Without a vocabulary, texts are spelt in bytes. */
export function createDialect<N extends DialectName>(
  name: N,
  options?: DialectOptions[N],
  vocabulary?: Vocabulary,
): WritingDialect;
export function createDialect(name: string, options?: object, vocabulary?: Vocabulary): WritingDialect;
export function createDialect(name: string, options: object = {}, vocabulary?: Vocabulary): WritingDialect {
  switch (name) {
    case 'think-answer':
      return new ThinkAnswerDialect(options, vocabulary);
    case 'compact':
      return new CompactDialect(options, vocabulary);
    default:
      throw new DialectError(
        `There is no dialect ${JSON.stringify(name)}; there are ${dialectNames.join(' and ')}.`,
      );
  }
}

export { ByteTokenizer } from './bytes';
export { type Chat, readChatTemplate } from './chat-template';
export { CompactDialect, type CompactOptions, compactDefaults, markers } from './compact';
export { FramedTokenizer } from './framed';
export { HubTokenizer } from './hub-tokenizer';
export { openTokenizer } from './open-tokenizer';
export { DialectError } from './options';
export { PieceTokenizer } from './pieces';
export { readTokenizerJson } from './read-tokenizer';
export { ThinkAnswerDialect, type ThinkAnswerOptions, thinkAnswerDefaults } from './think-answer';
export { tokenizerConfigJson, tokenizerJson } from './tokenizer-json';
