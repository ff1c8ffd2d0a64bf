/**
 * @file Models on their way from the Hub, whichever view is open: each in a worker of its own, to be paused, and to go on after a reload or
 * a lost line. One that has arrived is among the models of this browser, like any other.
 */

import { signal } from '@preact/signals';
import { proxy, type Remote, wrap } from 'comlink';
import type { Downloader } from '../../../workers/download';
import type { Progress } from '../../model/hub/download';
import type { HubModel } from '../../model/hub/look';
import { ModelFolders } from '../../store/model-folders';
import { askToPersist } from '../../store/storage';
import { keepModel, keptModels } from '../state/models';
import { tellFailure, toast } from '../state/toasts';
import { checkWords, factsOf, inShort } from './facts';

export interface Download {
  folder: string;
  model: HubModel;
  /** Bytes that are here. */
  done: number;
  state: { kind: Progress['phase'] } | { kind: 'paused' } | { kind: 'failed'; why: string };
}

/** Those that are not done; null until they are read. */
export const downloads = signal<readonly Download[] | null>(null);

const folders = new ModelFolders();
const running = new Map<string, { stop(): void; ended: Promise<void> }>();

/** Those that an earlier visit left. To be called when it is known which models are kept. */
export async function readDownloads(): Promise<void> {
  if (downloads.value !== null) return;
  const found: Download[] = [];
  const kept = new Set(keptModels.value?.map(({ folder }) => folder));
  try {
    for (const { folder, note, bytes } of await folders.unfinished()) {
      if (kept.has(folder)) await folders.end(folder);
      else if (note === null) await folders.delete(folder);
      else found.push({ folder, model: note as HubModel, done: bytes, state: { kind: 'paused' } });
    }
  } catch {
    // A browser without such files says so when somebody wants to fetch a model.
  }
  downloads.value ??= found;
}

export function begin(model: HubModel, token: string): void {
  void askToPersist();
  const before = downloads.value?.find((each) => isSame(each.model, model));
  const download: Download = before ?? {
    folder: crypto.randomUUID().slice(0, 8),
    model,
    done: 0,
    state: { kind: 'paused' },
  };
  if (!before) downloads.value = [...(downloads.value ?? []), download];
  goOn(download, token);
}

export function goOn(download: Download, token: string): void {
  if (running.has(download.folder)) return;
  change(download.folder, { state: { kind: 'checking' } });
  run(download, token);
}

/** What is here stays here. */
export function pause({ folder }: Download): void {
  running.get(folder)?.stop();
}

/** Nothing of it stays. */
export async function drop(download: Download): Promise<void> {
  const work = running.get(download.folder);
  work?.stop();
  forget(download.folder);
  await work?.ended;
  await folders.delete(download.folder).catch(tellFailure);
}

function run(download: Download, token: string): void {
  const worker = new Worker(new URL('../../../workers/download.ts', import.meta.url), {
    type: 'module',
    name: 'download',
  });
  const remote = wrap<Downloader>(worker);
  const ended = fetchWith(worker, remote, download, token).finally(() => {
    worker.terminate();
    running.delete(download.folder);
  });
  running.set(download.folder, { stop: () => void remote.stop(), ended });
}

async function fetchWith(
  worker: Worker,
  remote: Remote<Downloader>,
  { folder, model }: Download,
  token: string,
): Promise<void> {
  const died = new Promise<never>((_, reject) =>
    worker.addEventListener('error', ({ message }) =>
      reject(new Error(`The download stopped (${message || 'out of memory?'}): go on with it.`)),
    ),
  );
  const tell = ({ done, phase }: Progress) => change(folder, { done, state: { kind: phase } });
  const check = () => checkTokenizer(folder, model);
  try {
    const fetched = remote.fetch({ folder, model, token }, proxy(tell), proxy(check));
    if (await Promise.race([fetched, died])) await keep(folder, model);
    else change(folder, { state: { kind: 'paused' } });
  } catch (error) {
    change(folder, { state: { kind: 'failed', why: (error as Error).message } });
  }
}

/** What can be wrong with the small files is known before the large ones come. */
async function checkTokenizer(folder: string, { config }: HubModel): Promise<void> {
  await checkWords((await folders.files(folder)) ?? {}, config.vocabSize);
}

async function keep(folder: string, { id, commit, endpoint }: HubModel): Promise<void> {
  if (!downloads.value?.some((each) => each.folder === folder)) return; // given up at the last moment
  const facts = await factsOf((await folders.files(folder)) ?? {});
  const name = id.slice(id.indexOf('/') + 1);
  const about = { ...facts, from: { endpoint, id, commit } };
  const kept = await keepModel({ name, files: {}, about, folder });
  await folders.end(folder);
  forget(folder);
  toast(`${kept.name} is here: ${inShort(facts)}.`);
  for (const warning of facts.warnings) toast(warning);
}

function change(folder: string, news: Partial<Download>): void {
  downloads.value = (downloads.value ?? []).map((each) =>
    each.folder === folder ? { ...each, ...news } : each,
  );
}

function forget(folder: string): void {
  downloads.value = (downloads.value ?? []).filter((each) => each.folder !== folder);
}

const isSame = (a: HubModel, b: HubModel) =>
  a.endpoint === b.endpoint && a.id === b.id && a.commit === b.commit;
