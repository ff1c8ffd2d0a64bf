/**
 * @file `npm run node-kills -- [KILLS] [STEPS]`: a run on a real node, whose process is killed (SIGKILL) at random moments and started
 * again, behind a network that fails as well. It must end as the run on the engine itself, to the last bit.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { Failure, say } from '../../scripts/lib.mjs';
import { LocalEngine } from '../../src/engine/local';
import { openNodeDevice } from '../../src/engine/ort/node';
import { RemoteEngine } from '../../src/engine/remote/remote-engine';
import { Chance } from '../doubles/chance';
import { openFaultyNetwork } from '../doubles/faults';
import { freePort, startNodeProcess } from '../doubles/node-process';
import { smallRun } from '../doubles/small-run';

const token = 'node-kills'.repeat(7);

export async function main(kills = 20, steps = 30, seed = 1): Promise<void> {
  const local = new LocalEngine(await openNodeDevice(1));
  const undisturbed = await smallRun(local, steps);
  await local.close();

  const folder = await mkdtemp(join(tmpdir(), 'zeroloop-kills-'));
  const port = await freePort();
  let child = await startNodeProcess({ folder, port, token });
  const network = await openFaultyNetwork(`http://127.0.0.1:${port}/`, seed, 0.1);
  const chance = new Chance('kills', seed);
  let killed = 0;
  let restarting = Promise.resolve();
  const restart = async (after: number) => {
    await sleep(after);
    child.kill('SIGKILL');
    say(`killed for the ${++killed}. time`);
    child = await startNodeProcess({ folder, port, token });
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
