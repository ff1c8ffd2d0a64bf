/**
 * @file Plays a run in the page, as a click there does, and copies every step to the run's files as soon as it is stored. The page's
 * own store goes with the browser.
 */

import { createReadStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright';
import { parse } from '../store/json';
import type { LogStep } from '../store/log';
import { fetchFile, handFile, handFolder, handModel } from './handing';
import { fromPage, withPage } from './page';
import type { RunFiles } from './run-files';
import type { Trainer, TrainOrder } from './trainer';

/** Milliseconds between two looks at the run. */
const interval = 200;

export const trainInPage: Trainer = (order, run, listen, signal) =>
  withPage(
    async (page) => {
      const { id } = await run.info();
      try {
        listen({ kind: 'phase', phase: 'starting the page' });
        await open(page, id, order, run);
        if (signal.aborted) return;
        await play(page, id, run, listen, signal);
      } catch (error) {
        throw fromPage(error);
      }
    },
    { outlivesInterrupt: true },
  );

async function open(page: Page, id: string, order: TrainOrder, run: RunFiles): Promise<void> {
  const { config, start, heldOut } = order;
  const backend = order.backend as Exclude<TrainOrder['backend'], 'node' | 'remote'>;
  if (!start) {
    const [{ step }] = await run.checkpoints();
    const { at, bytes, files } = await run.checkpoint(step);
    await handFile(page, 'log', 'log', createReadStream(run.paths.log));
    await handFolder(page, 'checkpoint', files);
    await page.evaluate((checkpoint) => window.zeroloop.training.import(checkpoint), { step, at, bytes });
  }
  const { name } = await run.info();
  const create = start && {
    name,
    config,
    seeds: start.seeds,
    rewards: start.rewards,
    model: await handModel(page, start.model.source),
    modelName: start.model.name,
  };
  await page.evaluate((order) => window.zeroloop.training.open(order), { run: id, backend, create, heldOut });
}

async function play(
  page: Page,
  id: string,
  run: RunFiles,
  listen: Parameters<Trainer>[2],
  signal: AbortSignal,
): Promise<void> {
  const stop = () => void page.evaluate((id) => window.zeroloop.training.stop(id), id).catch(() => undefined);
  signal.addEventListener('abort', stop, { once: true });
  let ended = false;
  const playing = page
    .evaluate((id) => window.zeroloop.training.play(id), id)
    .finally(() => {
      ended = true;
    });
  playing.catch(() => undefined); // thrown below, once everything that came before it is in the files
  for (let last = false; !last; ) {
    last = ended;
    for (const event of await page.evaluate((id) => window.zeroloop.training.events(id), id)) listen(event);
    await copy(page, id, run);
    if (!last) await Promise.race([playing.catch(() => undefined), sleep(interval)]);
  }
  signal.removeEventListener('abort', stop);
  await playing;
}

/** What is new there. Steps before weights, as RunFiles has it. */
async function copy(page: Page, id: string, run: RunFiles): Promise<void> {
  const checkpoint = await copySteps(page, id, run);
  if (checkpoint === null || checkpoint === run.checkpointStep) return;
  const taken = await page.evaluate((id) => window.zeroloop.training.checkpoint(id), id);
  if (taken === null) return;
  await copySteps(page, id, run); // it may be of a step that came since
  const files: Record<string, Uint8Array> = {};
  for (const file of taken.files) {
    const next = ([id, file]: string[]) => window.zeroloop.training.checkpointFile(id, file);
    files[file] = await fetchFile(() => page.evaluate(next, [id, file]));
  }
  await run.keep({ ...taken, files });
}

/** Returns the last step there that has a checkpoint. */
async function copySteps(page: Page, id: string, run: RunFiles): Promise<number | null> {
  const ask = () =>
    page.evaluate(([id, after]) => window.zeroloop.training.news(id, after), [id, run.step] as const);
  let news = await ask();
  const { backend, device, status } = news.info;
  await run.update({ backend, device, status });
  for (; news.steps.length > 0; news = await ask()) {
    for (const step of news.steps) await run.add(parse(step) as LogStep);
  }
  return news.checkpoint;
}
