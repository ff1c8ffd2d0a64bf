/**
 * @file The page's side of working offline: it starts the service worker once nothing more urgent is under way, has it keep what a run
 * on this device needs, and loads the page again where that is what gives it threads. A worker that cannot be had is no error: the
 * page then works as long as its host can be reached.
 */

import { computed, effect, signal } from '@preact/signals';
import { cacheOf, type Group, switchedOff } from '../../workers/offline-files';
import type { KeepAnswer, KeepOrder } from '../../workers/offline-orders';
import { bestBackend, webgpuBuild } from '../engine/ort/platform';
import { driven } from './automation';
import { isPlaying, live, opening } from './state/live';
import { toast } from './state/toasts';
import { waits } from './state/waiting';

export type Keeping =
  | { kind: 'unknown' }
  /** Not here; in a sentence. */
  | { kind: 'off'; why: string }
  /** Bytes that are still to be fetched. */
  | { kind: 'keeping'; left: number }
  /** It did not come to an end: the network is gone, or the storage is full. */
  | { kind: 'partly'; left: number }
  | { kind: 'kept'; bytes: number };

export const keeping = signal<Keeping>({ kind: 'unknown' });
/** A newer build is here, and would be taken by a reload. */
export const newBuild = signal(false);

export function keepingInWords(now: Keeping): string {
  switch (now.kind) {
    case 'unknown':
      return 'Not yet: what the page needs is fetched when nothing else is to be done.';
    case 'off':
      return now.why;
    case 'keeping':
      return `Soon: ${megabytes(now.left)} are still to be fetched.`;
    case 'partly':
      return `Not wholly: ${megabytes(now.left)} could not be fetched and kept. Load the page again to go on.`;
    case 'kept':
      return `Yes: all that this page needs for a run is kept here (${megabytes(now.bytes)}).`;
    default:
      return now satisfies never;
  }
}

const megabytes = (bytes: number) => `${Math.max(1, Math.round(bytes / 1e6))} MB`;

/** Set while the page is loaded again for the sake of isolation; if that did not help, nothing else would. */
const tried = 'zeroloop-isolating';

const folder = new URL('./', document.baseURI);

export async function keepOffline(): Promise<void> {
  if (import.meta.env.DEV) return off('No: this page is being worked on, and keeps nothing.');
  if (!('serviceWorker' in navigator))
    return off('No: this browser offers no service worker here (in a private window, or without https).');
  try {
    if (new URLSearchParams(location.search).has(switchedOff)) return await forgetAll();
    watchForNewBuilds(); // at once: the browser looks for one while the page loads
    await settled();
    if (driven.value) return; // a program has begun its work: nothing gets in its way
    await navigator.serviceWorker.register(new URL('offline.js', folder), { updateViaCache: 'none' });
    const { active } = await navigator.serviceWorker.ready;
    if (crossOriginIsolated) sessionStorage.removeItem(tried);
    else if (reloadForIsolation()) return;
    if (active) await keepRest(active);
  } catch (error) {
    off(`No: this browser keeps no pages of this site (${(error as Error).message}).`);
  }
}

function off(why: string): void {
  keeping.value = { kind: 'off', why };
}

async function forgetAll(): Promise<void> {
  off(`No: it is switched off by ?${switchedOff} in the address.`);
  const registration = await navigator.serviceWorker.getRegistration(folder);
  await registration?.unregister();
  await caches.delete(cacheOf(folder));
  // A worker stays with the pages that it has, and would go on keeping.
  if (navigator.serviceWorker.controller) location.reload();
}

// ---- Isolation -----------------------------------------------------------------------------------------------------------

/** True if the page is being left. Once: where it does not help, the page goes on with one thread. */
function reloadForIsolation(): boolean {
  if (window.parent !== window || sessionStorage.getItem(tried) !== null) return false;
  // Nobody should lose what has been begun here.
  if (busy.value || live.value || navigator.userActivation?.hasBeenActive) {
    void quiet().then(() => offerReload('Loaded once more, this page computes with all processor cores.'));
    return false;
  }
  sessionStorage.setItem(tried, 'yes');
  location.reload();
  return true;
}

// ---- A new build ---------------------------------------------------------------------------------------------------------

function watchForNewBuilds(): void {
  const { serviceWorker } = navigator;
  if (!serviceWorker.controller) return; // the first worker of all brings nothing new
  serviceWorker.addEventListener('controllerchange', () => {
    newBuild.value = true;
    void quiet().then(() => offerReload('A new version of Zeroloop is here.'));
  });
}

function offerReload(text: string): void {
  toast(text, { action: { label: 'Reload', run: () => location.reload() } });
}

// ---- Everything that a run needs -------------------------------------------------------------------------------------------

async function keepRest(worker: ServiceWorker): Promise<void> {
  if (savesData()) return off('Only with what has been used here before: this browser is set to save data.');
  const backend = await bestBackend();
  // WebAssembly is for every browser: it is what is left where the GPU fails.
  const groups: Group[] = ['run', 'wasm', ...(backend === 'webgpu' ? ([webgpuBuild()] as const) : [])];
  const files = await ask(worker, { kind: 'missing', groups, entry: entryScript() });
  const bytes = sizeOf(files);
  const missing = files.filter(({ kept }) => !kept);
  for (let at = 0; at < missing.length; at++) {
    const left = sizeOf(missing.slice(at));
    keeping.value = { kind: 'keeping', left };
    await quiet();
    if (newBuild.value) return; // this worker's time is over
    if (!(await ask(worker, { kind: 'keep', path: missing[at].path }))) {
      keeping.value = { kind: 'partly', left };
      return;
    }
  }
  keeping.value = { kind: 'kept', bytes };
}

/** Not every browser tells. */
const savesData = () => (navigator as { connection?: { saveData?: boolean } }).connection?.saveData === true;

const sizeOf = (files: readonly { bytes: number }[]) => files.reduce((sum, { bytes }) => sum + bytes, 0);

/** By its name the worker knows which build this page is of. */
function entryScript(): string {
  const { src } = document.querySelector<HTMLScriptElement>('script[type="module"][src]') ?? { src: '' };
  return src.slice(folder.href.length);
}

function ask<Kind extends KeepOrder['kind']>(
  worker: ServiceWorker,
  order: Extract<KeepOrder, { kind: Kind }>,
): Promise<KeepAnswer[Kind]> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = ({ data }: MessageEvent<KeepAnswer[Kind]>) => {
      port1.close();
      resolve(data);
    };
    worker.postMessage(order, [port2]);
  });
}

// ---- When nothing else is to be done ---------------------------------------------------------------------------------------

const busy = computed(
  () => driven.value || isPlaying.value || opening.value !== null || waits.value.length > 0,
);

function quiet(): Promise<void> {
  return new Promise((resolve) => {
    const stop = effect(() => {
      if (busy.value) return;
      resolve();
      queueMicrotask(() => stop());
    });
  });
}

/** The page has loaded, and has had time for its own affairs; one that wants to be isolated should not be used for long before. */
async function settled(): Promise<void> {
  if (document.readyState !== 'complete')
    await new Promise((loaded) => addEventListener('load', loaded, { once: true }));
  if (!crossOriginIsolated) return;
  await new Promise((later) => setTimeout(later, 1000));
  // Safari has no such callback.
  if ('requestIdleCallback' in window)
    await new Promise((idle) => requestIdleCallback(idle, { timeout: 5000 }));
}
