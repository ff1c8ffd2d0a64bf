/**
 * @file A reading of completions that knows what it asked for: one thought, one answer, each part in a block of its own name, in any
 * order. What it cannot tell for certain it refuses, with a reason that can be shown.
 */

import { hasTestInput, topLevel } from './naming';
import { closingBrace, type Found, type Unwrapped, type Wrapper } from './paper';

export interface Form {
  /** Every part is there once, and the wrapper was kept. */
  format: boolean;
}

// ---- The wrapper -----------------------------------------------------------------------------------------------------

/**
 * The thought ends at the first </think>, the answer begins right after it and ends at the first </answer>; nothing after that is
 * read, since models without a sense of an ending go on with a conversation of their own. Where the form is broken, but there is
 * an <answer> after the thought, the answer can still be read: what that is worth is for the loop to decide.
 */
export function unwrap(completion: string, wrapper: Wrapper): Found<Unwrapped> {
  switch (wrapper) {
    case 'answer':
      return unwrapAnswer(completion);
    case 'boxed':
      return unwrapBox(completion);
    case 'none': {
      // Models that think in tags of their own accord may do so.
      const end = completion.lastIndexOf('</think>');
      const thought = end < 0 ? '' : completion.slice(0, end).replace(/^\s*<think>/, '');
      const answer = end < 0 ? completion : completion.slice(end + '</think>'.length);
      return { found: { format: true, thought, answer } };
    }
  }
}

function unwrapAnswer(completion: string): Found<Unwrapped> {
  const thoughtEnd = completion.indexOf('</think>');
  const from = thoughtEnd < 0 ? 0 : thoughtEnd + '</think>'.length;
  const open = completion.indexOf('<answer>', from);
  if (open < 0)
    return {
      reason: thoughtEnd < 0 ? 'The thought does not end.' : 'There is no <answer> after the thought.',
    };
  const start = open + '<answer>'.length;
  const close = completion.indexOf('</answer>', start);
  const adjacent = completion.slice(from, open).trim() === '';
  return {
    found: {
      format: thoughtEnd >= 0 && adjacent && close >= 0,
      thought: completion.slice(0, thoughtEnd < 0 ? open : thoughtEnd),
      answer: completion.slice(start, close < 0 ? undefined : close),
    },
  };
}

function unwrapBox(completion: string): Found<Unwrapped> {
  const box = completion.lastIndexOf('\\boxed{');
  if (box < 0) return { reason: 'There is no \\boxed{}.' };
  const end = closingBrace(completion, box);
  if (end < 0) return { reason: 'The \\boxed{ is not closed.' };
  const answer = completion.slice(box + '\\boxed{'.length, end);
  return { found: { format: true, thought: completion.slice(0, box), answer } };
}

// ---- Blocks ----------------------------------------------------------------------------------------------------------

/**
 * Blocks by name. Fences stand on lines of their own, so backticks within a line are text; a block that begins with more than three
 * ends with as many. Blocks of other names, or none, are passed over.
 */
export function readBlocks(text: string): Map<string, string[]> {
  const blocks = new Map<string, string[]>();
  let open: { ticks: number; name: string; start: number } | null = null;
  let at = text.indexOf('```');
  while (at >= 0) {
    let ticks = at;
    while (text[ticks] === '`') ticks++;
    let line = at;
    while (text[line - 1] === ' ' || text[line - 1] === '\t') line--;
    const feed = text.indexOf('\n', ticks);
    const end = feed < 0 ? text.length : feed;
    if (line === 0 || text[line - 1] === '\n') {
      const tag = end === ticks ? '' : text.slice(ticks, end).trim();
      if (open === null) {
        if (!tag.includes('`')) open = { ticks: ticks - at, name: nameOf(tag), start: end + 1 };
      } else if (ticks - at >= open.ticks && tag === '') {
        if (open.name !== '') keep(blocks, open.name, text.slice(open.start, Math.max(open.start, line - 1)));
        open = null;
      }
    }
    at = text.indexOf('```', end);
  }
  return blocks;
}

function keep(blocks: Map<string, string[]>, name: string, content: string): void {
  const others = blocks.get(name);
  if (others) others.push(content);
  else blocks.set(name, [content]);
}

const pythons = new Set(['py', 'python3']);

function nameOf(tag: string): string {
  if (tag === '') return ''; // a model may write nothing but fences, by the megabyte
  const name = tag.split(/\s/, 1)[0].toLowerCase();
  return pythons.has(name) ? 'python' : name;
}

// ---- Proposals and answers -------------------------------------------------------------------------------------------

export interface ProposalRules {
  codeLocation: 'first' | 'last';
  rejectMultipleFunctions: boolean;
  rejectTestInput: boolean;
}

export function readProgramAndInput(
  text: string,
  rules: ProposalRules,
): Found<{ program: string; input: string } & Form> {
  const blocks = readBlocks(text);
  const programs = blocks.get('python') ?? [];
  const inputs = blocks.get('input') ?? [];
  const code = programs.at(rules.codeLocation === 'first' ? 0 : -1);
  if (code === undefined) return missing('python');
  const input = inputs[0];
  if (input === undefined) return missing('input');
  const program = trimLines(code);
  const { entry, functions } = topLevel(program);
  if (!entry) return { reason: 'The program defines no function f at top level.' };
  if (rules.rejectMultipleFunctions && functions > 1)
    return { reason: `The program defines ${functions} functions at top level, and only f may stand there.` };
  if (rules.rejectTestInput && hasTestInput(program)) return { reason: 'The program seems to hold a test.' };
  const format = programs.length === 1 && inputs.length === 1;
  return { found: { program, input: input.trim(), format } };
}

export function readInputsAndMessage(
  text: string,
  count: number,
): Found<{ inputs: string[]; message: string } & Form> {
  const blocks = readBlocks(text);
  const inputs = blocks.get('input') ?? [];
  const messages = blocks.get('message') ?? [];
  if (inputs.length < count)
    return { reason: `There are ${inputs.length} \`\`\`input blocks, and ${count} are needed.` };
  if (messages.length === 0) return missing('message');
  const format = inputs.length === count && messages.length === 1;
  return {
    found: { inputs: inputs.slice(-count).map((input) => input.trim()), message: messages[0].trim(), format },
  };
}

/** The last block of that name: whoever corrects himself means the correction. */
export function readAnswer(
  text: string,
  name: 'input' | 'output' | 'python',
): Found<{ answer: string } & Form> {
  const blocks = readBlocks(text).get(name) ?? [];
  const last = blocks.at(-1);
  if (last === undefined) return missing(name);
  return {
    found: { answer: name === 'python' ? trimLines(last) : last.trim(), format: blocks.length === 1 },
  };
}

const missing = (name: string) => ({ reason: `There is no complete \`\`\`${name} block.` });

/** Without blank lines around it. The indentation of the first line stays. */
function trimLines(text: string): string {
  return text.replace(/^(?:[ \t\r]*\n)+/, '').trimEnd();
}
