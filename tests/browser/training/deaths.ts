/** @file Ways in which a run is cut off, and moments at which that happens. */

import type { Draws } from '../../../src/selfplay/random';
import type { SessionEvent } from '../../../src/selfplay/session';
import { breakNow } from './breakable/breaking';
import type { Order } from './runs';
import { type Life, live } from './tabs';

export const ways: Record<string, (life: Life) => void> = {
  'page closed': ({ tab }) => tab.close(),
  'run killed': ({ training }) => training.kill(),
  'trainer terminated': ({ tab }) => tab.terminateTrainer(),
  'trainer crashed': () => breakNow('crash the trainer'),
  'engine crashed': () => breakNow('crash the engine'),
};

/** Where a step spends its time, and what comes before it. */
const aims = [
  /^seeds of/,
  /^seeds of/,
  /^saving weights/,
  /^loading/,
  /^proposals/,
  /^attempts at/,
  /^training/,
  /^training/,
  /^saving weights/,
  /^repeating updates/,
];

export interface Death {
  way: string;
  /** What was going on when it was to die, and a little later, when it did. */
  aimed: string;
  moment: string;
  /** The last step of which this life told. */
  step: number | null;
  /** Milliseconds from opening the run until it played on, if it got there. */
  opening: number | null;
}

/** How long the first step of a life takes, as far as is known: moments are drawn over this time. */
let pace = 500;

/** Opens the run, plays, and cuts it off: the first deaths come at chosen parts of a step, the others at any time. */
export async function liveAndDie(order: Order, index: number, draws: Draws): Promise<Death> {
  const names = Object.keys(ways);
  const way = names[index % names.length];
  const aim = aims[index];
  const share = draws.unit();
  let moment = 'opening';
  let aimed: string | null = null;
  let step: number | null = null;
  let reach = () => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const times: Record<string, number> = {};
  const listen = (event: SessionEvent) => {
    times[event.kind === 'status' ? event.status : event.kind] ??= performance.now();
    if (event.kind === 'status') moment = event.status;
    if (event.kind === 'progress') moment = event.progress.phase;
    if (event.kind === 'step') {
      moment = 'between steps';
      step = event.step;
    }
    const there = aim ? aim.test(moment) : moment === 'running';
    if (!there && !(step !== null && aim)) return;
    aimed ??= moment;
    reach();
  };
  const life = await live(order, listen);
  const playing = life.training.play().then(
    () => new Error('The run came to its end.'),
    (error: Error) => error,
  );
  await reached;
  await new Promise((resolve) => setTimeout(resolve, share * pace * (aim ? 0.2 : 1.3)));
  const death: Death = {
    way,
    aimed: aimed ?? moment,
    moment,
    step,
    opening: times.running ? times.running - times.opening : null,
  };
  pace = times.step ? times.step - times.running : pace * 1.2;
  ways[way](life);
  // Who dies with the page or without a word says nothing; whoever can, says what happened.
  if (way !== 'page closed' && way !== 'trainer terminated') {
    const { message } = await playing;
    if (!/: (open it again|resume the run|create a new engine)\.$/.test(message)) throw new Error(message);
    life.tab.close();
  }
  return death;
}
