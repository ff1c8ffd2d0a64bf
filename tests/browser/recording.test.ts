/**
 * Replayed recordings against plain runs: the same training, to the last bit. And what a replay saves the processor.
 */
import { expect, it } from 'vitest';
import { LocalEngine } from '../../src/engine/local';
import { openGpu } from '../../src/engine/ort/web';
import { tinyConfig } from '../contract/behaviour';
import { sequenceDatum } from '../contract/golden';

const STEPS = 8;
/** One plain, one to record, one to prove. */
const BEFORE_REPLAYS = 3;

async function train(records: boolean) {
  const device = await openGpu({ records });
  const runs: number[] = [];
  const run = device.run.bind(device);
  device.run = async (...args) => {
    const start = performance.now();
    await run(...args); // it returns before the GPU is done: this is the time to tell it what to do
    runs.push(performance.now() - start);
  };
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
  const { replays } = device;
  await engine.close();
  const settled = runs.slice(BEFORE_REPLAYS).sort((a, b) => a - b);
  return { trained: { losses, weights }, replays, milliseconds: settled[Math.floor(settled.length / 2)] };
}

it('trains the same from a recording as without', async () => {
  const plain = await train(false);
  const recorded = await train(true);
  console.log(
    `processor time of a run: ${plain.milliseconds.toFixed(2)} ms plain, ${recorded.milliseconds.toFixed(2)} ms replayed`,
  );
  expect(recorded.trained).toEqual(plain.trained);
  expect(plain.replays).toBe(0);
  expect(recorded.replays).toBe(STEPS - BEFORE_REPLAYS);
});
