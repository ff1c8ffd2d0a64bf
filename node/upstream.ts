/**
 * @file A node in front of another Tinker server: SkyRL, OpenRL, TuFT or a hosted one. Those have no tokens, no limits and no idea of web
 * pages; so the node guards the door, keeps sessions alive that a page in the background is too slow for, cuts long polls before proxies
 * do, and says in one sentence when the server behind it does not answer. What is asked and answered is passed on as it is.
 */

import { Refusal } from './refusal';
import { jsonAnswer } from './results';
import type { Api, Reply, Request } from './server';

export interface Upstream {
  url: string;
  /** What the server behind wants as X-API-Key; the client never sees it. */
  key: string | null;
}

export interface UpstreamOptions {
  /** Milliseconds that a long poll may take. */
  poll?: number;
  /** For how long sessions are kept alive whose client is not heard of, and how often. */
  lease?: number;
  heartbeat?: number;
}

/** Tinker's routes, and those of a node of ours; everything else stays on this side. */
const passed =
  /^(healthz|get_server_capabilities|client\/config|create_session|session_heartbeat|create_model|forward|forward_backward|optim_step|save_weights|load_weights|save_weights_for_sampler|create_sampling_session|asample|retrieve_future|unload_model|get_info|weights_info|training_runs(\/[\w-]+)*|zeroloop\/(missing_files|cancel|files\/[0-9a-f]{64}))$/;

const types = ['application/json', 'application/x-protobuf', 'application/octet-stream'];

export function serveUpstream(
  { url, key }: Upstream,
  { poll = 40_000, lease = 600_000, heartbeat = 10_000 }: UpstreamOptions = {},
): Api {
  const sessions = new Map<string, number>();
  const base = url.replace(/\/+$/, '').replace(/\/api\/v1$/, '');

  async function ask(
    path: string,
    query: string,
    request: Pick<Request, 'method' | 'type'>,
    body: Uint8Array | null,
    accept: string,
  ) {
    const limit = AbortSignal.timeout(path === 'retrieve_future' ? poll : 120_000);
    const headers = {
      Accept: accept,
      ...(body && { 'Content-Type': request.type }),
      ...(key !== null && { 'X-API-Key': key }),
    };
    try {
      const response = await fetch(`${base}/api/v1/${path}${query}`, {
        method: request.method,
        headers,
        body: body as Uint8Array<ArrayBuffer> | null,
        signal: limit,
        redirect: 'manual',
      });
      return {
        status: response.status,
        headers: response.headers,
        bytes: new Uint8Array(await response.arrayBuffer()),
      };
    } catch (error) {
      if (limit.aborted && path === 'retrieve_future') return null;
      throw unanswered(error);
    }
  }

  const beating = setInterval(() => {
    for (const [session, seen] of sessions) {
      if (seen < Date.now() - lease) sessions.delete(session);
      else {
        const body = Buffer.from(JSON.stringify({ session_id: session }));
        ask('session_heartbeat', '', { method: 'POST', type: types[0] }, body, types[0]).catch(() => {});
      }
    }
  }, heartbeat);
  beating.unref();

  return async (request) => {
    const path = request.path.replace(/^\/api\/v1\//, '');
    if (!passed.test(path)) throw new Refusal(404, `There is no ${request.path.slice(0, 80)} here.`);
    const body = request.method === 'GET' || request.method === 'DELETE' ? null : await request.body();
    if (body && !types.includes(request.type))
      throw new Refusal(415, `${request.path} reads ${types.join(' and ')}.`);
    const answer = await ask(path, queryOf(request), request, body, request.headers.accept ?? types[0]);
    if (!answer) return jsonAnswer({ type: 'try_again', queue_state: 'active' }, 408);
    if (path === 'create_session' || path === 'session_heartbeat')
      note(sessions, path === 'create_session' ? answer.bytes : body);
    return reply(answer);
  };
}

function queryOf({ query }: Request): string {
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

function note(sessions: Map<string, number>, json: Uint8Array | null): void {
  try {
    const { session_id: id } = JSON.parse(new TextDecoder().decode(json ?? new Uint8Array()));
    if (typeof id === 'string' && sessions.size < 1000) sessions.set(id, Date.now());
  } catch {
    // Whatever that was, the server behind has answered it.
  }
}

function reply({ status, headers, bytes }: { status: number; headers: Headers; bytes: Uint8Array }): Reply {
  const kept = ['content-type', 'content-disposition', 'retry-after'].flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  return {
    status,
    headers: { ...Object.fromEntries(kept), 'content-length': String(bytes.length) },
    body: bytes,
  };
}

function unanswered(error: unknown): Refusal {
  const cause =
    error instanceof Error ? ((error.cause as NodeJS.ErrnoException | undefined)?.code ?? error.message) : '';
  return new Refusal(
    502,
    `The server behind this node does not answer (${cause}): see that it runs.`,
    {},
    'UpstreamError',
  );
}
