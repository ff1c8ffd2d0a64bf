/**
 * @file The node's HTTP: who may ask, how much and how slowly; then a route of the API, or a file of the page. Every failure becomes one
 * sentence, and nothing that a client does stops the server.
 */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { filesOf } from '../scripts/server.mjs';
import { InvalidRequestError } from '../src/engine/errors';
import { Guard, type GuardOptions } from './guard';
import type { Limits } from './limits';
import { asRefusal, failureOf, Refusal } from './refusal';
import { type Answer, jsonAnswer } from './results';

export interface Request {
  method: string;
  /** Without the query. */
  path: string;
  query: URLSearchParams;
  type: string;
  readsProtobuf: boolean;
  headers: IncomingMessage['headers'];
  /** Aborted when the client has gone. */
  gone: AbortSignal;
  body(): Promise<Uint8Array>;
}

export type Api = (request: Request) => Promise<Answer | Reply>;

/** What is not made here but passed on, or not JSON. */
export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array | AsyncIterable<Uint8Array>;
}

export interface ServerOptions extends GuardOptions {
  api: Api;
  /** The built page; null serves none. */
  page: string | null;
  host: string;
  port: number;
  limits: Limits;
  log(line: string): void;
}

export interface RunningServer {
  url: string;
  /** Returns when no request is being worked on any more. */
  close(): Promise<void>;
}

const apiPath = '/api/';
const health = ['/healthz', '/api/v1/healthz'];

export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { limits, page, host, port } = options;
  const guard = new Guard(options);
  const files = page === null ? null : filesOf(page);
  const underWay = new Set<Promise<void>>();
  const server = createServer(
    {
      headersTimeout: limits.headTime,
      requestTimeout: limits.requestTime,
      keepAliveTimeout: 65_000,
      connectionsCheckingInterval: Math.min(1000, limits.headTime / 2),
      maxHeaderSize: 16 * 1024,
    },
    (request, response) => {
      const handled = handle(request, response).catch((error) => {
        options.log(String(error?.stack ?? error));
        response.destroy();
      });
      underWay.add(handled);
      void handled.then(() => underWay.delete(handled));
    },
  );
  server.maxConnections = limits.connections;
  server.on('clientError', (_, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    else socket.destroy();
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('X-Content-Type-Options', 'nosniff');
    try {
      const url = addressOf(request);
      guard.checkHost(request);
      if (!url.pathname.startsWith(apiPath) && !health.includes(url.pathname)) {
        if (!files) throw new Refusal(404, 'There is nothing here: the API is under /api/v1/.');
        return await files(request, response);
      }
      response.setHeader('Cache-Control', 'no-store');
      response.setHeader('Vary', 'Origin');
      const origin = guard.checkOrigin(request);
      if (origin !== null) allow(response, origin);
      if (request.method === 'OPTIONS') {
        response.writeHead(204).end();
        return;
      }
      if (health.includes(url.pathname)) return await send(response, jsonAnswer({ status: 'ok' }));
      guard.checkToken(request);
      guard.checkRate();
      await send(response, await options.api(requestOf(request, response, url, limits)));
    } catch (error) {
      await refuse(request, response, asRefusal(error));
    }
  }

  async function refuse(request: IncomingMessage, response: ServerResponse, error: unknown): Promise<void> {
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    const failure = failureOf(error);
    const status = error instanceof Refusal ? error.status : error instanceof InvalidRequestError ? 400 : 500;
    if (status === 500) options.log(error instanceof Error ? (error.stack ?? error.message) : String(error));
    if (error instanceof Refusal)
      for (const [name, value] of Object.entries(error.headers)) response.setHeader(name, value);
    await forgetBody(request);
    // What is still to come of the body is not read, so the connection cannot serve another request.
    if (!request.complete) response.setHeader('Connection', 'close');
    await send(response, jsonAnswer({ ...failure, detail: failure.error }, status));
    if (!request.complete) request.destroy();
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}/`,
    async close() {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
      await Promise.all(underWay);
    },
  };
}

/** Two slashes would begin a host's name, and a whole address is for proxies. */
function addressOf({ url = '' }: IncomingMessage): URL {
  const address = `http://node${url}`;
  if (!url.startsWith('/') || url.startsWith('//') || !URL.canParse(address))
    throw new Refusal(400, 'A request asks for a path, which begins with one slash.');
  return new URL(address);
}

function allow(response: ServerResponse, origin: string): void {
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Access-Control-Allow-Methods', 'GET, POST, DELETE');
  response.setHeader('Access-Control-Allow-Headers', 'content-type, x-api-key, authorization, accept');
  response.setHeader('Access-Control-Max-Age', '600');
  response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
}

function requestOf(request: IncomingMessage, response: ServerResponse, url: URL, limits: Limits): Request {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  return {
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    type: (request.headers['content-type'] ?? '').split(';')[0].trim().toLowerCase(),
    readsProtobuf: /application\/x-protobuf/.test(request.headers.accept ?? ''),
    headers: request.headers,
    gone: gone.signal,
    body: () => readBody(request, limits.body),
  };
}

async function readBody(request: IncomingMessage, most: number): Promise<Uint8Array> {
  if (request.headers['content-encoding'] !== undefined)
    throw new Refusal(415, 'Compressed bodies are not read here: send it plain.');
  const tooLarge = () => new Refusal(413, `A request may have ${most} bytes here: send less at once.`);
  if (Number(request.headers['content-length'] ?? 0) > most) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of request) {
      length += chunk.length;
      if (length > most) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(400, 'The request ended before its body did: send it again.', {}, 'CutOffError');
  }
  return Buffer.concat(chunks);
}

async function send(response: ServerResponse, answer: Answer | Reply): Promise<void> {
  if (response.destroyed) return;
  const headers =
    'type' in answer
      ? { 'Content-Type': answer.type, 'Content-Length': String(answer.body.length) }
      : answer.headers;
  response.writeHead(answer.status, headers);
  if (answer.body instanceof Uint8Array) {
    response.end(answer.body);
    return;
  }
  for await (const chunk of answer.body) {
    if (response.destroyed) return;
    if (!response.write(chunk))
      await new Promise<void>((resolve) => {
        response.once('drain', resolve);
        response.once('close', resolve);
      });
  }
  response.end();
}

/** A small body is let in and forgotten: where a connection ends while something is being sent on it, the answer may be lost. */
async function forgetBody(request: IncomingMessage): Promise<void> {
  const length = Number(request.headers['content-length'] ?? Number.POSITIVE_INFINITY);
  if (request.complete || request.destroyed || length > 65_536) return;
  request.resume();
  await Promise.race([once(request, 'end'), sleep(200)]).catch(() => {});
}
