/**
 * @file A vocabulary of pieces in the files that Hugging Face's libraries read, so that a model that was born here is a model
 * like any other. One split by one regular expression does what the tokenizer does; words are then looked up as they are.
 */

import { alternatives, type PieceTokenizer, UNKNOWN } from './pieces';

/** tokenizer.json, of the library `tokenizers`. */
export function tokenizerJson({ specials, pieces, tokens }: PieceTokenizer): string {
  const json = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: specials.map((content, id) => ({ id, content, ...asItStands, special: true })),
    normalizer: null,
    pre_tokenizer: {
      type: 'Split',
      pattern: { Regex: `${alternatives(pieces)}|[\\s\\S]` },
      behavior: 'Isolated',
      invert: false,
    },
    post_processor: null,
    decoder: { type: 'Fuse' },
    model: {
      type: 'WordLevel',
      vocab: Object.fromEntries(tokens.map((text, id) => [text, id])),
      unk_token: UNKNOWN,
    },
  };
  return `${JSON.stringify(json, null, 1)}\n`;
}

const asItStands = { single_word: false, lstrip: false, rstrip: false, normalized: false };

/** tokenizer_config.json, of transformers. Sequences end, and are filled up, with `end`. */
export function tokenizerConfigJson(end: string): string {
  const json = {
    tokenizer_class: 'PreTrainedTokenizerFast',
    unk_token: UNKNOWN,
    eos_token: end,
    pad_token: end,
    clean_up_tokenization_spaces: false,
  };
  return `${JSON.stringify(json, null, 1)}\n`;
}
