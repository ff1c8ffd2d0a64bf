/** @file Our node in the test's own process, with the real engine in it, and a client of it that can look inside. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../../node/host';
import { type EngineNodeOptions, type RunningNode, startEngineNode } from '../../node/node';
import { LocalEngine } from '../../src/engine/local';
import { openNodeDevice } from '../../src/engine/ort/node';
import { RemoteEngine, type RemoteOptions } from '../../src/engine/remote/remote-engine';
import type { OpenEngine } from '../contract/golden';

export interface TestNode extends RunningNode {
  host: Host;
  /** Of the last opened. */
  engine: LocalEngine;
  folder: string;
}

/** Its folder goes with it, unless it was given one. */
export async function openNode(options: Partial<EngineNodeOptions> = {}): Promise<TestNode> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'zeroloop-node-')));
  const engine = new LocalEngine(await openNodeDevice());
  const node = await startEngineNode({
    folder,
    openEngine: async () => engine,
    log: console.warn,
    limits: { models: 64 },
    ...options,
  });
  const close = async () => {
    await node.close();
    if (options.folder === undefined) await rm(folder, { recursive: true });
  };
  return { ...node, engine, folder, close };
}

export const openClient = (node: RunningNode, more: Partial<RemoteOptions> = {}): Promise<RemoteEngine> =>
  RemoteEngine.open({ url: node.url, token: node.token, patience: 20_000, ...more });

/** The client as every engine, with a look at the numbers behind it. */
export function inspected(
  client: RemoteEngine,
  { host, engine }: TestNode,
  close: () => Promise<void>,
): OpenEngine {
  const inside = {
    inspect: (id, part) => engine.inspect(host.model(id).engineModel ?? '', part),
    plan: (...args) => engine.plan(...args),
    close,
  } satisfies Partial<OpenEngine> as Pick<OpenEngine, 'inspect' | 'plan' | 'close'>;
  return new Proxy(client, {
    get(target, key) {
      const own = Object.hasOwn(inside, key) ? inside[key as keyof typeof inside] : Reflect.get(target, key);
      return typeof own === 'function' ? own.bind(target) : own;
    },
  }) as unknown as OpenEngine;
}

export async function openRemote(
  options: Partial<EngineNodeOptions> = {},
  more: Partial<RemoteOptions> = {},
): Promise<OpenEngine> {
  const node = await openNode(options);
  const client = await openClient(node, more);
  return inspected(client, node, async () => {
    await client.close();
    await node.close();
  });
}
