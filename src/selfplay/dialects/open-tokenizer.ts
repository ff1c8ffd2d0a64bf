/** @file A tokenizer.json of either kind: pieces, as Zeroloop writes them, or whatever a model of Hugging Face's has. */

import { isJsonObject } from '../../model/fields';
import { HubTokenizer } from './hub-tokenizer';
import type { PieceTokenizer } from './pieces';
import { parseTokenizerJson, readTokenizerJson } from './read-tokenizer';

export async function openTokenizer(text: string): Promise<PieceTokenizer | HubTokenizer> {
  const json = parseTokenizerJson(text);
  const isPieces = isJsonObject(json.model) && json.model.type === 'WordLevel';
  return isPieces ? readTokenizerJson(text) : HubTokenizer.open(json);
}
