/**
 * @file Which requests of the page are for files of the build, and under which keys their contents are kept. Plain functions, apart
 * from the service worker that uses them (offline.ts).
 */

import { isolationHeaders } from '../scripts/headers.mjs';

/** In the address of the page: without all this, and nothing of it stays. */
export const switchedOff = 'no-offline';

/**
 * When a file is wanted: 'page' before anything else works offline, 'run' for any run, and each of the engine's builds where the
 * browser uses it.
 */
export type Group = 'page' | 'run' | 'jspi' | 'asyncify' | 'wasm';

export interface BuiltFile {
  /** From the page's folder on; '' is the page itself. */
  path: string;
  /** Of its contents. */
  hash: string;
  bytes: number;
  group: Group;
}

/** Everything that was built together; scripts/offline.mjs writes it. */
export interface Build {
  /** The script that the page of this build begins with. */
  entry: string;
  files: readonly BuiltFile[];
}

/** What there is to do with a request. */
export type Purpose =
  | { kind: 'file'; file: BuiltFile }
  /** Of another build, perhaps of one whose page is open still: its name has a hash, and tells what is in it. */
  | { kind: 'other build' }
  /** Not ours: the browser does what it would do without us. */
  | { kind: 'none' };

type Asked = Pick<Request, 'method' | 'url' | 'mode'> & { headers: Pick<Headers, 'has'> };

export function purposeOf({ method, url, mode, headers }: Asked, folder: URL, build: Build): Purpose {
  const { origin, pathname, search } = new URL(url);
  const none: Purpose = { kind: 'none' };
  if (method !== 'GET' || headers.has('range')) return none;
  if (origin !== folder.origin || !pathname.startsWith(folder.pathname)) return none;
  const path = pathname.slice(folder.pathname.length);
  // What follows the question mark is for the page's own code; this one is for both.
  const isPage = mode === 'navigate' && (path === '' || path === 'index.html');
  if (isPage ? new URLSearchParams(search).has(switchedOff) : search !== '') return none;
  const file = build.files.find((each) => each.path === (isPage ? '' : path));
  if (file) return { kind: 'file', file };
  return path.startsWith('assets/') && !path.endsWith('.map') ? { kind: 'other build' } : none;
}

/** Of a folder: several copies of the page may lie under one origin, and they share its storage. */
export const cacheOf = (folder: URL) => `zeroloop ${folder.pathname}`;

/** The same file with other contents is kept beside it, until nobody needs it. */
export const keyOf = ({ path, hash }: BuiltFile, folder: URL) => new URL(`${path}?${hash}`, folder).href;

/** The same answer, with the headers that isolate the page, which not every host can send. */
export function isolated(response: Response, body: BodyInit | null = response.body): Response {
  const { status, statusText } = response;
  if (status < 200) return response; // a failure, or a redirect that the browser follows
  const headers = new Headers(response.headers);
  // They tell of the bytes on their way, which were packed perhaps; these are not.
  if (headers.has('Content-Encoding')) headers.delete('Content-Length');
  headers.delete('Content-Encoding');
  for (const [name, value] of Object.entries(isolationHeaders)) headers.set(name, value);
  return new Response(body, { status, statusText, headers });
}

/** Is it what was built? Networks in hotels answer anything with a page of theirs, and a host may have a newer build by now. */
export async function isTrue(file: BuiltFile, bytes: ArrayBuffer, { entry }: Build): Promise<boolean> {
  // Some hosts write into a page that they serve. It is of this build if it begins with the same script.
  if (file.path === '') return new TextDecoder().decode(bytes).includes(entry);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...digest]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .startsWith(file.hash);
}
