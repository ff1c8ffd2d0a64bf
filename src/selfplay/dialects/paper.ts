/**
 * @file How the original reads completions, rule by rule, with its fallbacks and its quirks. What its regular expressions mean is
 * kept, the way they are matched is not: each of these functions takes linear time whatever a model writes.
 *
 * tests/unit/selfplay/dialects/golden has what the original itself makes of some thousand texts.
 */

import { definitions, hasTestInput, type RenameEntry, renameEntry } from './naming';
import { SPACE, skipSpace, strip, stripEnd, stripQuotes } from './python-text';

export type Wrapper = 'answer' | 'boxed' | 'none';
export type Found<T> = { found: T } | { reason: string };

// ---- The wrapper -----------------------------------------------------------------------------------------------------

const SPLITTER = 'Assistant:';

export interface Unwrapped {
  format: boolean;
  thought: string;
  answer: string;
}

/** The prompt ends inside an open <think>. Whatever follows "Assistant:" is lost, as are quotes at the end. */
export function unwrap(completion: string, wrapper: Wrapper, boxedRetry: boolean): Unwrapped {
  const whole = wrapper === 'answer' ? `<think>${completion}` : completion;
  const text = stripQuotes(strip(whole.split(SPLITTER, 1)[0]));
  const thought = text.includes('<think>') ? between(text, '<think>', '</think>') : text;
  switch (wrapper) {
    case 'answer': {
      const retry = () => (boxedRetry ? (lastBoxed(text) ?? text) : '');
      const answer = text.includes('<answer>') ? between(text, '<answer>', '</answer>') : retry();
      return { format: hasTags(text), thought, answer: strip(answer) };
    }
    case 'boxed': {
      const answer = lastBoxed(text);
      return { format: answer !== null, thought, answer: strip(answer ?? '') };
    }
    case 'none': // the original cannot read what it asks for in this way
      return { format: true, thought, answer: text };
  }
}

/** After the last `open`, up to the next `close` or to the end. */
function between(text: string, open: string, close: string): string {
  const start = text.lastIndexOf(open) + open.length;
  const end = text.indexOf(close, start);
  return text.slice(start, end < 0 ? undefined : end);
}

/** <think>.*?</think>\s*<answer>.*?</answer>, at the beginning. */
function hasTags(text: string): boolean {
  if (!text.startsWith('<think>')) return false;
  const border = new RegExp(`</think>[${SPACE}]*<answer>`, 'g');
  border.lastIndex = '<think>'.length;
  return border.test(text) && text.indexOf('</answer>', border.lastIndex) >= 0;
}

/** The last \boxed{...}, box included; or "\boxed " and what follows, up to a dollar sign. */
export function lastBoxed(text: string): string | null {
  if (text.includes('\\boxed ')) return `\\boxed ${text.split('\\boxed ').at(-1)!.split('$', 1)[0]}`;
  const boxed = text.lastIndexOf('\\boxed');
  const start = boxed >= 0 ? boxed : text.lastIndexOf('\\fbox');
  const end = start < 0 ? -1 : closingBrace(text, start);
  return end < 0 ? null : text.slice(start, end + 1);
}

/** The brace that closes the first one to be opened from `from` on; -1 if none does. */
export function closingBrace(text: string, from: number): number {
  let open = 0;
  for (let at = from; at < text.length; at++) {
    if (text[at] === '{') open++;
    else if (text[at] === '}' && --open === 0) return at;
  }
  return -1;
}

// ---- Proposals -------------------------------------------------------------------------------------------------------

export interface ProposalRules {
  codeLocation: 'first' | 'last';
  rejectMultipleFunctions: boolean;
  rejectTestInput: boolean;
  renameEntry: RenameEntry;
}

/** Of deduction, abduction and error: a program and an input. */
export function readProgramAndInput(
  text: string,
  rules: ProposalRules,
): Found<{ program: string; input: string }> {
  const code = programs(text).at(rules.codeLocation === 'first' ? 0 : -1);
  if (code === undefined) return { reason: 'There is no fenced program.' };
  const input = fenced(text, 'input')[0] ?? labelled(text, 'Input')[0];
  if (input === undefined) return { reason: 'There is no ```input block.' };
  const program = strip(code);
  const names = definitions(program);
  if (names.length === 0) return { reason: 'The first fenced block defines no function.' };
  if (rules.rejectMultipleFunctions && names.length > 1)
    return { reason: `It defines ${names.length} functions, and one is allowed.` };
  if (rules.rejectTestInput && hasTestInput(program)) return { reason: 'The program seems to hold a test.' };
  return { found: { program: renameEntry(program, names, rules.renameEntry), input: strip(input) } };
}

