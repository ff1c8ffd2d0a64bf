/**
 * @file The Hub's HTTP routes, as much of them as it takes to fetch a model: which commit a revision is, which files that has, and a
 * file from any byte on. The token goes to the endpoint alone: file requests are redirected to other hosts, and fetch leaves
 * `Authorization` behind on the way to another origin (tests hold Node and browsers to it).
 */

import { isJsonObject } from '../fields';
import { type HubAddress, hostOf, pageOf, readEndpoint, refuseOpenToken } from './address';
import { HubAccessError, HubAnswerError, HubConnectionError, HubError, HubNotFoundError } from './errors';
import { type HubFile, readListing } from './files';

export interface HubOptions {
  /** For models that are gated or private. */
  token?: string;
  fetch?: typeof fetch;
  /** Milliseconds without an answer, or without a byte, after which a connection counts as lost. */
  patience?: number;
  /** Milliseconds before the first of `attempts` is repeated; each time twice as long. */
  pause?: number;
  attempts?: number;
}

/** Somebody waits for the answer, and may ask again. */
const questions = 3;

/** A model at one commit: whatever happens to its branches, this stays what it is. */
export interface Pinned extends HubAddress {
  commit: string;
}

export class HubClient {
  readonly endpoint: string;
  readonly attempts: number;
  private readonly token: string;
  private readonly fetch: typeof fetch;
  private readonly patience: number;
  private readonly pause: number;

  constructor(endpoint: string, options: HubOptions = {}) {
    this.endpoint = readEndpoint(endpoint);
    this.token = options.token?.trim() ?? '';
    if (this.token) refuseOpenToken(this.endpoint);
    // As a method of this object browsers would refuse it.
    this.fetch = options.fetch ?? ((...args) => globalThis.fetch(...args));
    this.patience = options.patience ?? 30_000;
    this.pause = options.pause ?? 500;
    this.attempts = options.attempts ?? 5;
  }

  async pin(address: HubAddress, signal?: AbortSignal): Promise<Pinned> {
    const at = `api/models/${address.id}/revision/${encodeURIComponent(address.revision)}`;
    const json = await this.json(address, `${this.endpoint}/${at}`, signal);
    const commit = isJsonObject(json.body) ? json.body.sha : undefined;
    if (typeof commit === 'string' && /^[0-9a-f]{40,64}$/.test(commit)) return { ...address, commit };
    throw new HubAnswerError(
      `${hostOf(this.endpoint)} does not say which commit ${address.revision} of ${address.id} is: check the endpoint.`,
    );
  }

  /** The files at the top of the repository, page by page. */
  async list(model: Pinned, signal?: AbortSignal): Promise<HubFile[]> {
    const files: HubFile[] = [];
    let url: string | null = `${this.endpoint}/api/models/${model.id}/tree/${model.commit}?recursive=false`;
    while (url) {
      const { body, next }: { body: unknown; next: string | null } = await this.json(model, url, signal);
      files.push(...readListing(body));
      url = next;
    }
    return files;
  }

  /** Part of a file, in memory. */
  async read(
    model: Pinned,
    file: HubFile,
    start: number,
    end: number,
    signal?: AbortSignal,
  ): Promise<Uint8Array> {
    return this.again(signal, async () => {
      const response = await this.open(model, file, { start, end }, signal);
      const bytes = new Uint8Array(end - start);
      let at = 0;
      for await (const piece of response) {
        bytes.set(piece.subarray(0, bytes.length - at), at);
        at += piece.length;
        if (at >= bytes.length) break;
      }
      if (at < bytes.length) throw lost(this.endpoint, `${file.name} ended too early`);
      return bytes;
    });
  }

