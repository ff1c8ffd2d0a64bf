/**
 * @file Which vocabulary a run's tokens are of. A log does not say, but a completion is the text of its tokens: the vocabulary that gives
 * this text back is the one. The one of the base model and the bytes need no file; the run's own may be in a checkpoint.
 */

import type { Tokenizer } from '../../selfplay/dialect';
import { CompactDialect, openTokenizer, ThinkAnswerDialect } from '../../selfplay/dialects';
import { makeTinyTokenizer } from '../../selfplay/dialects/vocabulary';
import type { Episode } from '../../store/records';
import type { RunReader } from '../../store/store';
import { type Piece, piecesOf } from './pieces';

type Said = Pick<Episode, 'tokens' | 'logProbs' | 'completion'>;

/** Made when they are needed, and kept: there are three. */
const makers: readonly (() => Tokenizer)[] = [
  makeTinyTokenizer,
  () => new CompactDialect().tokenizer,
  () => new ThinkAnswerDialect().tokenizer,
];
const made = new Map<() => Tokenizer, Tokenizer>();
const known = (maker: () => Tokenizer): Tokenizer => {
  const tokenizer = made.get(maker) ?? maker();
  made.set(maker, tokenizer);
  return tokenizer;
};

const split = (tokenizer: Tokenizer, { tokens, logProbs, completion }: Said) =>
  piecesOf(tokenizer, tokens, logProbs, completion);

/** With what the page itself knows; null if that is not enough. */
export function splitByKnown(said: Said): Piece[] | null {
  for (const maker of makers) {
    const pieces = split(known(maker), said);
    if (pieces) return pieces;
  }
  return null;
}

export const splitBy = (tokenizer: Tokenizer | null, said: Said) => tokenizer && split(tokenizer, said);

/** Of the newest checkpoint; null if there is none with a vocabulary that can be read. */
export async function vocabularyOfRun(reader: RunReader): Promise<Tokenizer | null> {
  const newest = (await reader.checkpoints()).at(-1);
  if (!newest) return null;
  const { files } = await reader.checkpoint(newest.step);
  const file = files['tokenizer.json'];
  return file ? openTokenizer(new TextDecoder().decode(file)) : null;
}
