/**
 * @file Where a log does not add up: each disagreement is told once, as a sentence with both figures, and all of them are counted.
 * Every check is handed the ledger and writes into it.
 */

import type { Episode } from '../../store/records';

export type Figure = number | string | boolean | null;

export interface Disagreement {
  step: number;
  episode: number | null;
  task: number | null;
  /** Which figure: 'reward', 'terms.base', 'advantage', ... */
  what: string;
  recorded: Figure;
  derived: Figure;
  message: string;
}

/** What is disagreed about. */
export interface About {
  step: number;
  episode?: Episode;
  task?: number;
}

const kept = 100;
/** Rewards and advantages are the same arithmetic again: they may differ in the order of a sum, and in nothing else. */
const tolerance = 1e-9;

export class Ledger {
  /** The first hundred. */
  readonly disagreements: Disagreement[] = [];
  private all = 0;

  /** How many there were, told or not. */
  get counted(): number {
    return this.all;
  }

  compare(about: About, what: string, words: string, recorded: Figure, derived: Figure): void {
    if (!same(recorded, derived)) this.differ(about, what, words, recorded, derived);
  }

  /** `what` names the figure for programs, `words` for people. */
  differ(about: About, what: string, words: string, recorded: Figure, derived: Figure): void {
    this.all++;
    if (this.disagreements.length >= kept) return;
    const { step, episode, task } = about;
    const where = [
      `Step ${step}`,
      ...(episode ? [`episode ${episode.id} (${episode.mode}, ${episode.role})`] : []),
      ...(task === undefined ? [] : [`task ${task}`]),
    ].join(', ');
    const message = `${where}: ${words} is recorded as ${shown(recorded)}, but should be ${shown(derived)}.`;
    this.disagreements.push({
      step,
      episode: episode?.id ?? null,
      task: task ?? null,
      what,
      recorded,
      derived,
      message,
    });
  }
}

export function same(a: Figure, b: Figure): boolean {
  if (typeof a !== 'number' || typeof b !== 'number') return a === b;
  return a === b || Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b));
}

const shown = (figure: Figure): string => (figure === null ? 'none' : String(figure));
