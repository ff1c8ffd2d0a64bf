/** @file Which step and which game are looked at, and addresses of games and tasks. */

import { href, wholeParam } from '../state/router';
import { lateState } from './late-address';

export interface Place {
  /** Null: wherever the game is, or the last one. */
  step: number | null;
  /** Null: the first one that is listed, or the last one where one came from behind. */
  game: number | null;
  from: 'start' | 'end';
}

const state = lateState<Place>(
  'replay',
  () => ({ step: wholeParam('step'), game: wholeParam('game'), from: 'start' }),
  ({ step, game }) => ({ step, game }),
);

export const place = state.now;
export const usePlace = state.use;

/** What is not given stays as it is; without a game, the first one. */
export const goTo = ({ step = place.peek().step, game = null, from = 'start' }: Partial<Place>) =>
  state.set({ step, game, from });

/** The address of a game, with the run in it. Filters stay behind: they might hide it. */
export const linkToGame = (run: string, step: number, game: number) => href('replay', { run, step, game });
export const linkToTask = (run: string, task: number) => href('tasks', { run, task });
