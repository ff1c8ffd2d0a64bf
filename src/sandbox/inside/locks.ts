/**
 * @file Depth behind the walls. The iframe's missing origin and its policy already keep a program from network and storage; here
 * an interpreter's own realm gives up what it does not need, so that a program that got past Python's gate finds little.
 */

/** Writing would outlive the program in Pyodide's file system, which is not part of the memory that is put back. */
export function lockFiles(fs: {
  [operation: string]: unknown;
  ErrnoError: new (errno: number) => Error;
}): void {
  const readOnlyFileSystem = 69; // EROFS; thrown as Emscripten's own error it becomes Python's OSError
  const refuse = () => {
    throw new fs.ErrnoError(readOnlyFileSystem);
  };
  for (const operation of writing) fs[operation] = refuse;
  const open = fs.open as (path: unknown, flags: unknown, ...rest: unknown[]) => unknown;
  fs.open = (path: unknown, flags: unknown, ...rest: unknown[]) =>
    flags === undefined || flags === 'r' || isReading(flags) ? open(path, flags, ...rest) : refuse();
}

const writing = [
  'create mkdir mkdev mknod symlink link rename rmdir unlink truncate ftruncate chmod lchmod fchmod chown lchown fchown utime',
  'allocate mount unmount writeFile mkdirTree createPath createFile createDataFile createLazyFile createDevice',
  'createPreloadedFile',
]
  .join(' ')
  .split(' ');

const writeFlags = 0o1 | 0o2 | 0o100 | 0o1000; // O_WRONLY, O_RDWR, O_CREAT, O_TRUNC
const isReading = (flags: unknown) => typeof flags === 'number' && (flags & writeFlags) === 0;

/** What no interpreter needs once it has started. */
const unneeded = [
  'fetch XMLHttpRequest WebSocket WebSocketStream WebTransport EventSource Worker SharedWorker importScripts BroadcastChannel',
  'indexedDB caches CacheStorage navigator cookieStore localStorage sessionStorage postMessage close open Notification',
  'MessageChannel FileReader FileReaderSync FileSystemSyncAccessHandle OffscreenCanvas createImageBitmap ReportingObserver',
  'RTCPeerConnection RTCDataChannel requestAnimationFrame eval trustedTypes onmessage onmessageerror',
]
  .join(' ')
  .split(' ');

export function lockRealm(): void {
  for (let owner: object | null = globalThis; owner; owner = Object.getPrototypeOf(owner)) {
    for (const name of unneeded) Reflect.deleteProperty(owner, name);
  }
  // The ways that lead from any function to code made of text; the policy refuses that too.
  for (const sample of [() => 0, async () => 0, function* () {}, async function* () {}]) {
    Reflect.deleteProperty(Object.getPrototypeOf(sample), 'constructor');
  }
  for (const prototype of shared) Object.freeze(prototype);
}

/** What our own code and Pyodide's lean on, closed to change. */
const shared: object[] = [
  MessagePort.prototype,
  EventTarget.prototype,
  Event.prototype,
  MessageEvent.prototype,
  JSON,
  Atomics,
  Reflect,
  Math,
  ...[
    Array,
    Map,
    Set,
    WeakMap,
    Promise,
    String,
    Number,
    RegExp,
    TextDecoder,
    TextEncoder,
    DataView,
    ArrayBuffer,
  ].map((type) => type.prototype),
];
