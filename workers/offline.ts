/**
 * @file The service worker: keeps the files of the page, so that it works without a network, and sends them with the headers that
 * isolate the page, which some hosts cannot. Files are kept by their contents, so that a new build fetches only what has changed.
 */

import { type Build, type BuiltFile, cacheOf, isolated, isTrue, keyOf, purposeOf } from './offline-files';
import type { KeepAnswer, KeepOrder, WantedFile } from './offline-orders';

/** Put here by scripts/offline.mjs. */
declare const theBuild: Build;
const build = theBuild;

interface Lasting extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Fetching extends Lasting {
  request: Request;
  respondWith(response: Promise<Response>): void;
}
/** As much of it as is used here; TypeScript knows either pages or workers. */
declare const self: {
  addEventListener(type: 'install' | 'activate', listen: (event: Lasting) => void): void;
  addEventListener(type: 'fetch', listen: (event: Fetching) => void): void;
  addEventListener(type: 'message', listen: (event: Lasting & MessageEvent<KeepOrder>) => void): void;
  skipWaiting(): Promise<void>;
  clients: {
    claim(): Promise<void>;
    matchAll(options: { type: 'window'; includeUncontrolled: true }): Promise<readonly { url: string }[]>;
  };
};

const folder = new URL('./', location.href);

self.addEventListener('install', (event) => {
  // Nothing waits: a page of the build before finds its files where they were, and the next load takes this one.
  event.waitUntil(keepPage().then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener('fetch', (event) => {
  const purpose = purposeOf(event.request, folder, build);
  switch (purpose.kind) {
    case 'file':
      return event.respondWith(answer(purpose.file, event));
    case 'other build':
      return event.respondWith(answerOther(event.request));
    case 'none':
      return;
    default:
      purpose satisfies never;
  }
});

self.addEventListener('message', (event) => {
  const { data: order, ports } = event;
  const reply = (value: KeepAnswer[KeepOrder['kind']]) => ports[0].postMessage(value);
  switch (order.kind) {
    case 'missing':
      return event.waitUntil(missing(order.groups, order.entry).then(reply));
    case 'keep':
      return event.waitUntil(fetchAndKeep(order.path).then(reply));
    default:
      order satisfies never;
  }
});

async function keepPage(): Promise<void> {
  const wanted = build.files.filter(({ group }) => group === 'page');
  const kept = await keptKeys();
  const fetched = wanted.map(async (file) => kept.has(keyOf(file, folder)) || (await fetchBuilt(file)));
  if (!(await Promise.all(fetched)).every(Boolean))
    throw new Error('The host has files of another build: to be tried again when the page is loaded next.');
}

async function answer(file: BuiltFile, event: Fetching): Promise<Response> {
  const kept = await find(keyOf(file, folder));
  if (kept) return kept;
  const response = await fetch(event.request);
  if (response.ok) event.waitUntil(keep(file, response.clone()));
  return isolated(response);
}

async function answerOther(request: Request): Promise<Response> {
  return (await find(request.url, { ignoreSearch: true })) ?? isolated(await fetch(request));
}

/** True if it is what was built; whether there was room to keep it is another matter. */
async function fetchBuilt(file: BuiltFile): Promise<boolean> {
  // A file whose name has a hash never changes; of others the browser may have an old one.
  const hashed = file.path.startsWith('assets/');
  const response = await fetch(new URL(file.path, folder), { cache: hashed ? 'default' : 'no-cache' });
  return response.ok && keep(file, response);
}

async function keep(file: BuiltFile, response: Response): Promise<boolean> {
  const bytes = await response.arrayBuffer();
  if (!(await isTrue(file, bytes, build))) return false;
  try {
    await (await caches.open(cacheOf(folder))).put(keyOf(file, folder), isolated(response, bytes));
  } catch {
    // The storage is full, or switched off: the page works with the network alone, as it does elsewhere.
  }
  return true;
}

async function fetchAndKeep(path: string): Promise<boolean> {
  const file = build.files.find((each) => each.path === path);
  if (!file) return false;
  const fetched = await fetchBuilt(file).catch(() => false);
  return fetched && (await keptKeys()).has(keyOf(file, folder));
}

async function missing(groups: readonly string[], entry: string): Promise<WantedFile[]> {
  const kept = await keptKeys();
  await forgetOthers(kept, entry);
  const wanted = build.files.filter(({ group }) => group === 'page' || groups.includes(group));
  return wanted.map((file) => ({
    path: file.path,
    bytes: file.bytes,
    kept: kept.has(keyOf(file, folder)),
  }));
}

/** What other builds had, once no page of theirs is open. */
async function forgetOthers(kept: ReadonlySet<string>, entry: string): Promise<void> {
  const ours = new Set(build.files.map((file) => keyOf(file, folder)));
  const others = [...kept].filter((key) => !ours.has(key));
  if (others.length === 0 || entry !== build.entry) return;
  const open = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (open.filter(({ url }) => url.startsWith(folder.href)).length > 1) return;
  const cache = await caches.open(cacheOf(folder));
  for (const key of others) await cache.delete(key);
}

/** A storage that cannot be read has nothing in it. */
async function find(key: string, options: CacheQueryOptions = {}): Promise<Response | undefined> {
  try {
    return await caches.match(key, { ...options, cacheName: cacheOf(folder) });
  } catch {
    return undefined;
  }
}

async function keptKeys(): Promise<Set<string>> {
  try {
    const requests = await (await caches.open(cacheOf(folder))).keys();
    return new Set(requests.map(({ url }) => url));
  } catch {
    return new Set();
  }
}
