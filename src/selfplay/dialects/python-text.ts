/**
 * @file What counts as a blank and as part of a word in Python's regular expressions. JavaScript's \s and \w differ, and rules that
 * were written for one must not change their meaning in the other.
 */

/** For character classes. */
export const SPACE = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
export const WORD = '\\p{L}\\p{N}_';
/** \b before a word. */
export const NO_WORD_BEFORE = `(?<![${WORD}])`;

const space = new RegExp(`[${SPACE}]`);
const spaces = Array.from({ length: 128 }, (_, code) => space.test(String.fromCharCode(code)));

/** Is the character at this place a blank? */
export function isSpace(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code < 128 ? spaces[code] : space.test(text[at]);
}

/** The place of the first character from `at` on that is no blank. */
export function skipSpace(text: string, at: number): number {
  while (at < text.length && isSpace(text, at)) at++;
  return at;
}

export function strip(text: string): string {
  return stripEnd(text.slice(skipSpace(text, 0)));
}

export function stripEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isSpace(text, end - 1)) end--;
  return text.slice(0, end);
}

/** Quotes of both kinds around it, as many as there are. */
export function stripQuotes(text: string): string {
  const isQuote = (at: number) => text[at] === '"' || text[at] === "'";
  let start = 0;
  let end = text.length;
  while (start < end && isQuote(start)) start++;
  while (end > start && isQuote(end - 1)) end--;
  return text.slice(start, end);
}
