/**
 * @file A node in front of another Tinker server: SkyRL, OpenRL, TuFT or a hosted one. Those have no tokens, no limits and no idea of web
 * pages; so the node guards the door, keeps sessions alive that a page in the background is too slow for, cuts long polls before proxies
 * do, and says in one sentence when the server behind it does not answer. What is asked and answered is passed on as it is.
 */

import { InvalidRequestError } from '../src/engine/errors';
import { Body } from '../src/engine/remote/wire/body';
import { decodeTrainingRequest, trainingRequestFromJson } from '../src/engine/remote/wire/training';
import { boundBatch, boundSampling } from './bounds';
import { defaultLimits, type Limits } from './limits';
import { Refusal } from './refusal';
import { jsonAnswer } from './results';
import type { Api, Reply, Request } from './server';

export interface Upstream {
  url: string;
  /** What the server behind wants as X-API-Key; the client never sees it. */
  key: string | null;
  /** Those that may be trained or asked; null for whatever that server announces. */
  models?: readonly string[] | null;
}

export interface UpstreamOptions {
  limits?: Partial<Limits>;
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
  { url, key, models = null }: Upstream,
  { limits = {}, poll = 40_000, lease = 600_000, heartbeat = 10_000 }: UpstreamOptions = {},
): Api {
  const sessions = new Map<string, number>();
  const base = url.replace(/\/+$/, '').replace(/\/api\/v1$/, '');

  async function ask(
    path: string,
    query: string,
    request: Pick<Request, 'method' | 'type'> & Partial<Pick<Request, 'gone'>>,
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
        signal: request.gone ? AbortSignal.any([limit, request.gone]) : limit,
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

  /** Null where the server does not say. */
  async function announced(): Promise<readonly string[] | null> {
    const asked = { method: 'GET', type: types[0] };
    const answer = await ask('get_server_capabilities', '', asked, null, types[0]);
    if (answer?.status !== 200) return null;
    const body = Body.parse(answer.bytes, 'what the server has');
    if (!body.has('supported_models')) return null;
    return body.objects('supported_models').map((model) => model.text('model_name'));
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
    if (body)
      await check(
        path,
        request.type,
        body,
        { ...defaultLimits, ...limits },
        async () => models ?? announced(),
      );
    const answer = await ask(path, queryOf(request), request, body, request.headers.accept ?? types[0]);
    if (!answer) return jsonAnswer({ type: 'try_again', queue_state: 'active' }, 408);
    if (path === 'create_session' || path === 'session_heartbeat')
      note(sessions, path === 'create_session' ? answer.bytes : body);
    return reply(answer);
  };
}

/** What is refused here costs the server behind nothing, and need not be known to it. */
async function check(
  path: string,
  type: string,
  bytes: Uint8Array,
  limits: Limits,
  models: () => Promise<readonly string[] | null>,
): Promise<void> {
  switch (path) {
    case 'forward':
    case 'forward_backward':
      if (type === types[1]) return boundBatch(decodeTrainingRequest(bytes), limits);
      return boundBatch(trainingRequestFromJson(Body.parse(bytes), path === 'forward'), limits);
    case 'asample': {
      const body = Body.parse(bytes);
      const prompts = body.has('zeroloop') ? body.object('zeroloop').list('prompts') : [body.raw('prompt')];
      const samples = body.whole('num_samples', 1, 1);
      const maxTokens = body.object('sampling_params').whole('max_tokens', undefined, 1);
      boundSampling({ prompts, samples, maxTokens }, limits);
      return body.has('base_model') ? allow(body.text('base_model'), await models()) : undefined;
    }
    case 'create_model':
    case 'create_sampling_session': {
      const body = Body.parse(bytes);
      // A node of ours behind this one is sent the model's own files.
      if (body.has('zeroloop') || !body.has('base_model')) return;
      return allow(body.text('base_model'), await models());
    }
  }
}

function allow(model: string, models: readonly string[] | null): void {
  if (models === null || models.includes(model)) return;
  const names = models.join(', ') || 'none';
  throw new InvalidRequestError(`There is no model "${model.slice(0, 80)}" here: there is ${names}.`);
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
