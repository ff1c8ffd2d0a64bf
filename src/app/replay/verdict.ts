/** @file What became of a game, as one of a few words that games can be told apart and filtered by. */

import { type Episode, type Refusal, refusals } from '../../store/records';

/** Answers first, then proposals. Their places are codes in the index of games: they are nowhere stored. */
export const verdicts = [
  'right',
  'partly',
  'wrong',
  'broken', // an answer that is no value, or a program that does not run
  'unread',
  'accepted',
  'spare', // nothing was wrong with it, and no task was made of it
  ...refusals,
] as const;
export type GameVerdict = (typeof verdicts)[number];
export const codeOf: ReadonlyMap<GameVerdict, number> = new Map(verdicts.map((each, code) => [each, code]));

export function verdictOf({ judged, task }: Pick<Episode, 'judged' | 'task'>): GameVerdict {
  switch (judged.kind) {
    case 'unread':
      return 'unread';
    case 'proposal':
      return judged.refused ?? (task === null ? 'spare' : 'accepted');
    case 'answer':
      if (judged.correct) return 'right';
      if (judged.verdict !== 'ok') return 'broken';
      return judged.right?.some(Boolean) ? 'partly' : 'wrong';
    default:
      return judged satisfies never;
  }
}

export type Tone = 'good' | 'middling' | 'bad';
export function toneOf(verdict: GameVerdict): Tone {
  switch (verdict) {
    case 'right':
    case 'accepted':
      return 'good';
    case 'partly':
    case 'spare':
    case 'too-easy':
    case 'too-hard':
      return 'middling';
    default:
      return 'bad';
  }
}
/** So that colour is not the only sign. */
export const signOf: Record<Tone, string> = { good: '✓', middling: '◐', bad: '✗' };

/** A word or two, for lists and filters. */
export function labelOf(verdict: GameVerdict): string {
  switch (verdict) {
    case 'right':
      return 'Right';
    case 'partly':
      return 'Partly right';
    case 'wrong':
      return 'Wrong';
    case 'broken':
      return 'Fails';
    case 'unread':
      return 'Unreadable';
    case 'accepted':
      return 'Accepted';
    case 'spare':
      return 'Not needed';
    case 'invalid':
      return 'Invalid';
    case 'duplicate':
      return 'Duplicate';
    case 'same-behaviour':
      return 'Same behaviour';
    case 'too-easy':
      return 'Too easy';
    case 'too-hard':
      return 'Too hard';
    case 'held-out':
      return 'Held out';
    case 'leak':
      return 'Leak';
    case 'constant':
      return 'Constant';
    case 'dead':
      return 'Dead code';
    case 'too-large':
      return 'Too large';
    case 'alike':
      return 'Too alike';
    case 'not-composite':
      return 'Not composite';
    case 'too-long':
      return 'Too long';
    case 'malformed':
      return 'Malformed';
    default:
      return verdict satisfies never;
  }
}

/** Why the gate keeps such a proposal out: a sentence. */
export function refusalSentence(refusal: Refusal): string {
  switch (refusal) {
    case 'invalid':
      return 'Refused: the program does not run on its input, or not within the limits.';
    case 'duplicate':
      return 'Refused: a task with the same program is there already.';
    case 'same-behaviour':
      return 'Refused: a task whose program does the same is there already.';
    case 'too-easy':
      return 'Refused: every attempt solved it, so there is nothing to learn from it.';
    case 'too-hard':
      return 'Refused: no attempt solved it, so there is nothing to learn from it yet.';
    case 'held-out':
      return 'Refused: the run is tested with this program, or with one that does the same, and must not train on it.';
    case 'leak':
      return 'Refused: it tells the solver too much, or the same thing twice.';
    case 'constant':
      return 'Refused: the output is the same whatever the input is.';
    case 'dead':
      return 'Refused: without one of its statements the program does the same.';
    case 'too-large':
      return 'Refused: it has values larger than those that the model knows.';
    case 'alike':
      return 'Refused: there are enough tasks that differ from it in their constants only.';
    case 'not-composite':
      return 'Refused: it does not build on the functions that it was given.';
    case 'too-long':
      return 'Refused: the question that a solver would be asked does not fit.';
    case 'malformed':
      return 'Refused: it is a task, but not written in the form that was asked for.';
    default:
      return refusal satisfies never;
  }
}
