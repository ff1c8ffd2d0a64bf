/** @file Games in words: what was asked, what became of it and why, and what it was worth. */

import type { Failure } from '../../sandbox/executor';
import { type Config, readConfig } from '../../selfplay/config';
import { proposing } from '../../selfplay/schedule';
import type { Episode, Judged, Mode, Refusal, Role, Task } from '../../store/records';
import { refusalSentence } from './verdict';

export const nameOfRole: Record<Role, string> = { propose: 'Proposer', solve: 'Solver' };

/** What was asked for: a sentence that needs no knowledge of the modes. */
export function askedFor(role: Role, mode: Mode): string {
  switch (mode) {
    case 'deduction':
      return role === 'propose'
        ? 'Make up a program and an input. A solver will be asked what the program returns.'
        : 'Here are a program and an input: what does it return?';
    case 'abduction':
      return role === 'propose'
        ? 'Make up a program and an input. A solver will see the program and what it returns, and be asked for an input.'
        : 'Here are a program and what it returned: which input gives that?';
    case 'induction':
      return role === 'propose'
        ? 'Here is a program: make up inputs for it. A solver will see some of the calls and be asked for the program.'
        : 'Here are some calls of a program that you cannot see: write a program that does the same.';
    case 'error':
      return role === 'propose'
        ? 'Make up a program and an input. A solver will be asked which exception the program raises.'
        : 'Here are a program and an input: which exception does it raise?';
    default:
      return mode satisfies never;
  }
}

/** What Python's sandbox said, as the end of "It does not count: ...". */
const failed: Record<Failure, string> = {
  syntax: 'it is not written in the Python that is asked for',
  banned: 'it uses something that programs may not use',
  error: 'it raised an exception',
  timeout: 'it took too long',
  memory: 'it used too much memory',
  nondeterministic: 'the same call gave different values',
  'unsupported-value': 'it returned something that is not plain data',
  'too-long': 'it returned more than a task may show',
  crash: 'the interpreter did not survive it',
};

/** In the words that are known, or else as it was written. */
export const failureInWords = (verdict: string) =>
  verdict in failed ? failed[verdict as Failure] : `the verdict was "${verdict}"`;

const percent = (share: number) => `${Math.round(share * 100)} %`;

/** What happened to it, and why. The first sentence is the verdict. */
export function whyOf({
  judged,
  mode,
  task,
  step,
}: Pick<Episode, 'judged' | 'mode' | 'task' | 'step'>): string[] {
  switch (judged.kind) {
    case 'unread':
      return ['Nothing could be read from it, so nothing ran.', judged.reason];
    case 'proposal':
      return whyProposal(judged, task, step);
    case 'answer':
      return whyAnswer(judged, mode);
    default:
      return judged satisfies never;
  }
}

/** Refusals whose reason says what the sentence does not. */
const tellMore: ReadonlySet<Refusal> = new Set(['invalid', 'leak', 'not-composite', 'too-long']);

function whyProposal(
  { verdict, reason, refused, solveRate }: Extract<Judged, { kind: 'proposal' }>,
  task: number | null,
  step: number,
): string[] {
  const told = reason ? [reason] : [];
  const tried = solveRate === null ? [] : [`${percent(solveRate)} of the attempts solved it.`];
  if (refused === 'invalid' && verdict !== 'ok') return [`Refused: ${failureInWords(verdict)}.`, ...told];
  if (refused) return [refusalSentence(refused), ...(tellMore.has(refused) ? told : []), ...tried];
  if (task !== null) return [`Accepted: it became task ${task}.`, ...tried];
  return step === 0
    ? ['Nothing was wrong with it, but there were seeds enough.', ...told]
    : ['Nothing was wrong with it, but no task was made of it.', ...told, ...tried];
}

function whyAnswer(judged: Extract<Judged, { kind: 'answer' }>, mode: Mode): string[] {
  const { verdict, reason, correct, right, trace } = judged;
  const told = reason ? [reason] : [];
  if (verdict !== 'ok') return [`Wrong: ${failureInWords(verdict)}.`, ...told];
  if (!correct) {
    const passed = right?.filter(Boolean).length ?? 0;
    if (right && passed > 0)
      return [
        `Partly right: ${passed} of ${right.length} calls that it had not seen come out right.`,
        ...told,
      ];
    return [wrongAnswer(mode), ...told];
  }
  return [rightAnswer(mode), ...traceInWords(trace), ...told];
}

