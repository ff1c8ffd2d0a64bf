/** @file A job in this process: our engine on onnxruntime-node, with as many threads as the page has. */

import { LocalEngine } from '../../src/engine/local';
import { openNodeDevice } from '../../src/engine/ort/node';
import type { Contestant } from './interleave';
import { type JobSpec, ourJob } from './jobs';

/** Several jobs on one engine, closed together at the end. */
export async function withNodeEngine<T>(
  use: (contestant: (spec: JobSpec) => Promise<Contestant>) => Promise<T>,
): Promise<T> {
  const engine = new LocalEngine(await openNodeDevice());
  try {
    return await use((spec) => ourJob(engine, spec));
  } finally {
    await engine.close();
  }
}
