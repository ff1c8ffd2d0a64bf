/**
 * @file What a second node brings: completions, and steps of learning, publishing and sampling, on one node and on two, each with one
 * thread. On one machine both share its cores, so the best there can be is that two threads are used instead of one; what the second
 * costs is seen in the time that all threads together computed, which a busy machine does not change much.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngineNode } from '../../node/node';
import { openThreadEngine } from '../../node/thread';
import type { Engine } from '../../src/engine/engine';
import { openFleet } from '../../src/engine/remote/open-fleet';
import { RemoteEngine } from '../../src/engine/remote/remote-engine';
import { interleave } from '../lib/interleave';
import { type Job, timeSteps } from '../lib/jobs';
import type { Measurement, Row } from '../lib/report';
import { figure, median, ratioOf, spread } from '../lib/statistics';
import { ADAM, batchOf, SEED, type Subject, subject } from '../lib/subject';

const PROMPTS = 64;
const TOKENS = 64;

async function startNode() {
  const folder = await mkdtemp(join(tmpdir(), 'zeroloop-bench-'));
  const openEngine = () => openThreadEngine({ backend: 'node', threads: 1 });
  const node = await startEngineNode({ folder, openEngine });
  return {
    address: { url: node.url, token: node.token },
    close: async () => {
      await node.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** `learns`: before each request the weights change, and have to be everywhere. */
async function jobOf(engine: Engine, what: Subject, learns: boolean): Promise<Job & { computed: number[] }> {
  const model = await engine.createModel({ kind: 'random', config: what.config, seed: SEED });
  const batch = batchOf(what);
  const prompts = Array.from({ length: PROMPTS }, (_, i) =>
    Int32Array.of(1, 2 + (i % 8), 3 + (i >> 3), 4, 5, 6),
  );
  await engine.publish(model);
  let seed = 0;
  const step = async () => {
    if (learns) {
      await engine.forwardBackward(model, batch, { kind: 'cross-entropy', aggregation: 'token-mean' });
      await engine.optimStep(model, ADAM);
      await engine.publish(model);
    }
    for await (const _ of engine.sample({
      model,
      prompts,
      samples: 1,
      maxTokens: TOKENS,
      stop: [],
      seed: seed++,
    })) {
      // Only the time counts.
    }
    return 0;
  };
  const computed: number[] = [];
  const time = async (count: number) => {
    const before = process.cpuUsage();
    const timing = await timeSteps(count, step);
    const { user, system } = process.cpuUsage(before);
    computed.push((user + system) / 1000 / count);
    return timing;
  };
  return { time, computed, close: () => engine.dispose(model) };
}

export async function run(progress: (line: string) => void): Promise<Measurement> {
  const [first, second] = [await startNode(), await startNode()];
  const one = await RemoteEngine.open(first.address);
  const none = await openFleet({ nodes: [first.address] });
  const two = await openFleet({ nodes: [first.address, second.address] });
  const rows: Row[] = [];
  try {
    for (const what of [subject(64, 2, 192, 16, 128), subject(256, 4, 768, 16, 128)]) {
      for (const learns of [false, true]) {
        const job = learns ? 'learn, publish, sample' : 'sample';
        progress(`${what.name}: ${job}`);
        const contestants: Awaited<ReturnType<typeof jobOf>>[] = [];
        for (const engine of [one, none, two]) contestants.push(await jobOf(engine, what, learns));
        two.measures();
        const [alone, , both] = await interleave(contestants, {
          warmUp: 2,
          rounds: 5,
          turn: 1000,
          most: 4,
        });
        const [single, fleet, pair] = contestants.map(({ computed }) =>
          computed.slice(-alone.perStep.length),
        );
        rows.push({
          model: what.name,
          job,
          'one node, ms': figure(median(alone.perStep)),
          'two / one': spread(ratioOf(both.perStep, alone.perStep)),
          'one, ms computed': figure(median(single)),
          'fleet of one / one, computed': spread(ratioOf(fleet, single)),
          'two / one, computed': spread(ratioOf(pair, single)),
          'share of the second': figure(two.measures()['fleet/share/2'] ?? 0),
        });
        for (const contestant of contestants) await contestant.close();
      }
    }
  } finally {
    for (const engine of [one, none, two]) await engine.close();
    await first.close();
    await second.close();
  }
  return {
    name: 'fleet',
    title: `Two nodes against one on the same machine, one thread each: ${PROMPTS} completions of ${TOKENS} tokens`,
    rows,
    remarks: [],
  };
}
