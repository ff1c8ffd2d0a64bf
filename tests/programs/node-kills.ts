/**
 * @file `npm run node-kills -- [KILLS] [STEPS]`: a run on a real node, whose process is killed (SIGKILL) at random moments and started
 * again, behind a network that fails as well. It must end as the run on the engine itself, to the last bit.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { Failure, root, say } from '../../scripts/lib.mjs';
import { LocalEngine } from '../../src/engine/local';
import { openNodeDevice } from '../../src/engine/ort/node';
import { RemoteEngine } from '../../src/engine/remote/remote-engine';
import { Chance } from '../doubles/chance';
import { openFaultyNetwork } from '../doubles/faults';
import { smallRun } from '../doubles/small-run';

const token = 'node-kills'.repeat(7);

export async function main(kills = 20, steps = 30, seed = 1): Promise<void> {
  const local = new LocalEngine(await openNodeDevice(1));
  const undisturbed = await smallRun(local, steps);
  await local.close();

  const folder = await mkdtemp(join(tmpdir(), 'zeroloop-kills-'));
  const port = await freePort();
  let child = await start(folder, port);
  const network = await openFaultyNetwork(`http://127.0.0.1:${port}/`, seed, 0.1);
  const chance = new Chance('kills', seed);
  let killed = 0;
  let restarting = Promise.resolve();
  const restart = async (after: number) => {
    await sleep(after);
    child.kill('SIGKILL');
    say(`killed for the ${++killed}. time`);
    child = await start(folder, port);
  };
  /** So many of the steps, each at a moment of its own: while it samples, learns, writes, or is not even there again. */
  const chosen = new Set(chance.shuffled(Array.from({ length: steps }, (_, step) => step)).slice(0, kills));
  const disturb = async (step: number) => {
    if (!chosen.has(step)) return;
    await restarting;
    restarting = restart(chance.below(150));
  };
  try {
    const client = await RemoteEngine.open({ url: network.url, token, patience: 120_000 });
    const disturbed = await smallRun(client, steps, disturb);
    await restarting;
    const same = isDeepStrictEqual(disturbed, undisturbed);
    say(`${killed} kills in ${steps} steps; the network: ${JSON.stringify(network.counts)}`);
    if (!same) throw new Failure('The run did not end as the undisturbed one.');
    say('The run ended as the undisturbed one, to the last bit.');
    await client.close();
  } finally {
    await restarting.catch(() => {});
    await network.close();
    child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
}

async function start(folder: string, port: number): Promise<ChildProcess> {
  const args = ['scripts/node.mjs', '--model', 'builtin', '--no-page', '--backend', 'node', '--threads', '1'];
  const child = spawn(process.execPath, [...args, '--port', String(port), '--data', folder], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ZEROLOOP_TOKEN: token },
  });
  for (let waited = 0; waited < 60_000; waited += 100) {
    const alive = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => null);
    if (alive?.ok) return child;
    await sleep(100);
  }
  throw new Failure('The node did not start within a minute.');
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
