/**
 * @file A dialect that remembers what it put into words, so that a scripted model knows what it is asked without reading prose.
 */

import type {
  Answer,
  Proposal,
  ProposalRequest,
  Reading,
  SolverQuestion,
  Tokenizer,
  WritingDialect,
} from '../../src/selfplay/dialect';
import type { Mode } from '../../src/store/records';

export type Asked =
  | { kind: 'propose'; request: ProposalRequest }
  | { kind: 'solve'; question: SolverQuestion };

export class KnowingDialect implements WritingDialect {
  readonly name: string;
  readonly tokenizer: Tokenizer;
  readonly stop: number[];
  private readonly inner: WritingDialect;
  private readonly asked = new Map<string, Asked>();

  constructor(inner: WritingDialect) {
    this.inner = inner;
    this.name = inner.name;
    this.tokenizer = inner.tokenizer;
    this.stop = inner.stop;
  }

  /** What a prompt of this dialect asks for. */
  meaningOf(prompt: string): Asked {
    const asked = this.asked.get(prompt);
    if (!asked) throw new Error(`Nobody has put this prompt into words: ${prompt.slice(0, 200)}`);
    return asked;
  }

  propose(request: ProposalRequest): string {
    const prompt = this.inner.propose(request);
    this.asked.set(prompt, { kind: 'propose', request });
    return prompt;
  }

  solve(question: SolverQuestion): string {
    const prompt = this.inner.solve(question);
    this.asked.set(prompt, { kind: 'solve', question });
    return prompt;
  }

  parseProposal(mode: Mode, completion: string): Reading<Proposal> {
    return this.inner.parseProposal(mode, completion);
  }

  parseAnswer(mode: Mode, completion: string): Reading<Answer> {
    return this.inner.parseAnswer(mode, completion);
  }

  writeProposal(mode: Mode, proposal: Omit<Proposal, 'kind'>): string {
    return this.inner.writeProposal(mode, proposal);
  }

  writeAnswer(mode: Mode, answer: Omit<Answer, 'kind'>): string {
    return this.inner.writeAnswer(mode, answer);
  }
}
