/**
 * A GPU that goes away must end every call with a name, whether it was under way or came later, and never hang.
 */
import { expect, it, vi } from 'vitest';
import { DeviceLostError } from '../../src/engine/errors';
import { LocalEngine } from '../../src/engine/local';
import { openWebDevice } from '../../src/engine/ort/web';
import { tinyConfig } from '../contract/behaviour';
import { sequenceDatum } from '../contract/golden';

const batch = [sequenceDatum([2, 3, 4], [5, 6, 7, 1])];
const loss = { kind: 'cross-entropy', aggregation: 'token-mean' } as const;

/** An engine, and the device under it to take away. */
async function openWithDevice(): Promise<{ engine: LocalEngine; gpu: GPUDevice }> {
  const request = vi.spyOn(GPUAdapter.prototype, 'requestDevice');
  const engine = new LocalEngine(await openWebDevice('webgpu'));
  const gpu = (await request.mock.results[0].value) as GPUDevice;
  request.mockRestore();
  return { engine, gpu };
}

it('a lost GPU ends the call under way and refuses the next; what was saved loads in a new engine', async () => {
  const { engine, gpu } = await openWithDevice();
  const model = await engine.createModel({ kind: 'random', config: tinyConfig, seed: 1 });
  await engine.forwardBackward(model, batch, loss);
  await engine.optimStep(model, { learningRate: 1e-2 });
  const weights = await engine.inspect(model, 'weights');
  const checkpoint = await engine.save(model, 'before');

  const underWay = engine.forwardBackward(model, batch, loss);
  gpu.destroy();
  await expect(underWay).rejects.toBeInstanceOf(DeviceLostError);
  await expect(engine.forwardBackward(model, batch, loss)).rejects.toThrow(/Create a new engine and load/);
  const sampling = engine.sample({ model, prompts: [Int32Array.of(2)], samples: 1, maxTokens: 4, seed: 0 });
  await expect(sampling.next()).rejects.toBeInstanceOf(DeviceLostError);

  const next = new LocalEngine(await openWebDevice('webgpu'));
  const loaded = await next.load(checkpoint, { optimizer: true });
  expect(await next.inspect(loaded, 'weights')).toEqual(weights);
  await next.close();
});
