/** @file A node put together: host, API or upstream, and the server in front of them. */

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { serveApi } from './api';
import { type Disk, nodeDisk } from './disk';
import { Host, type HostOptions } from './host';
import { defaultLimits, type Limits } from './limits';
import { lockFolder } from './lock';
import { defaultThrift, type Thrift } from './model-folder';
import { plain } from './plain';
import { type Api, startServer } from './server';

export interface NodeOptions {
  host?: string;
  port?: number;
  token?: string;
  hosts?: readonly string[];
  origins?: readonly string[];
  /** The folder of the built page. */
  page?: string | null;
  limits?: Partial<Limits>;
  log?(line: string): void;
}

export interface EngineNodeOptions extends NodeOptions {
  folder: string;
  openEngine: HostOptions['openEngine'];
  models?: HostOptions['models'];
  disk?: Disk;
  thrift?: Thrift;
  /** False: nothing but what Tinker has, see plain.ts. */
  extensions?: boolean;
}

export interface RunningNode {
  url: string;
  token: string;
  close(): Promise<void>;
}

/** 256 bits. */
export const newToken = (): string => randomBytes(32).toString('hex');

/** A node that computes itself. */
export async function startEngineNode(options: EngineNodeOptions): Promise<RunningNode & { host: Host }> {
  const {
    folder,
    openEngine,
    models = {},
    disk = nodeDisk,
    thrift = defaultThrift,
    extensions = true,
  } = options;
  const log = options.log ?? (() => {});
  const limits = { ...defaultLimits, ...options.limits };
  await disk.makeFolder(folder);
  const unlock = await lockFolder(join(folder, 'lock'));
  const host = await Host.open({ disk, folder, limits, thrift, models, openEngine, log });
  const server = await serveNode(options, extensions ? serveApi(host) : plain(serveApi(host)));
  const close = async () => {
    await server.close();
    await host.close();
    await unlock();
  };
  return { ...server, host, close };
}

export async function serveNode(options: NodeOptions, api: Api): Promise<RunningNode> {
  const { host = '127.0.0.1', port = 0, token = newToken(), hosts = [], origins = [], page = null } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const log = options.log ?? (() => {});
  const server = await startServer({ api, host, port, token, hosts, origins, page, limits, log });
  return { ...server, token };
}
