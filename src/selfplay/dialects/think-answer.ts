/**
 * @file The dialect of the original, for models that can chat: think and answer in tags, parts in fenced blocks.
 *
 * `parsing: 'paper'` reads completions exactly as the original does (paper.ts), `strict` as they should be read (strict.ts).
 */

import type { Mode } from '../../store/records';
import type {
  Answer,
  Frame,
  Proposal,
  ProposalRequest,
  Reading,
  SolverQuestion,
  Tokenizer,
  Vocabulary,
  WritingDialect,
} from '../dialect';
import { ByteTokenizer } from './bytes';
import { type RenameEntry, renamings } from './naming';
import { bool, count, countOfInputs, DialectError, names, orNull, type Rules, readOptions } from './options';
import * as paper from './paper';
import { block, type PromptOptions, proposal, question } from './prompts';
import * as strict from './strict';

export interface ThinkAnswerOptions extends Omit<PromptOptions, 'helpers'> {
  /** `answer`: the prompt ends inside an open <think>. `boxed`: the answer stands in \boxed{}. `none`: the task and nothing else. */
  wrapper: paper.Wrapper;
  parsing: 'strict' | 'paper';
  /** How many inputs an induction task has. */
  inputs: number;
  /** Which python block of a proposal is its program, if there are several. */
  codeLocation: 'first' | 'last';
  /** Paper: more than one `def` anywhere; on by default. Strict: more than one at top level, and the prompt says so. */
  rejectMultipleFunctions: boolean;
  /** Programs that seem to hold a test of themselves. */
  rejectTestInput: boolean;
  /** Paper only: in strict parsing the function has to be called f. */
  renameEntry: RenameEntry;
  /** Paper only: without an <answer>, the last \boxed{} or else the whole text is the answer. */
  boxedRetry: boolean;
}

export const thinkAnswerDefaults: ThinkAnswerOptions = {
  wrapper: 'answer',
  parsing: 'strict',
  inputs: 10,
  codeLocation: 'first',
  rejectMultipleFunctions: false,
  rejectTestInput: false,
  renameEntry: 'not_first',
  boxedRetry: false,
  bannedWords: [],
  bannedErrorWords: [],
  modules: null,
  seconds: 10,
  outputCharacters: null,
  removeInputFromSnippet: false,
  removeAfterReturn: false,
};

const rules: Rules<ThinkAnswerOptions> = {
  wrapper: ['answer', 'boxed', 'none'],
  parsing: ['strict', 'paper'],
  inputs: countOfInputs,
  codeLocation: ['first', 'last'],
  rejectMultipleFunctions: bool,
  rejectTestInput: bool,
  renameEntry: renamings,
  boxedRetry: bool,
  bannedWords: names,
  bannedErrorWords: names,
  modules: orNull(names),
  seconds: { test: (value) => typeof value === 'number' && value > 0, are: 'a number above 0' },
  outputCharacters: orNull(count),
  removeInputFromSnippet: bool,
  removeAfterReturn: bool,
};

const paperDefaults: ThinkAnswerOptions = { ...thinkAnswerDefaults, rejectMultipleFunctions: true };

const paperOnly = ['renameEntry', 'boxedRetry'] as const;

const END = '⟨end⟩';
const tags = ['<think>', '</think>', '<answer>', '</answer>'];

const answerBlocks = {
  deduction: 'output',
  error: 'output',
  abduction: 'input',
  induction: 'python',
} as const;

export class ThinkAnswerDialect implements WritingDialect {
  readonly name = 'think-answer';
  readonly options: ThinkAnswerOptions;
  readonly tokenizer: Tokenizer;
  readonly stop: number[];
  /** How the stop tokens read: the last token of a completion is one of them. */
  private readonly ends: string[];
  private readonly promptOptions: PromptOptions;
  private readonly frame: Frame;

  constructor(options: Partial<ThinkAnswerOptions> = {}, vocabulary: Vocabulary = bytes()) {
    const defaults = options.parsing === 'paper' ? paperDefaults : thinkAnswerDefaults;
    this.options = readOptions(this.name, defaults, rules, options);
    this.tokenizer = vocabulary.tokenizer;
    this.stop = vocabulary.stop;
    this.frame = vocabulary.frame ?? noFrame;
    this.ends = this.stop.map((id) => this.tokenizer.decode(Int32Array.of(id))).filter((end) => end !== '');
    const { parsing, rejectMultipleFunctions } = this.options;
    const idle = parsing === 'strict' && paperOnly.find((name) => options[name] !== undefined);
    if (idle)
      throw new DialectError(
        `The option "${idle}" of the dialect ${this.name} has an effect only with "parsing": "paper".`,
      );
    // In strict parsing this is what is checked. In the original's, the words allow what the rule rejects: that is a quirk of it.
    this.promptOptions = { ...this.options, helpers: rejectMultipleFunctions ? 'nested' : 'anywhere' };
  }

  propose(request: ProposalRequest): string {
    if (request.mode === 'induction' && request.inputs !== this.options.inputs)
      throw new RangeError(
        `This dialect reads ${this.options.inputs} inputs, so ${request.inputs} cannot be asked for.`,
      );
    return this.wrap(proposal(request, this.promptOptions));
  }

  solve(asked: SolverQuestion): string {
    return this.wrap(question(asked, this.promptOptions));
  }

