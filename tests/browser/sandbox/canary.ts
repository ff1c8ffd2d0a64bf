/**
 * @file What an escape would disturb: requests that are counted by a server (canary-server.mjs), and something of value in every place
 * where a page keeps data, with an ear on every channel.
 */

interface Count {
  origin: string;
  /** Requests by name, on both origins. */
  hits: Record<string, number>;
  connections: number;
  datagrams: number;
}

export async function count(): Promise<Count> {
  return (await fetch('/__canary/hits')).json();
}

/** Puts the addresses that are counted under `name` into a text. */
export async function addresses(): Promise<(text: string, name: string) => string> {
  const { origin } = await count();
  return (text, name) =>
    text
      .replaceAll('{{canary}}', `${origin}/${name}`)
      .replaceAll('{{own}}', `${location.origin}/__canary/hit/${name}`);
}

export interface Traps {
  /** What happened to the page's data since: empty if nothing did. */
  damage(): Promise<string[]>;
  remove(): Promise<void>;
}

const marker = 'worth keeping';

/** Fills every kind of storage and listens; what is there already is remembered, so that anything new is noticed too. */
export async function setTraps(): Promise<Traps> {
  await openDatabase((box) => box.put(marker, 'marker'));
  await (await caches.open('canary')).put('/canary', new Response(marker));
  const folder = await navigator.storage.getDirectory();
  const file = await (await folder.getFileHandle('canary.txt', { create: true })).createWritable();
  await file.write(marker);
  await file.close();
  localStorage.setItem('canary', marker);
  // biome-ignore lint/suspicious/noDocumentCookie: a cookie like those that a hostile program would go for
  document.cookie = `canary=${encodeURIComponent(marker)}`;

  const heard: string[] = [];
  const channel = new BroadcastChannel('canary');
  channel.onmessage = ({ data }) => heard.push(`broadcast: ${data}`);
  const listen = ({ data }: MessageEvent) => {
    if (/forged|hostile/.test(JSON.stringify(data) ?? '')) heard.push('a message to the window');
  };
  addEventListener('message', listen);
  let release = () => {};
  const lock = navigator.locks
    .request('canary', () => new Promise<void>((resolve) => (release = resolve)))
    .catch(() => heard.push('lock: stolen'));
  const before = await places();

  return {
    async damage() {
      const damage = [...heard];
      const after = await places();
      for (const place of before.filter((place) => !after.includes(place))) damage.push(`gone: ${place}`);
      for (const place of after.filter((place) => !before.includes(place))) damage.push(`new: ${place}`);
      return damage;
    },
    async remove() {
      removeEventListener('message', listen);
      channel.close();
      release();
      await lock;
      await new Promise((resolve) => {
        const request = indexedDB.deleteDatabase('canary');
        request.onsuccess = request.onerror = request.onblocked = resolve;
      });
      indexedDB.deleteDatabase('hostile');
      for (const name of ['canary', 'hostile']) await caches.delete(name);
      for (const name of ['canary.txt', 'hostile.txt']) await folder.removeEntry(name).catch(() => {});
      localStorage.removeItem('canary');
    },
  };
}

/** Everything that is stored, as text. Of other tests' data only the names. */
async function places(): Promise<string[]> {
  const found: string[] = [];
  for (const { name } of await indexedDB.databases()) found.push(`database ${name}`);
  for (const name of await caches.keys()) found.push(`cache ${name}`);
  for await (const name of (await navigator.storage.getDirectory()).keys()) found.push(`file ${name}`);
  for (const [kind, storage] of [
    ['localStorage', localStorage],
    ['sessionStorage', sessionStorage],
  ] as const) {
    for (const key of Object.keys(storage)) found.push(`${kind} ${key}`);
  }
  for (const cookie of document.cookie.split('; ')) found.push(`cookie ${cookie}`);
  if (found.includes('database canary')) {
    found.push(`in the database: ${await openDatabase((box) => box.get('marker'))}`);
  }
  const cached = await caches.match('/canary');
  found.push(`in the cache: ${await cached?.text()}`, `in localStorage: ${localStorage.getItem('canary')}`);
  if (found.includes('file canary.txt')) {
    const folder = await navigator.storage.getDirectory();
    const file = await (await folder.getFileHandle('canary.txt')).getFile();
    found.push(`in the file: ${await file.text()}`);
  }
  return found;
}

/** One request to the canary's database; nothing keeps it open afterwards, so that it can be deleted by whoever can. */
async function openDatabase(request: (box: IDBObjectStore) => IDBRequest): Promise<unknown> {
  const opening = indexedDB.open('canary');
  opening.onupgradeneeded = () => opening.result.createObjectStore('box');
  const database = (await settled(opening)) as IDBDatabase;
  try {
    return await settled(request(database.transaction('box', 'readwrite').objectStore('box')));
  } catch (error) {
    return String(error); // somebody emptied it
  } finally {
    database.close();
  }
}

const settled = (request: IDBRequest) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
