/**
 * @file A tokenizer.json in the form in which Hugging Face's JavaScript library reads it as their Rust library does. Where the two
 * differ, the same thing is said in words that both understand; what cannot be said so is refused: a tokenizer that is understood
 * slightly wrongly is worse than none.
 */

import { TokenizerError } from '../../model/errors';
import { isJsonObject, type JsonObject } from '../../model/fields';
import { isByteFallback } from './byte-fallback';

export function libraryForm(json: JsonObject): JsonObject {
  const model = isJsonObject(json.model) ? json.model : {};
  const kind = model.type ?? (model.merges ? 'BPE' : 'it names none');
  if (kind !== 'BPE')
    throw new TokenizerError(
      `tokenizer.json is of another kind (${String(kind)}): choose a model of the Llama or Qwen family, whose tokenizers are BPE.`,
    );
  if (!isJsonObject(model.vocab) || !Array.isArray(model.merges))
    throw new TokenizerError(
      'tokenizer.json has no vocabulary, or no merges: copy it again from where the model came from.',
    );
  if (typeof model.dropout === 'number' && model.dropout > 0)
    throw new TokenizerError('tokenizer.json drops merges at random (dropout): set it to null.');
  return {
    ...json,
    model: { ...model, type: 'BPE' },
    added_tokens: json.added_tokens ?? [],
    normalizer: json.normalizer ?? null,
    pre_tokenizer: preTokenizer(json.pre_tokenizer),
    post_processor: json.post_processor ?? null,
    decoder: decoder(json.decoder ?? null),
  };
}

function decoder(json: unknown): unknown {
  if (isByteFallback(json) || !JSON.stringify(json).includes('"ByteFallback"')) return json;
  throw new TokenizerError(
    'tokenizer.json puts bytes together in a way that Zeroloop does not know: choose a model of the Llama or Qwen family.',
  );
}

/** What the Rust library means by its own words for GPT-2: JavaScript has another idea of \s and \d. */
const GPT2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

function preTokenizer(json: unknown): JsonObject | null {
  if (!isJsonObject(json)) return null;
  switch (json.type) {
    case 'Sequence': {
      const parts = Array.isArray(json.pretokenizers) ? json.pretokenizers : [];
      return { ...json, pretokenizers: parts.map(preTokenizer) };
    }
    case 'ByteLevel': {
      if (json.use_regex === false) return json;
      const bytes = { ...json, use_regex: false };
      if (json.add_prefix_space !== true) return sequence(splitAt(GPT2), bytes);
      throw refused('ByteLevel with add_prefix_space');
    }
    case 'Digits':
      return splitAt(json.individual_digits === true ? '\\p{N}' : '\\p{N}+');
    case 'Split': {
      const { behavior, invert } = json;
      const pattern = caseFolded(json.pattern);
      // Both pieces and what is between them: whichever is called the match.
      if (behavior === 'Isolated') return { ...json, pattern, invert: false };
      if (behavior === 'Removed' && typeof invert === 'boolean') return { ...json, pattern };
      throw refused(`Split with ${String(behavior)}`);
    }
    case 'Metaspace':
      if (json.split === false) return json;
      throw refused('Metaspace with split');
    default:
      throw refused(String(json.type));
  }
}

/** To Rust ſ is an s, and the sign for kelvin a k, where case does not matter. */
function caseFolded(pattern: unknown): unknown {
  if (!isJsonObject(pattern) || typeof pattern.Regex !== 'string') return pattern;
  const fold = (_: string, inner: string) =>
    `(?i:${inner.replaceAll('s', '[s\u017f]').replaceAll('k', '[k\u212a]')})`;
  return { ...pattern, Regex: pattern.Regex.replace(/\(\?i:([^()[\\]*)\)/g, fold) };
}

const splitAt = (regex: string): JsonObject => ({
  type: 'Split',
  pattern: { Regex: regex },
  behavior: 'Isolated',
  invert: false,
});
const sequence = (...pretokenizers: JsonObject[]): JsonObject => ({ type: 'Sequence', pretokenizers });

const refused = (what: string) =>
  new TokenizerError(
    `tokenizer.json splits texts in a way that Zeroloop does not know (${what}): choose a model of the Llama or Qwen family.`,
  );
