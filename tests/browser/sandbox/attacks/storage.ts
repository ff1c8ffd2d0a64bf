/** @file The page's own data: its checkpoints and settings are in these places, and a same-origin worker could read and delete them. */
import { banned, body, family, script } from './attack';

const root = 'navigator.storage.getDirectory()';
const tell = `((text) => new BroadcastChannel('canary').postMessage('stolen ' + text))`;

export const storage = family('storage', [
  script(
    'read a database',
    banned,
    `indexedDB.open('canary').onsuccess = ({ target: { result: db } }) => {
       try {
         db.transaction('box').objectStore('box').get('marker').onsuccess = (e) => ${tell}(e.target.result);
       } finally { db.close(); }
     }`,
  ),
  script('read a cache', banned, `caches.match('/canary').then((r) => r.text()).then(${tell})`),
  script(
    'read a file',
    banned,
    `${root}.then((d) => d.getFileHandle('canary.txt')).then((h) => h.getFile()).then((f) => f.text()).then(${tell})`,
  ),
  script('delete a database', banned, `indexedDB.deleteDatabase('canary')`),
  script(
    'delete every database',
    banned,
    `indexedDB.databases().then((all) => all.forEach(({ name }) => name.startsWith('canary') && indexedDB.deleteDatabase(name)))`,
  ),
  script('create a database', banned, `indexedDB.open('hostile')`),
  script('delete a cache', banned, `caches.delete('canary')`),
  script(
    'create a cache',
    banned,
    `caches.open('hostile').then((c) => c.put('/hostile', new Response('x')))`,
  ),
  script('delete a file', banned, `${root}.then((d) => d.removeEntry('canary.txt'))`),
  script('create a file', banned, `${root}.then((d) => d.getFileHandle('hostile.txt', { create: true }))`),
  script('a storage bucket', banned, `navigator.storageBuckets.open('hostile')`),
  script('localStorage', banned, `localStorage.setItem('canary', 'hostile')`),
  script('sessionStorage', banned, `sessionStorage.setItem('hostile', 'x')`),
  script('a cookie', banned, `document.cookie = 'canary=hostile'`),
  script('cookieStore', banned, `cookieStore.set('canary', 'hostile')`),
  script('a broadcast', banned, `new BroadcastChannel('canary').postMessage('forged')`),
  script(
    'a stolen lock',
    banned,
    `navigator.locks.request('canary', { steal: true }, () => new Promise(() => {}))`,
  ),
  body(
    'IDBFS',
    banned,
    `import pyodide_js\nFS = pyodide_js.FS\nFS.mkdir('/hostile')\nFS.mount(FS.filesystems.IDBFS, None, '/hostile')\nFS.syncfs(False, print)`,
  ),
  body(
    'a native file system',
    banned,
    `import js, pyodide_js\njs.navigator.storage.getDirectory().then(lambda d: pyodide_js.mountNativeFS('/hostile', d))`,
  ),
  script('the page that opened it', banned, `(self.parent ?? self.opener ?? self.top).localStorage.clear()`),
]);
