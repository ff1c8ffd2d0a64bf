/** @file Attacks on the sandbox in whatever browser opens this page; see tests/browser/sandbox/attacks.test.ts, which does it in Chromium. */

import { openSandbox } from '../../../src/sandbox/sandbox';
import { attacks } from '../../browser/sandbox/attacks';
import { isRight, meet, settle, worstOf } from '../../browser/sandbox/attacks/meeting';
import { addresses, count } from '../../browser/sandbox/canary';

const limits = { softTime: 300, hardTime: 1_000 };

export interface Siege {
  attacks: number;
  /** Milliseconds until Python answered. */
  started: number;
  stopping: string;
  /** What was not answered as it should be; with the inner gate off much is let through to the wall. */
  accepted: string[];
  /** Attacks that disturbed the good program right after them. */
  disturbed: string[];
  /** Requests that got out. */
  hits: string[];
}

async function besiege(run: string, unguarded: boolean): Promise<Siege> {
  // Bombs and loops try the clock, not the walls.
  const these = attacks.filter(({ family, hangs }) => family !== 'bombs' && !hangs);
  const executor = await openSandbox({ limits, unguarded });
  const met = [...(await meet(executor, run, these, await addresses())).values()];
  await settle(1000);
  const { stopping, startedIn } = await executor.about();
  await executor.dispose();
  return {
    attacks: met.length,
    started: startedIn,
    stopping,
    accepted: met.flatMap(({ attack, checked }) =>
      attack.accept.includes(worstOf(checked).verdict) ? [] : [`${attack.family}: ${attack.name}`],
    ),
    disturbed: met.flatMap(({ attack, probe }) => (isRight(attack.probe, probe) ? [] : [attack.name])),
    hits: Object.keys((await count()).hits).filter((name) => name.startsWith(`${run}/`)),
  };
}

Object.assign(globalThis, { besiege });
