/** @file What the replay reads of a run: a step at a time while one looks, and all games once, page by page, when they are listed. */

import { effect } from '@preact/signals';
import type { Episode, StepRecord, Task } from '../../store/records';
import type { RunReader } from '../../store/store';
import { reader, runs } from '../state/library';
import type { Waiting } from '../state/waiting';
import { type GameIndex, indexOf, joined } from './game-index';

// ---- Steps -----------------------------------------------------------------------------------------------------------

const keptSteps = 8;
const steps = new Map<string, Promise<StepRecord | null>>();
// A run may be deleted, and another one imported under its id.
effect(() => {
  runs.value;
  steps.clear();
});

/** Null if the run has no such step. The last few stay at hand: playing goes to and fro. */
export function stepOf(run: string, step: number): Promise<StepRecord | null> {
  const key = `${run} ${step}`;
  let record = steps.get(key);
  if (!record) {
    record = readStep(run, step);
    steps.set(key, record);
    const forget = () => steps.delete(key);
    record.then((found) => found ?? forget(), forget);
    if (steps.size > keptSteps) steps.delete(steps.keys().next().value ?? key);
  }
  return record;
}

async function readStep(run: string, step: number): Promise<StepRecord | null> {
  for await (const record of (await reader(run)).steps(step, step)) return record;
  return null;
}

/** The game with this id, wherever it is; null if there is none. */
export async function findGame(run: string, game: number): Promise<Episode | null> {
  const [found] = await (await reader(run)).episodes({ before: game + 1, limit: 1 });
  return found?.id === game ? found : null;
}

/** Null if it is not there, as of a log that begins later. */
export async function findTask(run: string, task: number): Promise<Task | null> {
  try {
    return (await (await reader(run)).tasks([task]))[0] ?? null;
  } catch {
    return null;
  }
}

// ---- All games -------------------------------------------------------------------------------------------------------

/** Few enough that the page does not stutter while they are unpacked. */
const pageSize = 250;
/** Of the few that are new since one looked. */
const smallPage = 64;

/** Newest first, until there are no more or somebody has had enough. */
async function* pages(from: RunReader, signal?: AbortSignal, limit = pageSize): AsyncGenerator<Episode[]> {
  let before: number | undefined;
  for (;;) {
    signal?.throwIfAborted();
    const page = await from.episodes({ before, limit });
    if (page.length > 0) yield page;
    if (page.length < limit) return;
    before = page[page.length - 1].id;
  }
}

/** The index of a run's games, as far as it has been read. */
export interface Listing {
  run: string;
  index: GameIndex;
  /** Does it go back to the first game? */
  whole: boolean;
}

export async function readListing(run: string, { signal, tell }: Waiting): Promise<Listing> {
  const from = await reader(run);
  const all = (await from.snapshot()).nextEpisode - 1;
  const parts: GameIndex[] = [];
  let count = 0;
  let whole = true;
  try {
    for await (const page of pages(from, signal)) {
      parts.push(indexOf(page));
      count += page.length;
      tell(all > 0 ? Math.min(1, count / all) : null, `${count.toLocaleString('en-US')} games`);
    }
  } catch (error) {
    // Whoever has had enough keeps what is there.
    if (!signal.aborted) throw error;
    whole = false;
  }
  return { run, index: joined(parts.reverse()), whole };
}

/** With the games that were played since; null if some are gone, as of a run that was taken back to an earlier step. */
export async function extended(listing: Listing): Promise<Listing | null> {
  const { run, index } = listing;
  const last = index.length > 0 ? index.id[index.length - 1] : 0;
  if ((await (await reader(run)).snapshot()).nextEpisode <= last) return null;
  const newer: GameIndex[] = [];
  for await (const page of pages(await reader(run), undefined, smallPage)) {
    const fresh = page.filter(({ id }) => id > last);
    if (fresh.length > 0) newer.unshift(indexOf(fresh));
    if (fresh.length < page.length) break;
  }
  return newer.length === 0 ? listing : { ...listing, index: joined([index, ...newer]) };
}

// ---- Texts -----------------------------------------------------------------------------------------------------------

/** Does the game hold these words, in any case? */
export function holds(
  { prompt, completion }: Pick<Episode, 'prompt' | 'completion'>,
  lowerCase: string,
): boolean {
  return completion.toLowerCase().includes(lowerCase) || prompt.toLowerCase().includes(lowerCase);
}

/** The ids of all games that hold a text. The index does not know texts, so all games are read. */
export async function gamesWith(run: string, text: string, { signal, tell }: Waiting): Promise<Set<number>> {
  const from = await reader(run);
  const all = (await from.snapshot()).nextEpisode - 1;
  const words = text.toLowerCase();
  const found = new Set<number>();
  let count = 0;
  for await (const page of pages(from, signal)) {
    for (const episode of page) if (holds(episode, words)) found.add(episode.id);
    count += page.length;
    tell(all > 0 ? Math.min(1, count / all) : null, `${found.size.toLocaleString('en-US')} found`);
  }
  return found;
}