/** Of induction: the last `count` inputs and a message. */
export function readInputsAndMessage(
  text: string,
  count: number,
): Found<{ inputs: string[]; message: string }> {
  const inputs = fenced(text, 'input').map(strip);
  if (inputs.length < count) return { reason: `There are ${inputs.length} inputs, and ${count} are needed.` };
  const message = fenced(text, 'message')[0] ?? tagged(text, 'message') ?? labelled(text, 'Message')[0];
  if (message === undefined) return { reason: 'There is no ```message block.' };
  return { found: { inputs: inputs.slice(-count), message: strip(message) } };
}

// ---- Answers ---------------------------------------------------------------------------------------------------------

/** Never fails: where nothing looks like an answer, the whole text is one. */
export function readValue(text: string, name: 'input' | 'output'): string {
  const ways = [
    () => fenced(text, name),
    () => labelled(text, name === 'input' ? 'Input' : 'Output'),
    () => called(text, name),
    () => openTagged(text, name),
    () => stated(text, name),
  ];
  for (const way of ways) {
    const found = way();
    if (found.length > 0) return found.at(-1)!;
  }
  return text;
}

export function readProgram(text: string): Found<string> {
  const code = programs(text).at(-1);
  return code === undefined ? { reason: 'There is no fenced program.' } : { found: strip(code) };
}

// ---- Ways to mark a part. Case is ignored; what an unclosed mark would begin is no part. --------------------------------

const FENCE = '```';

/** ```(?:python\s*)?\n?(.*?)\n?```: any fence counts, and of a tag other than python the text becomes part of the program. */
function programs(text: string): string[] {
  return parts(text, /```/g, (at) => {
    if (text.slice(at, at + 6).toLowerCase() === 'python') at = skipSpace(text, at + 6);
    else if (text[at] === '\n') at++;
    return untilFence(text, at);
  });
}

/** ```name\s*\n?(.*?)\n?``` */
function fenced(text: string, name: string): string[] {
  return parts(text, new RegExp(FENCE + name, 'gi'), (at) => untilFence(text, skipSpace(text, at)));
}

/** # Name:\s*(.*?)(?=\n```|$) */
function labelled(text: string, label: string): string[] {
  return parts(text, new RegExp(`# ${label}:`, 'gi'), (at) => {
    const start = skipSpace(text, at);
    const fence = text.indexOf(`\n${FENCE}`, start);
    const end = fence < 0 ? lastEnd(text, start) : fence;
    return { content: text.slice(start, end), end };
  });
}

/** name\s*\((.*?)\) */
function called(text: string, name: string): string[] {
  return parts(text, new RegExp(`${name}[${SPACE}]*\\(`, 'gi'), (at) => {
    const close = text.indexOf(')', at);
    return close < 0 ? null : { content: text.slice(at, close), end: close + 1 };
  });
}

/** <name>\s*(.*?)(?:</name>|\s*$) */
function openTagged(text: string, name: string): string[] {
  return parts(text, new RegExp(`<${name}>`, 'gi'), (at) => {
    const start = skipSpace(text, at);
    const close = search(text, `</${name}>`, start);
    if (close >= 0) return { content: text.slice(start, close), end: close + name.length + 3 };
    return { content: stripEnd(text.slice(start)), end: text.length };
  });
}

/** the name is\s*(.*?)\.?$ */
function stated(text: string, name: string): string[] {
  return parts(text, new RegExp(`the ${name} is`, 'gi'), (at) => {
    const start = skipSpace(text, at);
    const end = lastEnd(text, start);
    const dot = end > start && text[end - 1] === '.';
    return { content: text.slice(start, dot ? end - 1 : end), end: text.length };
  });
}

/** <name>\s*(.*?)\s*</name>, the first */
function tagged(text: string, name: string): string | undefined {
  return parts(text, new RegExp(`<${name}>`, 'gi'), (at) => {
    const start = skipSpace(text, at);
    const close = search(text, `</${name}>`, start);
    return close < 0 ? null : { content: stripEnd(text.slice(start, close)), end: close + name.length + 3 };
  })[0];
}

interface Part {
  content: string;
  end: number;
}

/** Every part that begins with the mark and does not overlap the one before. Null: it is not closed, so no later one is either. */
function parts(text: string, mark: RegExp, read: (at: number) => Part | null): string[] {
  const contents: string[] = [];
  while (mark.test(text)) {
    const part = read(mark.lastIndex);
    if (part === null) break;
    contents.push(part.content);
    mark.lastIndex = part.end;
  }
  return contents;
}

function untilFence(text: string, start: number): Part | null {
  const close = text.indexOf(FENCE, start);
  if (close < 0) return null;
  const end = close > start && text[close - 1] === '\n' ? close - 1 : close;
  return { content: text.slice(start, end), end: close + FENCE.length };
}

/** Where $ first matches from `start` on: the end, or before a line feed that ends the text. */
function lastEnd(text: string, start: number): number {
  return text.endsWith('\n') && start < text.length ? text.length - 1 : text.length;
}

function search(text: string, what: string, from: number): number {
  const pattern = new RegExp(what, 'gi');
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? -1;
}
