/**
 * @file Reads a tokenizer.json as tokenizerJson() writes it. Pieces and special texts may be any, all the rest has to be the same: a
 * tokenizer that is understood slightly wrongly is worse than one that is refused.
 */

import { TokenizerError } from '../../model/errors';
import { isJsonObject, type JsonObject } from '../../model/fields';
import { PieceTokenizer, UNKNOWN } from './pieces';
import { tokenizerJson } from './tokenizer-json';

export function readTokenizerJson(text: string): PieceTokenizer {
  const json = parseTokenizerJson(text);
  const model = isJsonObject(json.model) ? json.model : {};
  if (model.type !== 'WordLevel' || !isJsonObject(model.vocab)) {
    const kind = typeof model.type === 'string' ? model.type : 'it names none';
    throw new TokenizerError(
      `tokenizer.json is of another kind (${kind}) than the pieces that Zeroloop writes: ${choose}.`,
    );
  }
  const specials = specialsOf(json.added_tokens);
  const tokens = inOrder(model.vocab);
  if (tokens[specials.length] !== UNKNOWN) throw notOurs('model');
  const tokenizer = tokenizerOf(specials, tokens.slice(specials.length + 1));
  const ours = JSON.parse(tokenizerJson(tokenizer)) as JsonObject;
  const differing = [...Object.keys(ours), ...Object.keys(json)].find(
    (key) => canonical(json[key]) !== canonical(ours[key]),
  );
  if (differing === undefined) return tokenizer;
  throw notOurs(differing);
}

const choose = 'choose a model that was made with Zeroloop, or one of the Llama or Qwen family';

const notOurs = (part: string) =>
  new TokenizerError(
    `tokenizer.json is a vocabulary of words, and not as Zeroloop writes it (see ${part}): ${choose}.`,
  );

export function parseTokenizerJson(text: string): JsonObject {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = null;
  }
  if (isJsonObject(json)) return json;
  throw new TokenizerError(
    'tokenizer.json is not a JSON object: copy it again from where the model came from.',
  );
}

function specialsOf(added: unknown): string[] {
  if (!Array.isArray(added)) throw notOurs('added_tokens');
  return added.map((token: unknown) => {
    if (isJsonObject(token) && typeof token.content === 'string') return token.content;
    throw notOurs('added_tokens');
  });
}

/** By id. */
function inOrder(vocab: JsonObject): string[] {
  const texts = new Map(Object.entries(vocab).map(([text, id]) => [id, text]));
  return Array.from(Object.keys(vocab), (_, id) => {
    const text = texts.get(id);
    if (text !== undefined) return text;
    throw new TokenizerError(
      `The vocabulary in tokenizer.json has no token ${id}: its ids must count from 0 without a hole, so copy it again from where the model came from.`,
    );
  });
}

function tokenizerOf(specials: string[], pieces: string[]): PieceTokenizer {
  try {
    return new PieceTokenizer(specials, pieces);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new TokenizerError(`The vocabulary in tokenizer.json cannot be used: ${error.message}`);
  }
}

/** Equal for equal values, in whatever order their keys stand: other programs write them in another one. */
function canonical(json: unknown): string | undefined {
  return JSON.stringify(json, (_, value) =>
    isJsonObject(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
