/**
 * @file A Dialect is how tasks and answers are put into words: prompts out, completions in. The loop is the same for a model of
 * half a million parameters with a language of its own and for a chat model with tags and fences.
 */

import type { Mode, Pair, Parsed, Task } from '../store/records';

/** Text to token ids and back. The tokenizer stays with the loop: engines see ids only. */
export interface Tokenizer {
  encode(text: string): Int32Array;
  decode(tokens: Int32Array): string;
}

export interface Dialect {
  readonly name: string;
  readonly tokenizer: Tokenizer;
  /** Token ids that end a completion. */
  readonly stop: number[];
  propose(request: ProposalRequest): string;
  solve(question: SolverQuestion): string;
  /** Never throws: what cannot be read is a result too. */
  parseProposal(mode: Mode, completion: string): Reading<Proposal>;
  parseAnswer(mode: Mode, completion: string): Reading<Answer>;
}

/** What whoever asks a model to solve something needs of its dialect, which may be in a worker. */
export interface Speech {
  readonly stop: number[];
  solve(question: SolverQuestion): Awaitable<string>;
  parseAnswer(mode: Mode, completion: string): Awaitable<Reading<Answer>>;
  readonly tokenizer: {
    encode(text: string): Awaitable<Int32Array>;
    decode(tokens: Int32Array): Awaitable<string>;
  };
}
type Awaitable<T> = T | Promise<T>;

/** A dialect that can play the model, too: perfect completions to warm up on, to learn true traces from, and to test with. */
export interface WritingDialect extends Dialect {
  /** Reading it gives the same parts back. It ends with the text of the stop token, if that has one. */
  writeProposal(mode: Mode, proposal: Omit<Proposal, 'kind'>): string;
  writeAnswer(mode: Mode, answer: Omit<Answer, 'kind'>): string;
}

/** Of induction, a proposal's program is empty: it is the one that was asked about. */
export type Proposal = Extract<Parsed, { kind: 'proposal' }>;
export type Answer = Extract<Parsed, { kind: 'answer' }>;

/** What a dialect is to be spoken in. */
export interface Vocabulary {
  tokenizer: Tokenizer;
  stop: number[];
  /** Left out where a prompt is what the dialect says and nothing else. */
  frame?: Frame;
}

/** What a model expects around its prompts. */
export interface Frame {
  /** The turns of a chat, of which the user's is the task; or mere text, in which the dialect says who speaks. */
  kind: 'chat' | 'text';
  before: string;
  after: string;
  /** Of a chat: what the assistant is made to begin with. */
  opening: string;
  /** <think> and </think> are tokens that the model was trained with; else they are spelt like any text. */
  tagsAreTokens: boolean;
}

/** `format`: the completion kept to the form that was asked for, whether or not its parts could be found. */
export type Reading<T> = { format: boolean } & ({ parsed: T } | { parsed: null; reason: string });

export type ProposalRequest =
  | { mode: Exclude<Mode, 'induction'>; references: Task[]; composite: CompositeFunction[] }
  /** `inputs` is the number that the dialect was made with: it reads no other. */
  | { mode: 'induction'; program: string; inputs: number };

export interface CompositeFunction {
  /** g_0, g_1, ... */
  name: string;
  program: string;
}

/** What a solver may know of a task: never the gold answer. */
export type SolverQuestion =
  | { mode: 'deduction' | 'error'; program: string; input: string }
  | { mode: 'abduction'; program: string; output: string }
  | { mode: 'induction'; shown: Pair[]; message: string };
