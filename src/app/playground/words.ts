/** @file What became of an answer, in words. */

import type { Outcome } from '../../sandbox/executor';
import type { JudgedAnswer, Solvable } from '../../selfplay/questions';
import { shownOf } from './question';

export interface Told {
  right: boolean;
  /** A sentence. */
  reason: string;
}

/** `cut`: it was still writing when its room was used up. */
export function tellUnread(reason: string, cut: boolean): Told {
  if (cut) return { right: false, reason: 'It was still writing when there was no room left.' };
  return { right: false, reason: `It did not keep to the form. ${reason}` };
}

/** `runs` is what its answer does: of an abduction on the given input, of an induction on the hidden inputs. */
export function tellAnswer(
  task: Solvable,
  { correct, verdict, reason, right }: JudgedAnswer,
  runs: readonly Outcome[],
): Told {
  const [[, gold]] = task.pairs;
  if (correct) return { right: true, reason: praise(task, gold) };
  if (verdict !== 'ok') return { right: false, reason: faultOf(task, verdict, reason ?? '') };
  switch (task.mode) {
    case 'deduction':
    case 'error':
      return { right: false, reason: `Python says ${gold}.` };
    case 'abduction': {
      const [outcome] = runs;
      const given =
        outcome?.verdict === 'ok'
          ? `There f gives ${outcome.output}, and not ${gold}`
          : `There f does not give ${gold}`;
      return { right: false, reason: `${given}.` };
    }
    case 'induction': {
      const hidden = task.pairs.slice(shownOf(task.pairs));
      const count = right?.filter(Boolean).length ?? 0;
      const wrong = right?.indexOf(false) ?? -1;
      const outcome = runs[wrong];
      const example =
        wrong >= 0 && outcome?.verdict === 'ok'
          ? `; f(${hidden[wrong][0]}) is ${outcome.output} and should be ${hidden[wrong][1]}`
          : '';
      return {
        right: false,
        reason: `It is right for ${count} of ${hidden.length} hidden examples${example}.`,
      };
    }
    default:
      return task.mode satisfies never;
  }
}

function praise({ mode, pairs }: Solvable, gold: string): string {
  switch (mode) {
    case 'deduction':
    case 'error':
      return 'That is what Python says.';
    case 'abduction':
      return `There f gives ${gold}.`;
    case 'induction':
      return `It is right for all ${pairs.length - shownOf(pairs)} hidden examples.`;
    default:
      return mode satisfies never;
  }
}

function faultOf({ mode }: Solvable, verdict: JudgedAnswer['verdict'], reason: string): string {
  const full = /[.!?]$/.test(reason) ? reason : `${reason}.`;
  if (mode === 'deduction' || mode === 'error') return `It is no value. ${full}`;
  if (mode === 'abduction')
    return verdict === 'syntax' ? `It is no input. ${full}` : `There f fails: ${full}`;
  return verdict === 'syntax' ? `It is no program. ${full}` : `Its program fails: ${full}`;
}

/** How far a thought is the true one: a sentence. */
export function tellThought(share: number): string {
  if (share === 1) return 'Its thought is what Python does, step by step.';
  if (share === 0) return 'Its thought goes wrong at the first step.';
  return `The first ${Math.round(share * 100)} % of its thought are true.`;
}

/** 'é and @'; at most five. */
export function lettersInWords(letters: readonly string[]): string {
  const shown = letters.slice(0, 5).map((each) => (each.trim() === '' ? JSON.stringify(each) : each));
  const others = letters.length - shown.length;
  const all = others > 0 ? [...shown, `${others} more`] : shown;
  return all.length > 1 ? `${all.slice(0, -1).join(', ')} and ${all.at(-1)}` : (all[0] ?? '');
}
