/** @file A node as people start it, in a process of its own, which can be killed and started again where it was. */

import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure, root } from '../../scripts/lib.mjs';

export interface NodeProcessOptions {
  folder: string;
  port: number;
  token: string;
  /** Whether it serves the page, too. */
  page?: boolean;
}

/** Of the base model, on the processor; it answers when this returns. */
export async function startNodeProcess({
  folder,
  port,
  token,
  page = false,
}: NodeProcessOptions): Promise<ChildProcess> {
  const args = ['scripts/node.mjs', '--model', 'builtin', '--backend', 'node', '--threads', '1'];
  const child = spawn(
    process.execPath,
    [...args, ...(page ? [] : ['--no-page']), '--port', String(port), '--data', folder],
    {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, ZEROLOOP_TOKEN: token },
    },
  );
  for (let waited = 0; waited < 60_000; waited += 100) {
    const alive = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => null);
    if (alive?.ok) return child;
    await sleep(100);
  }
  child.kill('SIGKILL');
  throw new Failure('The node did not start within a minute.');
}

export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
