/**
 * @file A dialect for tiny models with a vocabulary of their own: a few markers instead of sentences, each of them one token.
 *
 *     solve     ⟨ded⟩listing⟨in⟩input⟨think⟩             scratchpad⟨ans⟩answer⟨end⟩
 *               ⟨abd⟩listing⟨out⟩output⟨think⟩           the same
 *               ⟨err⟩listing⟨in⟩input⟨think⟩             the same
 *               ⟨ind⟩⟨in⟩i⟨out⟩o⟨in⟩i⟨out⟩o⟨say⟩message⟨think⟩    the same
 *     propose   ⟨new⟩⟨ded⟩⟨ref⟩program⟨in⟩input⟨ref⟩...⟨use⟩composite⟨use⟩...⟨think⟩    scratchpad⟨ans⟩program⟨in⟩input⟨end⟩
 *               ⟨new⟩⟨ind⟩program⟨think⟩                 scratchpad⟨ans⟩⟨in⟩i⟨in⟩i...⟨say⟩message⟨end⟩
 *
 * A listing is a program whose lines are numbered as in a scratchpad, so that a step finds its line by looking for the same token
 * instead of counting.
 *
 * ⟨ is a letter that Python has no use for outside of texts and comments. Where it stands in a part it is written ⟨⟩, so no part can
 * hold a marker, and what is a marker needs no looking around to tell.
 *
 * A scratchpad is not escaped: traces may have markers of their own. It ends at the first ⟨ans⟩ and may be empty.
 */

import type { Mode } from '../../store/records';
import type {
  Answer,
  Proposal,
  ProposalRequest,
  Reading,
  SolverQuestion,
  Tokenizer,
  WritingDialect,
} from '../dialect';
import { ByteTokenizer } from './bytes';
import { countOfInputs, DialectError, type Rules, readOptions } from './options';

export interface CompactOptions {
  /** How many inputs an induction task has. */
  inputs: number;
}

export const compactDefaults: CompactOptions = { inputs: 6 };

const rules: Rules<CompactOptions> = { inputs: countOfInputs };

/** What a vocabulary must have as one token each. */
export const markers = {
  deduction: '⟨ded⟩',
  abduction: '⟨abd⟩',
  induction: '⟨ind⟩',
  error: '⟨err⟩',
  propose: '⟨new⟩',
  reference: '⟨ref⟩',
  composite: '⟨use⟩',
  input: '⟨in⟩',
  output: '⟨out⟩',
  message: '⟨say⟩',
  think: '⟨think⟩',
  answer: '⟨ans⟩',
  end: '⟨end⟩',
} as const;

export class CompactDialect implements WritingDialect {
  readonly name = 'compact';
  readonly options: CompactOptions;
  readonly tokenizer: Tokenizer;
  readonly stop: number[];

  constructor(options: Partial<CompactOptions> = {}, vocabulary?: { tokenizer: Tokenizer }) {
    this.options = readOptions(this.name, compactDefaults, rules, options);
    this.tokenizer = vocabulary?.tokenizer ?? new ByteTokenizer(Object.values(markers));
    for (const marker of Object.values(markers)) {
      const tokens = this.tokenizer.encode(marker);
      if (tokens.length !== 1 || this.tokenizer.decode(tokens) !== marker)
        throw new DialectError(
          `The dialect ${this.name} needs a vocabulary in which ${marker} is a token of its own.`,
        );
    }
    this.stop = [...this.tokenizer.encode(markers.end)];
  }

  propose(request: ProposalRequest): string {
    const start = markers.propose + markers[request.mode];
    if (request.mode === 'induction') {
      if (request.inputs !== this.options.inputs)
        throw new RangeError(
          `This dialect reads ${this.options.inputs} inputs, so ${request.inputs} cannot be asked for.`,
        );
      return start + escaped(request.program) + markers.think;
    }
    const references = request.references.map(
      ({ program, pairs }) => markers.reference + escaped(program) + markers.input + escaped(pairs[0][0]),
    );
    const composite = request.composite.map(({ program }) => markers.composite + escaped(program));
    return [start, ...references, ...composite, markers.think].join('');
  }

  solve(question: SolverQuestion): string {
    const start = markers[question.mode];
    switch (question.mode) {
      case 'deduction':
      case 'error':
        return start + listing(question.program) + markers.input + escaped(question.input) + markers.think;
      case 'abduction':
        return start + listing(question.program) + markers.output + escaped(question.output) + markers.think;
      case 'induction': {
        const shown = question.shown.map(
          ([input, output]) => markers.input + escaped(input) + markers.output + escaped(output),
        );
        return [start, ...shown, markers.message, escaped(question.message), markers.think].join('');
      }
    }
  }