  /** The bytes of a file from `start` on, as they come. Where the host sends all of it instead, what was not asked for is left out. */
  async open(
    model: Pinned,
    file: HubFile,
    { start, end = file.size }: { start: number; end?: number },
    signal?: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>> {
    const isPart = start > 0 || end < file.size;
    const path = `${model.id}/resolve/${model.commit}/${encodeURIComponent(file.name)}`;
    // A closed range is one that browsers send to any host without asking it first.
    const headers: Record<string, string> = isPart ? { Range: `bytes=${start}-${end - 1}` } : {};
    const call = this.call(model, file.name, signal);
    const response = await call.fetch(`${this.endpoint}/${path}`, headers);
    const other = response.headers.get('X-Repo-Commit');
    if (other !== null && other !== model.commit) {
      call.end();
      throw new HubAnswerError(
        `${hostOf(this.endpoint)} answered with another commit of ${model.id} (${other.slice(0, 8)}, not ${model.commit.slice(0, 8)}): look at the model again.`,
      );
    }
    const from = response.status === 206 ? (startOf(response) ?? start) : 0;
    if (from > start) {
      call.end();
      throw lost(this.endpoint, `it sent another part of ${file.name} than was asked for`);
    }
    return call.pieces(response, start - from);
  }

  /** Tries again when the connection is lost, or the host has too much to do. */
  async again<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (!isPassing(error) || attempt >= Math.min(questions, this.attempts)) throw error;
        await this.wait(attempt, signal);
      }
    }
  }

  async wait(attempt: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const go = () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      };
      const timer = setTimeout(go, this.pause * 2 ** (attempt - 1));
      signal?.addEventListener('abort', stop, { once: true });
    });
  }

  private json(address: HubAddress, url: string, signal?: AbortSignal) {
    return this.again(signal, async () => {
      const call = this.call(address, null, signal);
      const response = await call.fetch(url, { Accept: 'application/json' });
      const parts: Uint8Array<ArrayBuffer>[] = [];
      for await (const piece of call.pieces(response, 0)) parts.push(piece);
      const text = await new Blob(parts).text();
      try {
        return { body: JSON.parse(text) as unknown, next: nextPage(response, this.endpoint) };
      } catch {
        throw new HubAnswerError(
          `${hostOf(this.endpoint)} does not answer as a hub does (no JSON at ${new URL(url).pathname}): check the endpoint.`,
        );
      }
    });
  }

  /** One request, which ends when nothing comes for too long. */
  private call(address: HubAddress, file: string | null, signal: AbortSignal | undefined) {
    signal?.throwIfAborted();
    const abort = new AbortController();
    const stop = () => abort.abort(signal?.reason);
    signal?.addEventListener('abort', stop);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const breathe = () => {
      clearTimeout(timer);
      timer = setTimeout(() => abort.abort(lost(this.endpoint, 'nothing came any more')), this.patience);
    };
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      abort.abort();
    };
    const explain = (error: unknown) => {
      if (signal?.aborted) return signal.reason;
      return abort.signal.aborted ? abort.signal.reason : lost(this.endpoint, causeOf(error));
    };
    breathe();
    const { token, fetch } = this;
    return {
      end,
      fetch: async (url: string, headers: Record<string, string>): Promise<Response> => {
        try {
          const response = await fetch(url, {
            headers: token ? { ...headers, Authorization: `Bearer ${token}` } : headers,
            signal: abort.signal,
            credentials: 'omit',
            referrerPolicy: 'no-referrer',
            cache: 'no-store', // what is wanted is kept elsewhere, whole and checked
          });
          if (response.ok) return response;
          const body = await response.text().catch(() => '');
          throw refusal(response, body, address, file, token !== '');
        } catch (error) {
          const reason = error instanceof HubError ? error : explain(error);
          end();
          throw reason;
        }
      },
      async *pieces(response: Response, skipped: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
        const reader = response.body?.getReader();
        let left = skipped;
        try {
          while (reader) {
            const { done, value } = await reader.read();
            if (done) return;
            breathe();
            const piece = value.subarray(Math.min(left, value.length));
            left -= value.length - piece.length;
            if (piece.length > 0) yield piece;
          }
        } catch (error) {
          throw explain(error);
        } finally {
          end();
        }
      },
    };
  }
}

