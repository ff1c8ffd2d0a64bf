/**
 * @file Memory images of freshly started interpreters, kept between visits, so that the next visit starts in a fraction of the
 * time. They are made before any program runs, and live in the page's own Cache Storage, where no program can reach.
 */

import { type Seed, seeds } from './protocol';

type Image = Uint8Array<ArrayBuffer>;

const storeName = 'zeroloop-python';

/** Images that were made by exactly this `version`; older ones are removed. */
export async function loadImages(version: string): Promise<Partial<Record<Seed, Image>>> {
  const store = await openStore();
  if (!store) return {};
  const images: Partial<Record<Seed, Image>> = {};
  for (const seed of seeds) {
    const response = await store.match(address(version, seed));
    if (response) images[seed] = new Uint8Array(await response.arrayBuffer());
  }
  if (Object.keys(images).length > 0) return images;
  await caches.delete(storeName);
  return {};
}

/** A full disk or private mode only means that the next start is not faster. */
export async function saveImage(version: string, seed: Seed, image: Image): Promise<void> {
  const store = await openStore();
  await store?.put(address(version, seed), new Response(image)).catch(() => undefined);
}

/** Cache Storage exists on secure origins only. */
const openStore = () => globalThis.caches?.open(storeName).catch(() => undefined);

const address = (version: string, seed: Seed) => `/python-image/${version}/${seed}`;