  parseProposal(mode: Mode, completion: string): Reading<Proposal> {
    const read = readCompletion(completion, mode === 'induction' ? this.options.inputs + 2 : 2);
    if ('reason' in read) return unread(read.reason);
    const { thought, parts } = read;
    const [first, ...rest] = parts;
    if (mode !== 'induction') {
      if (rest.length !== 1 || rest[0].marker !== markers.input)
        return unread(`A proposal is a program, ${markers.input} and an input.`);
      return understood({
        kind: 'proposal',
        program: first.text,
        inputs: [rest[0].text],
        message: '',
        thought,
      });
    }
    const message = rest.at(-1);
    const inputs = rest.slice(0, -1);
    const inOrder =
      first.text === '' &&
      message?.marker === markers.message &&
      inputs.every(({ marker }) => marker === markers.input);
    if (!inOrder || inputs.length !== this.options.inputs)
      return unread(
        `A proposal is ${this.options.inputs} times ${markers.input} and an input, then ${markers.message} and a message.`,
      );
    return understood({
      kind: 'proposal',
      program: '',
      inputs: inputs.map(({ text }) => text),
      message: message.text,
      thought,
    });
  }

  parseAnswer(_mode: Mode, completion: string): Reading<Answer> {
    const read = readCompletion(completion, 1);
    if ('reason' in read) return unread(read.reason);
    const { thought, parts } = read;
    if (parts.length > 1)
      return unread(`An answer has one part, but ${parts[1].marker} begins a second one.`);
    return understood({ kind: 'answer', answer: parts[0].text, thought });
  }

  writeProposal(mode: Mode, { program, inputs, message, thought }: Omit<Proposal, 'kind'>): string {
    const start = scratchpad(thought) + (mode === 'induction' ? '' : escaped(program));
    const end = mode === 'induction' ? markers.message + escaped(message) : '';
    return [start, ...inputs.map((input) => markers.input + escaped(input)), end, markers.end].join('');
  }

  writeAnswer(_mode: Mode, { answer, thought }: Omit<Answer, 'kind'>): string {
    return scratchpad(thought) + escaped(answer) + markers.end;
  }
}

// ---- Parts and markers -------------------------------------------------------------------------------------------------

const OPEN = '⟨';
const ESCAPED = '⟨⟩';

const escaped = (text: string) => text.replaceAll(OPEN, ESCAPED);
/** Several times faster than replaceAll where there is much to replace. */
const unescaped = (text: string) => text.split(ESCAPED).join(OPEN);

const listing = (program: string) =>
  escaped(program)
    .split('\n')
    .map((line, index) => `\n${index + 1}:${line}`)
    .join('');

function scratchpad(thought: string): string {
  const border = [markers.answer, markers.end].find((marker) => thought.includes(marker));
  if (border) throw new RangeError(`A scratchpad cannot hold ${border}, which ends it.`);
  return thought + markers.answer;
}

/** `marker` stands before the text; the first part follows ⟨ans⟩. */
interface Part {
  marker: string;
  text: string;
}

/** The parts, up to one more than there should be. */
function readCompletion(
  completion: string,
  most: number,
): { thought: string; parts: Part[] } | { reason: string } {
  const border = completion.indexOf(markers.answer);
  if (border < 0) return { reason: `There is no ${markers.answer}.` };
  const thought = completion.slice(0, border);
  if (thought.includes(markers.end)) return { reason: `It ends before ${markers.answer}.` };
  const end = completion.indexOf(markers.end, border);
  if (end < 0) return { reason: `It does not end with ${markers.end}.` };
  if (end + markers.end.length < completion.length) return { reason: `It goes on after ${markers.end}.` };

  const parts: Part[] = [];
  const next = new RegExp(`${OPEN}(?!⟩)`, 'g');
  let marker: string = markers.answer;
  let start = border + marker.length;
  for (;;) {
    next.lastIndex = start;
    const at = next.exec(completion)?.index ?? end; // ⟨end⟩, if no other
    parts.push({ marker, text: unescaped(completion.slice(start, at)) });
    if (at === end || parts.length > most) return { thought, parts };
    marker = completion.slice(at, completion.indexOf('⟩', at) + 1);
    if (!separators.has(marker)) return { reason: `${marker.slice(0, 20)} has no place in an answer.` };
    start = at + marker.length;
  }
}

const separators: ReadonlySet<string> = new Set([markers.input, markers.message]);

const unread = (reason: string) => ({ format: false, parsed: null, reason }) as const;
const understood = <T>(parsed: T) => ({ format: true, parsed });
