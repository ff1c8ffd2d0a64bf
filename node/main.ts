/**
 * @file `npm run node`: a node from the command line. It prints where it is and the token that opens it; nothing of it is written to a
 * file or an address.
 */

import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Failure, say } from '../scripts/lib.mjs';
import type { Capabilities } from '../src/engine/engine';
import { namedModels } from './named-models';
import {
  type EngineNodeOptions,
  type NodeOptions,
  newToken,
  type RunningNode,
  serveNode,
  startEngineNode,
} from './node';
import { openThreadEngine } from './thread';
import type { ThreadBackend } from './thread-main';
import { serveUpstream } from './upstream';

const usage = `npm run node -- --model DIR|builtin [--port N] [--host H] [--backend auto|node|webgpu] [--threads N] [--data DIR]
            | --upstream URL [--allow-model NAME ...] [--port N] [--host H]
            [--origin ORIGIN ...] [--allow-host NAME ...] [--no-page]
The token comes from ZEROLOOP_TOKEN (at least 32 characters), or is made; the key of the upstream server from ZEROLOOP_UPSTREAM_KEY.`;

export interface Options {
  model: string | null;
  upstream: string | null;
  /** Of those of the server behind; null for all that it announces. */
  allowed: string[] | null;
  port: number;
  host: string;
  backend: ThreadBackend;
  data: string;
  origins: string[];
  hosts: string[];
  page: boolean;
}

const wrong = (message: string) => new Failure(`${message}\n\n${usage}`, 2);

export function readOptions(args: string[]): Options {
  const given = parse(args);
  if (given.help) throw new Failure(usage, 0);
  const { model = null, upstream = null, backend } = given;
  if ((model === null) === (upstream === null))
    throw wrong('Say what the node is for: --model DIR|builtin, or --upstream URL.');
  if (upstream === null && given['allow-model'])
    throw wrong('--allow-model is about the models of --upstream: without it, --model names the only one.');
  if (backend !== 'auto' && backend !== 'node' && backend !== 'webgpu')
    throw wrong(`--backend is auto, node or webgpu, not "${backend}".`);
  for (const origin of given.origin)
    if (!URL.canParse(origin) || new URL(origin).origin !== origin)
      throw wrong(`--origin wants an origin like https://example.org, not "${origin}".`);
  if (upstream !== null && !/^https?:\/\//.test(upstream))
    throw wrong(`--upstream wants an address like http://127.0.0.1:8000, not "${upstream}".`);
  return {
    model,
    upstream,
    allowed: given['allow-model'] ?? null,
    port: wholeNumber('port', given.port, 65535),
    host: given.host,
    backend: { backend, ...(given.threads && { threads: wholeNumber('threads', given.threads, 1024) }) },
    data: resolve(given.data ?? join(homedir(), '.zeroloop', 'node')),
    origins: given.origin,
    hosts: given['allow-host'].map((name) => name.toLowerCase()),
    page: !given['no-page'],
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        model: { type: 'string' },
        upstream: { type: 'string' },
        'allow-model': { type: 'string', multiple: true },
        port: { type: 'string', default: '7300' },
        host: { type: 'string', default: '127.0.0.1' },
        backend: { type: 'string', default: 'auto' },
        threads: { type: 'string' },
        data: { type: 'string' },
        origin: { type: 'string', multiple: true, default: [] },
        'allow-host': { type: 'string', multiple: true, default: [] },
        'no-page': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
}

function wholeNumber(name: string, text: string, most: number): number {
  const number = Number(text);
  if (/^\d{1,9}$/.test(text) && number <= most) return number;
  throw wrong(`--${name} wants a whole number up to ${most}, not "${text}".`);
}

function tokenFrom(given: string | undefined): string {
  if (given === undefined || given === '') return newToken();
  if (given.length >= 32 && /^[\x21-\x7e]+$/.test(given)) return given;
  throw new Failure(
    'ZEROLOOP_TOKEN must have at least 32 characters, without spaces: "openssl rand -hex 32" makes one.',
    2,
  );
}

/** Runs until it is told to stop. */
export async function main(options: Options, page: string | null): Promise<void> {
  const { host, port, hosts, origins } = options;
  const token = tokenFrom(process.env.ZEROLOOP_TOKEN);
  const common: NodeOptions = { host, port, token, hosts, origins, page, log: say };
  const node = await start(options, common);
  console.log(`The node is at ${node.url}`);
  if (!process.env.ZEROLOOP_TOKEN) console.log(`Its token is ${token}`);
  say('Press Ctrl-C to stop; what it has is kept.');
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      process.once(signal, () => process.exit(130));
      void node.close().finally(() => process.exit(0));
    });
  }
}

async function start(options: Options, common: NodeOptions): Promise<RunningNode> {
  if (options.upstream !== null) {
    const key = process.env.ZEROLOOP_UPSTREAM_KEY ?? null;
    const upstream = { url: options.upstream, key, models: options.allowed };
    return serveNode(common, serveUpstream(upstream));
  }
  const named = options.model === null ? {} : await namedModels(options.model);
  const engineNode: EngineNodeOptions = {
    ...common,
    folder: options.data,
    models: named,
    openEngine: () => openThreadEngine(options.backend),
  };
  const node = await startEngineNode(engineNode).catch(explain);
  say(`Its engine is ${describe(await node.host.capabilities())}.`);
  return node;
}

const describe = ({ device }: Capabilities): string => device;

function explain(error: unknown): never {
  const { code, name, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') throw new Failure('This port is taken: choose another one with --port N.');
  if (code === 'EACCES' || name === 'FolderInUseError') throw new Failure(message);
  throw error;
}
