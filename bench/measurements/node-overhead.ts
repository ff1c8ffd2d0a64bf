/**
 * @file What a node costs, on a model so small that the network's share is as large as it gets: training steps and completions through the remote engine over loopback, to a node whose engine is in a thread
 * and which writes everything down before it does it, against the same engine called directly.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngineNode } from '../../node/node';
import { openThreadEngine } from '../../node/thread';
import { RemoteEngine } from '../../src/engine/remote/remote-engine';
import { interleave } from '../lib/interleave';
import { type JobSpec, ourJob } from '../lib/jobs';
import type { Measurement, Row } from '../lib/report';
import { figure, median, ratioOf, spread } from '../lib/statistics';
import { subject } from '../lib/subject';

const BATCH = 64;
const LENGTH = 256;

export async function run(progress: (line: string) => void): Promise<Measurement> {
  const folder = await mkdtemp(join(tmpdir(), 'zeroloop-bench-'));
  const open = () => openThreadEngine({ backend: 'node', threads: 1 });
  const node = await startEngineNode({ folder, openEngine: open });
  const remote = await RemoteEngine.open(node);
  const direct = await open();
  const rows: Row[] = [];
  try {
    for (const what of [subject(64, 2, 192, BATCH, LENGTH)]) {
      const about = { who: 'ours', backend: 'node', subject: what } as const;
      const jobs: JobSpec[] = [
        { ...about, kind: 'train' },
        { ...about, kind: 'sample', rows: BATCH, tokens: 32 },
      ];
      for (const spec of jobs) {
        progress(`${what.name}: ${spec.kind}`);
        const before = { ...remote.transport.traffic };
        const contestants = [await ourJob(direct, spec), await ourJob(remote, spec)];
        const turns = { warmUp: 2, rounds: 5, turn: 1500, most: 10 };
        const [here, there] = await interleave(contestants, turns);
        const steps =
          turns.warmUp + 1 + turns.rounds * Math.max(1, Math.round(turns.turn / median(there.perStep)));
        const { sent, received } = remote.transport.traffic;
        const kilobytes = (bytes: number) => Math.round(bytes / steps / 1000);
        rows.push({
          model: what.name,
          job: spec.kind,
          'direct ms': figure(median(here.perStep)),
          'remote ms': figure(median(there.perStep)),
          'remote / direct': spread(ratioOf(there.perStep, here.perStep)),
          'about kB out, in': `${kilobytes(sent - before.sent)}, ${kilobytes(received - before.received)}`,
        });
        for (const job of contestants) await job.close();
      }
    }
  } finally {
    await remote.close();
    await node.close();
    await direct.close();
    await rm(folder, { recursive: true });
  }
  return {
    name: 'overhead',
    title: `A remote engine over loopback against the same engine called directly, batch ${BATCH} x ${LENGTH}`,
    rows,
    remarks: [],
  };
}
