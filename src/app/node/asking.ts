/**
 * @file Asks a node what it is, once and without patience: whoever connects wants to know at once what is wrong. Browsers do not tell why
 * a request to elsewhere failed, so that sentence names everything that may be the reason.
 */

import type { Capabilities } from '../../engine/engine';
import { isNearby, type NodeAddress } from './address';

export interface NodeAbout {
  /** Models that can be asked for by name. */
  models: string[];
  engine: Capabilities;
  /** Bytes of a request, and of a file of a model. */
  limits: { body: number; file: number };
  /** Models that it holds, and operations that wait for each. */
  queue: { queued: number }[];
}

export class NodeConnectionError extends Error {
  override name = 'NodeConnectionError';
}

/** Whoever has another token need not ask again with this one. */
export class WrongTokenError extends NodeConnectionError {
  override name = 'WrongTokenError';
}

/** Milliseconds that an answer may take: of the server alone, and of the engine behind it, which may be busy. */
const patience = { server: 10_000, engine: 60_000 };

/** Milliseconds to the node and back. Needs no token. */
export async function roundTrip(url: string, signal?: AbortSignal): Promise<number> {
  const began = performance.now();
  const { status, json } = await get(url, 'healthz', { time: patience.server, signal });
  if (status !== 200 || json?.status !== 'ok') throw strange(url, status);
  return performance.now() - began;
}

export async function aboutNode({ url, token }: NodeAddress, signal?: AbortSignal): Promise<NodeAbout> {
  const options = { token, time: patience.engine, signal };
  const { status, json } = await get(url, 'api/v1/get_server_capabilities', options);
  if (status === 401)
    throw new WrongTokenError(`This is not the token of ${url}: the node printed it when it started.`);
  if (status === 429) throw new NodeConnectionError(`${url} was asked too often: wait a minute.`);
  if (status !== 200) throw new NodeConnectionError(sentenceIn(json) ?? strange(url, status).message);
  const about = json && readAbout(json);
  if (!about)
    throw new NodeConnectionError(
      `${url} is a Tinker server, but no node of Zeroloop: this page plays on nodes only, and a run on that server is begun from the command line.`,
    );
  return about;
}

/** The page itself comes from a node: then that is the one to connect to. */
export async function servedByNode(page: string): Promise<string | null> {
  const url = new URL('.', page).href.replace(/\/$/, '');
  if (!/^https?:/.test(url)) return null;
  return roundTrip(url).then(
    () => url,
    () => null,
  );
}

interface Asked {
  status: number;
  json: Record<string, unknown> | null;
}

async function get(
  url: string,
  path: string,
  { token, time, signal }: { token?: string; time: number; signal?: AbortSignal },
): Promise<Asked> {
  const limit = AbortSignal.timeout(time);
  try {
    const response = await fetch(`${url}/${path}`, {
      headers: token === undefined ? {} : { 'X-API-Key': token },
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
    });
    return { status: response.status, json: await response.json().catch(() => null) };
  } catch {
    signal?.throwIfAborted();
    if (limit.aborted)
      throw new NodeConnectionError(`${url} did not answer within ${time / 1000} s: see that it runs.`);
    throw new NodeConnectionError(await whyNot(url));
  }
}

async function whyNot(url: string): Promise<string> {
  const { origin, hostname } = new URL(url);
  if (origin === location.origin) return `${url} does not answer: see that the node runs.`;
  if (isNearby(hostname) && (await isForbidden()))
    return `This browser was told not to let the page call devices of the local network: allow it in the settings of this site, and connect again.`;
  return `${url} does not answer this page: see that the address is right, that the node runs, and that it was started with --origin ${location.origin}.`;
}

/** Some browsers ask people before a page may call what is near them. */
async function isForbidden(): Promise<boolean> {
  for (const name of ['local-network-access', 'local-network', 'loopback-network']) {
    try {
      const { state } = await navigator.permissions.query({ name: name as PermissionName });
      if (state === 'denied') return true;
    } catch {
      // A name that this browser does not know.
    }
  }
  return false;
}

const strange = (url: string, status: number) =>
  new NodeConnectionError(
    `What answers at ${url} is no node of Zeroloop (status ${status}): see that the address is right.`,
  );

/** A node refuses in a sentence. */
const sentenceIn = (json: Asked['json']): string | null =>
  typeof json?.error === 'string' ? json.error.slice(0, 500) : null;

/** Null if it is not of this kind. What comes from elsewhere is looked at before it is shown. */
function readAbout(json: Record<string, unknown>): NodeAbout | null {
  const { zeroloop, supported_models: models } = json as {
    zeroloop?: Partial<Omit<NodeAbout, 'models'>>;
    supported_models?: { model_name?: unknown }[];
  };
  const { engine, limits, queue } = zeroloop ?? {};
  const sound =
    typeof engine?.device === 'string' &&
    typeof engine.backend === 'string' &&
    [engine.maxContext, engine.memory, engine.concurrency, limits?.body, limits?.file].every(
      Number.isFinite,
    ) &&
    Array.isArray(engine.training) &&
    Array.isArray(engine.families) &&
    Array.isArray(queue) &&
    Array.isArray(models);
  if (!sound || !engine || !limits || !queue || !models) return null;
  return { engine, limits, queue, models: models.map(({ model_name: name }) => String(name)) };
}
