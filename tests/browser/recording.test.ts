/**
 * Replayed recordings against plain runs: the same training, to the last bit. And what a replay saves the processor.
 */
import { expect, it } from 'vitest';
import { LocalEngine } from '../../src/engine/local';
import type { GpuDevice } from '../../src/engine/ort/gpu-device';
import { openGpu } from '../../src/engine/ort/web';
import { tinyConfig } from '../contract/behaviour';
import { sequenceDatum } from '../contract/golden';

const STEPS = 8;

async function train(records: boolean, watch?: (device: GpuDevice) => void) {
  const device = await openGpu({ records });
  const engine = new LocalEngine(device);
  const model = await engine.createModel({ kind: 'random', config: tinyConfig, seed: 3 });
  const losses: number[] = [];
  for (let step = 0; step < STEPS; step++) {
    const batch = [sequenceDatum([2, 3 + step], [5, 6, 7, 8 + step, 1]), sequenceDatum([4], [9 + step, 10])];
    losses.push(
      (await engine.forwardBackward(model, batch, { kind: 'cross-entropy', aggregation: 'token-mean' })).loss,
    );
    await engine.optimStep(model, { learningRate: 1e-2, maxGradNorm: 1 });
  }
  const weights = await engine.inspect(model, 'weights');
  watch?.(device);
  await engine.close();
  return { losses, weights };
}

it('trains the same from a recording as without', async () => {
  const plain = await train(false);
  let replays = 0;
  const recorded = await train(true, (device) => {
    replays = device.replays;
  });
  expect(recorded).toEqual(plain);
  expect(replays).toBe(STEPS - 3); // one plain, one to record, one to prove
});