  parseProposal(mode: Mode, completion: string): Reading<Proposal> {
    const { options } = this;
    const unwrapped = this.unwrap(completion);
    if ('reason' in unwrapped) return { format: false, parsed: null, reason: unwrapped.reason };
    const { thought, answer } = unwrapped.found;
    const reader = options.parsing === 'paper' ? paper : strict;
    if (mode === 'induction') {
      const read: Maybe<{ inputs: string[]; message: string }> = reader.readInputsAndMessage(
        answer,
        options.inputs,
      );
      return reading(unwrapped.found, read, ({ inputs, message }) => ({
        kind: 'proposal',
        program: '',
        inputs,
        message,
        thought,
      }));
    }
    const read: Maybe<{ program: string; input: string }> = reader.readProgramAndInput(answer, options);
    return reading(unwrapped.found, read, ({ program, input }) => ({
      kind: 'proposal',
      program,
      inputs: [input],
      message: '',
      thought,
    }));
  }

  parseAnswer(mode: Mode, completion: string): Reading<Answer> {
    const unwrapped = this.unwrap(completion);
    if ('reason' in unwrapped) return { format: false, parsed: null, reason: unwrapped.reason };
    const { thought, answer } = unwrapped.found;
    return reading(unwrapped.found, this.readAnswer(mode, answer), (found) => ({
      kind: 'answer',
      answer: found.answer,
      thought,
    }));
  }

  writeProposal(mode: Mode, { program, inputs, message, thought }: Omit<Proposal, 'kind'>): string {
    const blocks = inputs.map((input) => block('input', input));
    if (mode === 'induction') blocks.push(block('message', message));
    else blocks.unshift(block('python', program));
    return this.complete(thought, blocks.join('\n\n'));
  }

  writeAnswer(mode: Mode, { answer, thought }: Omit<Answer, 'kind'>): string {
    return this.complete(thought, block(answerBlocks[mode], answer));
  }

  private readAnswer(mode: Mode, text: string): Maybe<{ answer: string }> {
    const name = answerBlocks[mode];
    if (this.options.parsing === 'strict') return strict.readAnswer(text, name);
    if (name !== 'python') return { found: { answer: paper.readValue(text, name) } };
    const read = paper.readProgram(text);
    return 'found' in read ? { found: { answer: read.found } } : read;
  }

  // ---- The wrapper ---------------------------------------------------------------------------------------------------

  private wrap(task: string): string {
    const { kind, before, after, opening } = this.frame;
    const words = kind === 'chat' ? this.message(task) : this.conversation(task);
    return before + words + after + opening;
  }

  /** Of a user, to a model whose template says who speaks. */
  private message(task: string): string {
    if (this.options.wrapper !== 'answer') return this.conversation(task);
    // To whom the tags are tokens thinks in them anyway, and would not know them from their letters.
    const between = this.frame.tagsAreTokens
      ? 'The answer stands between <answer> and </answer>, like this: <answer> answer </answer>.'
      : 'The thoughts stand between <think> and </think>, the answer between <answer> and </answer>, like this: <think> thoughts </think> <answer> answer </answer>.';
    return `Think the task through first, and then give the answer. ${between}\n\n${task}`;
  }

  /** For models that know nothing but text. */
  private conversation(task: string): string {
    switch (this.options.wrapper) {
      case 'answer':
        return `In this conversation User sets a task and Assistant solves it. Assistant first thinks the task through and then gives User the answer. The thoughts stand between <think> and </think>, the answer between <answer> and </answer>, like this: <think> thoughts </think> <answer> answer </answer>. User: ${task}\nAssistant: <think>`;
      case 'boxed':
        return `${task}\nThink step by step, and put your final answer into \\boxed{}.`;
      case 'none':
        return task;
    }
  }

  private unwrap(completion: string): Found<paper.Unwrapped> {
    const { wrapper, parsing, boxedRetry } = this.options;
    const end = this.ends.find((text) => completion.endsWith(text)) ?? '';
    const text = completion.slice(0, completion.length - end.length);
    if (parsing === 'strict') return strict.unwrap(text, wrapper);
    return { found: paper.unwrap(text, wrapper, boxedRetry) };
  }

  private complete(thought: string, answer: string): string {
    const end = this.ends[0] ?? '';
    switch (this.options.wrapper) {
      case 'answer':
        return `${thought}</think>\n<answer>\n${answer}\n</answer>${end}`;
      case 'boxed':
        return `${thought}\\boxed{\n${answer}\n}${end}`;
      case 'none':
        return thought === '' ? `${answer}${end}` : `${thought}</think>\n${answer}${end}`;
    }
  }
}

type Found<T> = paper.Found<T>;
/** The original's format is that of the wrapper alone; in strict reading the parts have one, too. */
type Maybe<T> = Found<T & Partial<strict.Form>>;

const noFrame: Frame = { kind: 'text', before: '', after: '', opening: '', tagsAreTokens: false };

function bytes(): Vocabulary {
  const tokenizer = new ByteTokenizer([...tags, END]);
  return { tokenizer, stop: [tokenizer.id(END)] };
}

function reading<F extends Partial<strict.Form>, P>(
  { format }: paper.Unwrapped,
  read: Found<F>,
  toParsed: (found: F) => P,
): Reading<P> {
  if ('reason' in read) return { format: false, parsed: null, reason: read.reason };
  return { format: format && (read.found.format ?? true), parsed: toParsed(read.found) };
}