/** Why the Hub sends nothing, by the codes that it gives to its own library. */
function refusal(
  { status, headers }: Response,
  body: string,
  address: HubAddress,
  file: string | null,
  hasToken: boolean,
): HubError {
  const { endpoint, id, revision } = address;
  const host = hostOf(endpoint);
  const code = headers.get('X-Error-Code');
  const said = headers.get('X-Error-Message') ?? '';
  if (code === 'GatedRepo') {
    return new HubAccessError(
      hasToken
        ? `${id} is gated, and the account of this token may not read it: ask for access at ${pageOf(address)}, and take a token that may read gated repositories.`
        : `${id} is gated: ask for access at ${pageOf(address)}, then give a token of that account.`,
    );
  }
  if (code === 'RevisionNotFound') {
    return new HubNotFoundError(
      `${id} has no revision ${revision} (any more): look at it again, or give another revision.`,
    );
  }
  if (code === 'EntryNotFound') {
    return new HubNotFoundError(
      `${id} has no ${file ?? 'such file'} at ${revision} (any more): look at it again.`,
    );
  }
  if (status === 401 && /invalid (credentials|username)/i.test(said) && hasToken) {
    return new HubAccessError(
      `${host} does not accept this token: make a new one at ${endpoint}/settings/tokens.`,
    );
  }
  if (code === 'RepoNotFound' || status === 401 || (status === 404 && file === null)) {
    return new HubNotFoundError(
      hasToken
        ? `There is no model ${id} on ${host} that this token may read: check the name, and what the token is for.`
        : `There is no model ${id} on ${host}, or it is private: check the name, or give a token that may read it.`,
    );
  }
  if (status === 403) {
    return new HubAccessError(
      `${host} forbids to read ${id}${said && ` (${said})`}: check what the token is for.`,
    );
  }
  if (status === 404) return new HubNotFoundError(`${id} has no ${file} at ${revision}: look at it again.`);
  const busy = status === 429 || status >= 500;
  const what = `${host} answered with ${status}${said || body ? ` (${oneLine(said || body)})` : ''}`;
  return busy
    ? new BusyHubError(`${what}: try again later.`)
    : new HubAnswerError(`${what}: check the endpoint.`);
}

/** Too much asked, or something is broken there: worth another attempt. */
class BusyHubError extends HubAnswerError {}

export const isPassing = (error: unknown): boolean =>
  error instanceof HubConnectionError || error instanceof BusyHubError;

const lost = (endpoint: string, why: string) =>
  new HubConnectionError(
    `The connection to ${hostOf(endpoint)} failed (${why}): check the network and the endpoint, then try again; what was fetched is kept.`,
  );

/** Node says why only below what it says. */
const causeOf = (error: unknown): string => {
  const { message, cause } = error as Error;
  return cause instanceof Error && cause.message ? cause.message : message;
};

const oneLine = (text: string) =>
  text
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 120);

/** Where the part begins that a host sends. Some keep that from pages: then it is taken for what was asked, and the sum will tell. */
function startOf({ headers }: Response): number | null {
  const range = headers.get('Content-Range');
  const [, start] = /^bytes (\d+)-/.exec(range ?? '') ?? [];
  return start === undefined ? null : Number(start);
}

/** Pages are linked as on GitHub; one that leads elsewhere is not followed, since the token would come along. */
function nextPage({ headers, url }: Response, endpoint: string): string | null {
  const [, next] = /<([^>]+)>\s*;\s*rel="?next"?/.exec(headers.get('Link') ?? '') ?? [];
  if (next === undefined) return null;
  const target = new URL(next, url || endpoint);
  // A mirror may pass on the address of the hub behind it.
  const { origin } = new URL(endpoint);
  return target.origin === origin ? target.href : endpoint + target.pathname + target.search;
}
