/**
 * @file Another realm that writes to a run, step after step, until it is killed. It says 'open' and each step that it has stored, or
 * the name of what it failed with.
 */
import { openStore } from '../../../src/store/indexed';
import { makeCheckpoint, makeStep } from './records';

export type ToWorker = { name: string; run: string };
export type FromWorker = { open: true } | { step: number } | { failed: string };

/** Large enough for a step to take a while, with a checkpoint every third time. */
export const killSizes = { episodes: 300, tasks: 10, tokens: 50, prompt: 400 };
export const killCheckpoint = (step: number) => (step % 3 === 2 ? makeCheckpoint(step, 200_000) : undefined);

const say = (message: FromWorker) => postMessage(message);

async function work({ name, run }: ToWorker): Promise<void> {
  const store = await openStore(name);
  const writer = await store.openRun(run);
  say({ open: true });
  let before = await writer.snapshot();
  for (;;) {
    const empty = before.nextEpisode === 1;
    const { record, snapshot } = makeStep(before, empty ? before.step : before.step + 1, killSizes);
    await writer.append(record, snapshot, killCheckpoint(record.step));
    before = snapshot;
    say({ step: record.step });
  }
}

// Only as a worker: tests import the sizes from here.
if (typeof document === 'undefined') {
  addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
    work(data).catch((error: Error) => say({ failed: error.name }));
  });
}
