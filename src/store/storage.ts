/**
 * @file How much the browser lets us store, and whether it has promised to keep it. Without that promise a browser that runs out of
 * space may clear everything of a site at once, whole runs with it.
 */

import type { Usage } from './store';

export async function storageUsage(): Promise<Usage> {
  const storage = globalThis.navigator?.storage;
  const [estimate, persistent] = await Promise.all([
    storage?.estimate?.().catch(() => undefined),
    storage?.persisted?.().catch(() => false),
  ]);
  return { bytes: estimate?.usage ?? 0, quota: estimate?.quota ?? 0, persistent: persistent ?? false };
}

/**
 * Asks for that promise; true if it is given. Only a page can ask, a worker cannot, and some browsers ask the user: so it is for
 * the page to call, when the first run begins.
 */
export async function askToPersist(): Promise<boolean> {
  const storage = globalThis.navigator?.storage;
  if (!storage?.persist) return false;
  return storage.persist().catch(() => false);
}
