/** @file Ways in which a run is cut off, and moments at which that happens. */

import type { Draws } from '../../../src/selfplay/random';
import type { SessionEvent } from '../../../src/selfplay/session';
import { breakNow } from './breakable/breaking';
import type { Order } from './runs';
import { type Life, live } from './tabs';
import { within } from './within';

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

/** Nobody lives for more steps than this: later steps are several times as fast as the first, and the run must not come to its end. */
const longestLife = 2;

/** Seconds until it is said that something does not come, on a machine that has much else to do. */
const patience = 100;

/** Opens the run, plays, and cuts it off: the first deaths come at chosen parts of a step, the others at any time. */
export async function liveAndDie(order: Order, index: number, draws: Draws): Promise<Death> {
  const names = Object.keys(ways);
  const way = names[index % names.length];
  const aim = aims[index];
  const share = draws.unit();
  let moment = 'opening';
  let aimed: string | null = null;
  let step: number | null = null;
  let steps = 0;
  const reached = new Signal();
  const old = new Signal();
  const times: Record<string, number> = {};
  const listen = (event: SessionEvent) => {
    times[event.kind === 'status' ? event.status : event.kind] ??= performance.now();
    if (event.kind === 'status') moment = event.status;
    if (event.kind === 'progress') moment = event.progress.phase;
    if (event.kind === 'step') {
      moment = 'between steps';
      step = event.step;
      if (++steps === longestLife) old.give();
    }
    const there = aim ? aim.test(moment) : moment === 'running';
    if (!there && !(step !== null && aim)) return;
    aimed ??= moment;
    reached.give();
  };
  const here = (what: string) => () => `${what} of life ${index} (${way}; last heard of: ${moment})`;

  const life = await within(patience, here('The tab'), live(order, listen));
  const playing = life.training.play().then(
    () => new Error('The run came to its end.'),
    (error: Error) => error,
  );
  const before = playing.then(({ message }) => {
    throw new Error(`${here('The run')()} ended before it was cut off: ${message}`);
  });
  before.catch(() => {}); // once it is cut off, ending is all that it should do
  await within(patience, here(`The moment ${aim ?? 'running'}`), Promise.race([reached.given, before]));
  const wait = new Promise((resolve) => setTimeout(resolve, share * pace * (aim ? 0.2 : 1.3)));
  await Promise.race([wait, old.given, before]);
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
    const { message } = await within(patience, here('The last word'), playing);
    if (!/: (open it again|resume the run|create a new engine)\.$/.test(message)) {
      throw new Error(`${here('The run')()} ended otherwise than it should: ${message}`);
    }
    life.tab.close();
  }
  return death;
}

/** Something that is waited for, and given once. */
class Signal {
  give = () => {};
  readonly given = new Promise<void>((resolve) => {
    this.give = resolve;
  });
}
