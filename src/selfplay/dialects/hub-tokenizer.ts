/**
 * @file A tokenizer of any other model: its tokenizer.json, read by Hugging Face's own library. It tells two ways of reading apart: a
 * text in which control tokens are what they say, and one in which nothing is more than its letters, whoever wrote them.
 */

import type { Tokenizer as Library } from '@huggingface/tokenizers';
import { TokenizerError } from '../../model/errors';
import { isJsonObject, type JsonObject } from '../../model/fields';
import type { Tokenizer } from '../dialect';
import { isByteFallback, writeWithBytes } from './byte-fallback';
import { escapeRegExp } from './bytes';
import { libraryForm } from './library-form';

/** Stands for ids without a token: a model's matrix often has more rows than its tokenizer has tokens. */
const UNKNOWN = '\ufffd';

interface AddedToken {
  id: number;
  content: string;
  lstrip: boolean;
  rstrip: boolean;
}

export class HubTokenizer implements Tokenizer {
  /** Ids are below it. */
  readonly size: number;
  /** Tokens that no text is cut into, by what they look like: they are only there if somebody puts them there. */
  readonly controls: ReadonlyMap<string, number>;
  /** Runs of spaces that some vocabularies have as added tokens: these are text. */
  private readonly inText: Splitter;
  private readonly everywhere: Splitter;

  /** The library comes when it is needed: a page that trains the base model never loads it. */
  static async open(json: JsonObject): Promise<HubTokenizer> {
    const added = addedTokens(json);
    const form = libraryForm(json);
    const { Tokenizer } = await import('@huggingface/tokenizers');
    try {
      return new HubTokenizer(new Tokenizer(form, {}), added, isByteFallback(form.decoder));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new TokenizerError(
        `tokenizer.json cannot be used (${why.replace(/\.$/, '')}): copy it again from where the model came from.`,
      );
    }
  }

  private constructor(
    private readonly library: Library,
    added: readonly AddedToken[],
    private readonly fallsBack: boolean,
  ) {
    const isSpace = ({ content }: AddedToken) => content.trim() === '';
    this.controls = new Map(added.filter((each) => !isSpace(each)).map(({ content, id }) => [content, id]));
    this.inText = new Splitter(added.filter(isSpace));
    this.everywhere = new Splitter(added);
    this.size = library.model!.vocab.length;
  }

  /** The tokens that stand before every text of this tokenizer's, as a text; most have none. */
  get start(): string {
    const { ids } = this.library.encode('');
    return ids.map((id) => this.library.id_to_token(id) ?? '').join('');
  }

  /** As transformers does it, without the tokens that it would put around a text. */
  encode(text: string): Int32Array {
    return this.encodeParts(this.cut(text));
  }

  /** Nothing in it becomes a control token: <|im_end|> in a program is ten characters. */
  encodePlain(text: string): Int32Array {
    return this.encodeParts([text]);
  }

  /** A text between its control tokens, and these by their ids. */
  cut(text: string): (string | number)[] {
    return this.everywhere.split(text);
  }

  /** Ids stay as they are; texts are read as letters, and as one text where one follows another. */
  encodeParts(parts: readonly (string | number)[]): Int32Array {
    const ids: number[] = [];
    let letters = '';
    let place = 0;
    const flush = () => {
      for (const part of this.inText.split(letters)) ids.push(...this.idsOf(part, place++));
      letters = '';
    };
    for (const part of parts) {
      if (typeof part === 'string') letters += part;
      else {
        flush();
        ids.push(part);
        place++;
      }
    }
    flush();
    return Int32Array.from(ids);
  }

  /** Exactly what was written, control tokens included. */
  decode(tokens: Int32Array): string {
    const parts: string[] = [];
    let at = 0;
    while (at < tokens.length) {
      const start = at;
      while (at < tokens.length && this.library.id_to_token(tokens[at]) !== undefined) at++;
      if (at > start) parts.push(this.write([...tokens.subarray(start, at)]));
      else {
        parts.push(UNKNOWN);
        at++;
      }
    }
    return parts.join('');
  }

  private write(ids: number[]): string {
    if (!this.fallsBack) return this.library.decode(ids, asWritten);
    return writeWithBytes(ids.map((id) => this.library.id_to_token(id) as string));
  }

  /** `place`: which part of the text it is; some tokenizers put a space before the first. */
  private idsOf(part: string | number, place: number): readonly number[] {
    if (typeof part === 'number') return [part];
    const { normalizer, pre_tokenizer, model } = this.library;
    const normal = normalizer ? normalizer.normalize(part) : part;
    if (normal === '') return [];
    const words = pre_tokenizer ? pre_tokenizer.pre_tokenize(normal, { section_index: place }) : [normal];
    const { tokens_to_ids, unk_token_id } = model!;
    return model!._call(words).map((token) => {
      const id = tokens_to_ids.get(token) ?? unk_token_id;
      if (id !== undefined) return id;
      throw new TokenizerError(`tokenizer.json has no token for ${JSON.stringify(token)}: copy it again.`);
    });
  }
}

const asWritten = { skip_special_tokens: false, clean_up_tokenization_spaces: false };

/** Cuts texts at certain tokens, the longest first, as tokenizers do it. */
class Splitter {
  private readonly ids: ReadonlyMap<string, number>;
  private readonly pattern: RegExp | null;

  constructor(tokens: readonly AddedToken[]) {
    this.ids = new Map(tokens.map(({ content, id }) => [content, id]));
    const longestFirst = [...tokens].sort((a, b) => b.content.length - a.content.length);
    const space = '\\p{White_Space}*';
    const patterns = longestFirst.map(
      ({ content, lstrip, rstrip }) => (lstrip ? space : '') + escaped(content) + (rstrip ? space : ''),
    );
    this.pattern = patterns.length > 0 ? new RegExp(patterns.join('|'), 'gu') : null;
  }

  /** Texts between tokens, and the tokens by their ids. */
  split(text: string): (string | number)[] {
    const parts: (string | number)[] = [];
    let at = 0;
    for (const match of this.pattern ? text.matchAll(this.pattern) : []) {
      if (match.index > at) parts.push(text.slice(at, match.index));
      parts.push((this.ids.get(match[0]) ?? this.ids.get(match[0].trim())) as number);
      at = match.index + match[0].length;
    }
    if (at < text.length) parts.push(text.slice(at));
    return parts;
  }
}

/** With the flag u, only what has a meaning may be escaped. */
const escaped = (text: string) => escapeRegExp(text).replaceAll('\\-', '-');

function addedTokens(json: JsonObject): AddedToken[] {
  const added = json.added_tokens ?? [];
  if (!Array.isArray(added)) throw broken();
  return added.map((token: unknown) => {
    if (!isJsonObject(token)) throw broken();
    const { id, content, lstrip, rstrip, single_word } = token;
    if (typeof id !== 'number' || typeof content !== 'string' || content === '') throw broken();
    if (single_word === true)
      throw new TokenizerError(
        `tokenizer.json has a token that is only one as a word of its own (${JSON.stringify(content)}), which Zeroloop does not read: choose another model.`,
      );
    return { id, content, lstrip: lstrip === true, rstrip: rstrip === true };
  });
}

const broken = () =>
  new TokenizerError(
    'tokenizer.json has a broken list of added_tokens: copy it again from where the model came from.',
  );
