/**
 * What can go wrong under the engine: each has a name and says what to do, and no call hangs.
 */
import { expect, it, vi } from 'vitest';
import { BrokenModelError, DeviceLostError, UnsupportedDeviceError } from '../../src/engine/errors';
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

it('a lost GPU ends a read under way in its own words, not in the browser’s', async () => {
  const { engine, gpu } = await openWithDevice();
  const model = await engine.createModel({ kind: 'random', config: tinyConfig, seed: 1 });
  const underWay = engine.inspect(model, 'weights');
  await new Promise((resolve) => setTimeout(resolve));
  gpu.destroy();
  await expect(underWay).rejects.toBeInstanceOf(DeviceLostError);
});

it('a browser without WebGPU is told what to do', async () => {
  const gpu = vi.spyOn(Navigator.prototype, 'gpu', 'get').mockReturnValue(undefined as unknown as GPU);
  await expect(openWebDevice('webgpu')).rejects.toBeInstanceOf(UnsupportedDeviceError);
  await expect(openWebDevice('webgpu')).rejects.toThrow(/train on WebAssembly instead/);
  gpu.mockRestore();
  const adapter = vi.spyOn(GPU.prototype, 'requestAdapter').mockResolvedValue(null);
  await expect(openWebDevice('webgpu')).rejects.toThrow(/update the graphics driver/);
  adapter.mockRestore();
});

it.each(['webgpu', 'wasm'] as const)('a broken ONNX file is refused by name on %s', async (backend) => {
  const device = await openWebDevice(backend);
  const broken = { bytes: new Uint8Array(64).fill(7), inputs: [], outputs: [], nodeCount: 0 };
  await expect(device.compile(broken)).rejects.toBeInstanceOf(BrokenModelError);
  await device.close();
});
