/**
 * @file Networks and disks as they are: a proxy that cuts, loses, doubles, delays and truncates what goes through it, in an order that
 * follows from a seed; a disk that fills up; and one that dies in the middle of a write, as a process does that is killed.
 */

import { request as ask, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Disk, nodeDisk } from '../../node/disk';
import { Chance } from './chance';

export type Fault = 'cut request' | 'lost answer' | 'cut answer' | 'sent twice' | 'slow' | 'bad gateway';
export const faults: Fault[] = [
  'cut request',
  'lost answer',
  'cut answer',
  'sent twice',
  'slow',
  'bad gateway',
];

export interface FaultyNetwork {
  url: string;
  /** What happened how often. */
  counts: Record<Fault | 'passed', number>;
  /** Sends what comes from now on elsewhere. */
  target: string;
  close(): Promise<void>;
}

/** `rate`: the share of requests to which something happens. */
export async function openFaultyNetwork(target: string, seed: number, rate = 0.35): Promise<FaultyNetwork> {
  const chance = new Chance('network', seed);
  const counts = Object.fromEntries(
    [...faults, 'passed'].map((fault) => [fault, 0]),
  ) as FaultyNetwork['counts'];
  const network = { target, counts };

  interface Message {
    status: number;
    headers: Record<string, string | string[] | undefined>;
    body: Buffer;
  }

  /** `share`: how much of the body is sent before the line is cut. */
  const forward = (method: string, path: string, headers: Record<string, string>, body: Buffer, share = 1) =>
    new Promise<Message>((resolve, reject) => {
      const { hostname, port } = new URL(network.target);
      const asked = ask({ hostname, port, method, path, headers, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        );
      });
      asked.on('error', reject);
      if (share === 1) asked.end(body);
      else {
        asked.write(body.subarray(0, Math.floor(body.length * share)));
        setTimeout(() => asked.destroy(new Error('cut')), 5);
      }
    });

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const { host: _, connection: __, 'transfer-encoding': ___, ...rest } = request.headers;
    const headers = { ...(rest as Record<string, string>), 'content-length': String(body.length) };
    const send = (share = 1) => forward(request.method ?? 'GET', request.url ?? '/', headers, body, share);
    const fault = chance.unit() < rate ? faults[chance.below(faults.length)] : null;
    counts[fault ?? 'passed']++;
    const answer = ({ status, headers, body }: Message, share = 1) => {
      response.writeHead(status, { ...headers, connection: 'close' });
      if (share === 1) response.end(body);
      else {
        response.write(body.subarray(0, Math.floor(body.length * share)));
        setTimeout(() => response.destroy(), 5);
      }
    };
    try {
      switch (fault) {
        case null:
          return answer(await send());
        case 'cut request':
          await send(0.5).catch(() => {});
          return response.destroy();
        case 'lost answer':
          await send();
          return response.destroy();
        case 'cut answer':
          return answer(await send(), 0.5);
        case 'sent twice': {
          const both = await Promise.all([send(), send()]);
          return answer(both[chance.below(2)]);
        }
        case 'slow':
          await sleep(50 + chance.below(200));
          return answer(await send());
        case 'bad gateway':
          response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad Gateway</h1>');
          return;
        default:
          return fault satisfies never;
      }
    } catch {
      response.destroy(); // the node is not there
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(network, {
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

const noSpace = () =>
  Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });

/** Says before each write whether there is room; while there is none, half of what is appended is on the disk all the same. */
export function fillingDisk(isFull: () => boolean): Disk {
  const check = () => {
    if (isFull()) throw noSpace();
  };
  return {
    ...nodeDisk,
    async append(path, length, bytes) {
      if (!isFull()) return nodeDisk.append(path, length, bytes);
      await nodeDisk.append(path, length, bytes.subarray(0, bytes.length / 2));
      throw noSpace();
    },
    replace: async (path, bytes) => {
      check();
      await nodeDisk.replace(path, bytes);
    },
    write: async (path, offset, bytes) => {
      check();
      await nodeDisk.write(path, offset, bytes);
    },
  };
}

/** Every change takes its time, and is told when it begins and when it is done. */
export function slowDisk(tell: (change: string) => void): Disk {
  const slow =
    <A extends unknown[], R>(name: string, job: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      tell(`${name} begins`);
      await sleep(20);
      const result = await job(...args);
      tell(`${name} is done`);
      return result;
    };
  const { replace, append, write, move, makeFolder } = nodeDisk;
  const changes = { replace, append, write, move, makeFolder };
  const slowed = Object.entries(changes).map(([name, job]) => [name, slow(name, job as typeof write)]);
  return { ...nodeDisk, ...Object.fromEntries(slowed) };
}

/** The disk of a process that can be killed: what it writes at that moment is half written, and after it nothing is. */
export function mortalDisk(): { disk: Disk; kill(): void } {
  let dead = false;
  let torn = false;
  const gone = () => new Error('killed');
  const mortal =
    <A extends unknown[], R>(job: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (dead) throw gone();
      return job(...args);
    };
  return {
    disk: {
      read: mortal(nodeDisk.read),
      replace: mortal(nodeDisk.replace),
      async append(path, length, bytes) {
        if (dead && !torn) {
          torn = true;
          await nodeDisk.append(path, length, bytes.subarray(0, bytes.length / 3));
        }
        if (dead) throw gone();
        await nodeDisk.append(path, length, bytes);
      },
      write: mortal(nodeDisk.write),
      move: mortal(nodeDisk.move),
      remove: mortal(nodeDisk.remove),
      list: mortal(nodeDisk.list),
      makeFolder: mortal(nodeDisk.makeFolder),
      size: mortal(nodeDisk.size),
    },
    kill: () => {
      dead = true;
    },
  };
}
