/** @file How long the first step takes from nothing: worker, onnxruntime, weights, compilation; and the second one. */

import { WorkerEngine } from '../../src/engine/worker';
import { ADAM, batchOf, SEED, subject } from '../lib/subject';

export interface StartTimes {
  /** Milliseconds: opening the engine, making the model, the first training step, the second, the first completion. */
  open: number;
  model: number;
  first: number;
  second: number;
}

const small = subject(64, 2, 192, 4, 32);

export async function timeStart(backend: 'wasm' | 'webgpu'): Promise<StartTimes> {
  let last = performance.now();
  const lap = () => {
    const now = performance.now();
    const ms = now - last;
    last = now;
    return ms;
  };
  const engine = await WorkerEngine.open(backend);
  const open = lap();
  const model = await engine.createModel({ kind: 'random', config: small.config, seed: SEED });
  const made = lap();
  const step = async () => {
    await engine.forwardBackward(model, batchOf(small), { kind: 'cross-entropy', aggregation: 'token-mean' });
    await engine.optimStep(model, ADAM);
    return lap();
  };
  const first = await step();
  const second = await step();
  await engine.close();
  return { open, model: made, first, second };
}
