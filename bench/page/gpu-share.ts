/**
 * @file How much of what the GPU can do a training step gets out of it. The measure is the device's own: what onnxruntime's
 * matrix product of 2048 x 2048 x 2048 reaches on the same device in the same minute.
 *
 * A step is counted as 6 floating-point operations per parameter and token (a multiplication and an addition forward, and
 * twice that backward, once for the input and once for the weight). Attention, norms, the loss and the optimizer are not
 * counted as work, only as time, so the share is an honest lower bound.
 */

import { LocalEngine } from '../../src/engine/local';
import { openWebDevice } from '../../src/engine/ort/web';
import { writeModel } from '../../src/graph/onnx';
import { gemm } from '../../src/graph/ops';
import { input } from '../../src/graph/tensor';
import { parseModelConfig } from '../../src/model/config';
import { parameterCount } from '../../src/model/parameters';
import { median } from '../lib/statistics';
import { ADAM, batchOf, SEED, subject, tokensOf } from '../lib/subject';

export interface GpuShare {
  device: string;
  subject: string;
  parameters: number;
  /** GFLOP/s */
  matmul: number;
  step: number;
  tokensPerSecond: number;
}

const SIZE = 2048;
const PRODUCTS = 8;

/** Null where there is no adapter at all. */
export async function isSoftwareAdapter(): Promise<boolean | null> {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) return null;
  const { vendor, architecture, description } = adapter.info;
  return (
    adapter.info.isFallbackAdapter ||
    /swiftshader|llvmpipe|software/i.test(`${vendor} ${architecture} ${description}`)
  );
}

export async function gpuShare(width: number): Promise<GpuShare> {
  const device = await openWebDevice('webgpu');
  const engine = new LocalEngine(device);
  const trained = subject(width, 4, width * 3, 16, 128);
  const model = await engine.createModel({ kind: 'random', config: trained.config, seed: SEED });

  const product = await device.compile(
    writeModel('matmul', {
      y: gemm(input('a', 'float32', [SIZE, SIZE]), input('b', 'float32', [SIZE, SIZE])),
    }),
  );
  const blocks = ['a', 'b', 'y'].map(() => device.allocate('float32', SIZE * SIZE));
  const end = device.allocate('float32', 4);
  const [a, b, y] = blocks;
  for (const block of [a, b]) device.write(block, new Float32Array(SIZE * SIZE).fill(1 / SIZE));
  const matmul = async () => {
    const start = performance.now();
    for (let i = 0; i < PRODUCTS; i++) await device.run(product, { a, b }, { y });
    device.copy(y, 0, end, 0, 4);
    await device.read(end); // waits for the queue
    return (PRODUCTS * 2 * SIZE ** 3) / (performance.now() - start) / 1e6;
  };

  const parameters = parameterCount(parseModelConfig(trained.config));
  const batch = batchOf(trained);
  const step = async () => {
    const start = performance.now();
    await engine.forwardBackward(model, batch, { kind: 'cross-entropy', aggregation: 'token-mean' });
    await engine.optimStep(model, ADAM);
    return performance.now() - start;
  };

  for (let i = 0; i < 3; i++) {
    await matmul();
    await step();
  }
  const rates: number[] = [];
  const times: number[] = [];
  for (let round = 0; round < 15; round++) {
    rates.push(await matmul());
    times.push(await step());
  }
  const ms = median(times);
  const result = {
    device: device.info.description,
    subject: trained.name,
    parameters,
    matmul: median(rates),
    step: (6 * parameters * tokensOf(trained)) / ms / 1e6,
    tokensPerSecond: (tokensOf(trained) / ms) * 1000,
  };
  for (const block of [...blocks, end]) device.free(block);
  await product.release();
  await engine.close();
  return result;
}