function rightAnswer(mode: Mode): string {
  switch (mode) {
    case 'deduction':
      return 'Right: this is what the program returns.';
    case 'abduction':
      return 'Right: with this input the program returns what was asked for.';
    case 'induction':
      return 'Right: its program gets every call right, also those that it had not seen.';
    case 'error':
      return 'Right: this is what happens.';
    default:
      return mode satisfies never;
  }
}

function wrongAnswer(mode: Mode): string {
  switch (mode) {
    case 'deduction':
      return 'Wrong: the program returns something else.';
    case 'abduction':
      return 'Wrong: with this input the program returns something else.';
    case 'induction':
      return 'Wrong: its program gets none of the calls right that it had not seen.';
    case 'error':
      return 'Wrong: something else happens.';
    default:
      return mode satisfies never;
  }
}

function traceInWords(share: number | null | undefined): string[] {
  if (share === undefined) return [];
  if (share === null) return ['There is no whole trace to compare its thought with.'];
  if (share === 1) return ['Its thought is the true trace of the program, to the letter.'];
  return [`${percent(share)} of its thought is the true trace; then comes the first mistake.`];
}

// ---- What it was worth -----------------------------------------------------------------------------------------------

/** A term of a reward. Those of a user's own are called as the user called them. */
export function nameOfTerm(name: string): string {
  if (name === 'base') return 'From the verdict';
  if (name === 'repetition') return 'Resembles others of its batch';
  if (name.startsWith('own.')) return `${name.slice(4)} (your own)`;
  return `Intrinsic: ${name.replaceAll('-', ' ')}`;
}

/** What the reward of a right answer depends on besides. */
export function whyNotWhole({ judged }: Pick<Episode, 'judged'>, config: Config | null): string | null {
  if (judged.kind !== 'answer' || !judged.correct || typeof judged.trace !== 'number' || judged.trace === 1)
    return null;
  switch (config?.['reward.trace']) {
    case 'exact':
      return 'This run rewards a right answer only where its thought is the very trace.';
    case 'share':
      return 'This run rewards a right answer by the share of its thought that is the true trace.';
    default:
      return null;
  }
}

/** The settings of a run; null where they cannot be read, as of a log from elsewhere. */
export function configOf(config: unknown): Config | null {
  try {
    return readConfig(config);
  } catch {
    return null;
  }
}

/** Why the policy did not learn from it by its reward, if so. */
export function whyNotTrained(
  { advantage, role, step }: Pick<Episode, 'advantage' | 'role' | 'step'>,
  config: Config | null,
): string | null {
  if (advantage !== null) return null;
  if (step === 0) return 'Seeds are made before the first step, and nothing is learned from making them.';
  if (config && !config['hindsight.policy'])
    return 'This run learns from lessons alone: rewards are told, and not learned from.';
  if (role === 'propose' && config && proposing(step, config) !== 'trained')
    return 'The proposer is not trained in this step.';
  return role === 'solve'
    ? 'This attempt only tells how hard the task is.'
    : 'It was not learned from by its reward.';
}

// ---- Tasks -----------------------------------------------------------------------------------------------------------

export const nameOfMode: Record<Mode, string> = {
  deduction: 'Deduction',
  abduction: 'Abduction',
  induction: 'Induction',
  error: 'Error',
};

export function originInWords(origin: Task['origin']): string {
  switch (origin) {
    case 'identity':
      return 'the identity function, with which every run begins';
    case 'file':
      return 'from a file of seeds';
    case 'seeding':
      return 'a seed: proposed before the first step';
    case 'proposed':
      return 'proposed by the model';
    default:
      return origin satisfies never;
  }
}

export const leftInWords: Record<'full' | 'mastered', string> = {
  full: 'because the buffer was full',
  mastered: 'because it is mastered',
};
