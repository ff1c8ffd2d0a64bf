/**
 * @file How runs do on held-out tasks: before their first step, and at their last test. Two steps of a run are read for that, when
 * somebody looks at the list, and read again only once there has been another test.
 */

import { signal } from '@preact/signals';
import type { RunInfo } from '../../store/records';
import type { RunReader } from '../../store/store';
import { configOf } from '../state/draft';
import { reader } from '../state/library';

export interface HeldOut {
  /** Share of the tasks that were solved before the first step; null if nobody tested it. */
  start: number | null;
  now: { step: number; accuracy: number } | null;
}

/** By the ids of runs. */
export const heldOut = signal<ReadonlyMap<string, HeldOut>>(new Map());

const metric = 'heldout/accuracy';

/** The last step that had a test, if everything went as planned; null if there are none. */
export function lastTest(step: number, steps: number, every: number): number | null {
  if (every === 0) return null;
  return step === steps ? step : step - (step % every);
}

const asked = new Map<string, string>();
let queue = Promise.resolve();

/** One after the other, so that the page stays quick. */
export function lookUp(runs: readonly RunInfo[]): void {
  for (const run of runs) {
    const config = configOf(run);
    const at = config && lastTest(run.step, config.steps, config['evaluate.every']);
    const what = `${run.createdAt} ${at}`;
    if (asked.get(run.id) === what) continue;
    asked.set(run.id, what);
    queue = queue.then(async () => {
      const found = at === null ? untested : await lookAt(run.id, at);
      heldOut.value = new Map([...heldOut.value, [run.id, found]]);
    });
  }
}

const untested: HeldOut = { start: null, now: null };

async function lookAt(run: string, at: number): Promise<HeldOut> {
  try {
    return await read(await reader(run), at);
  } catch {
    return untested; // it is gone, or damaged: opening it says so
  }
}

async function read(from: RunReader, at: number): Promise<HeldOut> {
  let start: number | null = null;
  for await (const { metrics } of from.steps(0, 0)) start = metrics[metric] ?? null;
  const later = at > 0 ? await from.metrics(at) : [];
  const tested = later.find(({ metrics }) => metrics[metric] !== undefined);
  return { start, now: tested ? { step: tested.step, accuracy: tested.metrics[metric] } : null };
}
