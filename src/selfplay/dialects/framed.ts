/**
 * @file Prompts and completions of a model of Hugging Face's as token ids. Control tokens stand in three places, which are not for
 * programs to write in: the frame around a task, the end of the thought, and the end of a completion. Whatever else looks like one,
 * <|im_end|> in a text of a program for instance, is spelt in letters: the model may read of control tokens, but not be steered by them.
 */

import type { Frame, Tokenizer } from '../dialect';
import type { HubTokenizer } from './hub-tokenizer';

const CLOSE = '</think>';

export class FramedTokenizer implements Tokenizer {
  private readonly before: readonly (string | number)[];
  private readonly after: readonly (string | number)[];
  private readonly ends: ReadonlyMap<string, number>;

  constructor(
    private readonly hub: HubTokenizer,
    private readonly frame: Frame,
    stop: readonly number[],
  ) {
    const opening = frame.tagsAreTokens ? hub.cut(frame.opening) : [frame.opening];
    this.before = hub.cut(frame.before);
    this.after = [...hub.cut(frame.after), ...opening];
    this.ends = new Map(stop.map((id) => [hub.decode(Int32Array.of(id)), id]));
  }

  encode(text: string): Int32Array {
    const { before, after, opening } = this.frame;
    const [start, end] = [before, after + opening];
    const isPrompt =
      start + end !== '' &&
      text.length >= start.length + end.length &&
      text.startsWith(start) &&
      text.endsWith(end);
    if (!isPrompt) return this.encodeCompletion(text);
    const task = text.slice(start.length, text.length - end.length);
    return this.hub.encodeParts([...this.before, task, ...this.after]);
  }

  decode(tokens: Int32Array): string {
    return this.hub.decode(tokens);
  }

  /** Also a prompt without a frame: plain text does not end with a control token. */
  private encodeCompletion(text: string): Int32Array {
    const end = [...this.ends.keys()].find((each) => each !== '' && text.endsWith(each)) ?? '';
    const body = text.slice(0, text.length - end.length);
    const close = this.frame.tagsAreTokens ? body.indexOf(CLOSE) : -1;
    const parts =
      close < 0 ? [body] : [body.slice(0, close), ...this.hub.cut(CLOSE), body.slice(close + CLOSE.length)];
    return this.hub.encodeParts([...parts, ...(end === '' ? [] : [this.ends.get(end) as number])]);
  }
}
