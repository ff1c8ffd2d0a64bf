/**
 * Every artifact on the GPU: onnxruntime is told to refuse a node that would fall back to the processor, so compiling is
 * the proof. The optimizer's file is also run, since on WebGPU the engine itself uses a kernel of its own.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Block, Device } from '../../src/engine/ort/device';
import { optimizerInputs } from '../../src/engine/ort/host-optimizer';
import { openWebDevice } from '../../src/engine/ort/web';
import { artifactSet, type LossKind, optimizerModel } from '../../src/graph/artifacts';
import { parseModelConfig } from '../../src/model/config';
import { parameters } from '../../src/model/parameters';
import { tinyConfig } from '../contract/behaviour';
import { relativeError } from '../contract/golden';
import { goldenNames, loadGolden } from '../golden/load';

let device: Device;
beforeAll(async () => {
  device = await openWebDevice('webgpu');
});
afterAll(() => device?.close());

const everything: LossKind = { kind: 'policy', entropy: true, reference: true };

describe('every node runs on the GPU', () => {
  const configs = async () => [
    ...(await Promise.all(goldenNames.map(async (name) => (await loadGolden(name)).config))),
    parseModelConfig({ ...tinyConfig, vocab_size: 6000, tie_word_embeddings: false }),
  ];
  it.each(['plain', 'packed'] as const)('in every file of a set with %s rows', async (packing) => {
    for (const config of await configs()) {
      const set = artifactSet(config, {
        rows: 2,
        length: 16,
        context: 32,
        steps: 2,
        loss: everything,
        packing,
      });
      for (const model of Object.values(set)) await (await device.compile(model)).release();
    }
  });
  it('beyond 256 tokens too, where attention becomes blocked products', async () => {
    const config = parseModelConfig({ ...tinyConfig, max_position_embeddings: 512 });
    const set = artifactSet(config, {
      rows: 1,
      length: 384,
      context: 384,
      steps: 1,
      loss: { kind: 'cross-entropy' },
      packing: 'packed',
    });
    for (const model of Object.values(set)) await (await device.compile(model)).release();
  });
});

it('optimizer_model.onnx does what the engine’s kernel does', async () => {
  const config = parseModelConfig(tinyConfig);
  const step = {
    learningRate: 1e-2,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    weightDecay: 0.1,
    maxGradNorm: 0.5,
    step: 3,
  };
  const filled = (size: number, f: (i: number) => number): Block => {
    const block = device.allocate('float32', size);
    device.write(
      block,
      Float32Array.from({ length: size }, (_, i) => f(i)),
    );
    return block;
  };
  const all = parameters(config).map(({ name, size, decay }) => ({
    name,
    size,
    decay,
    weight: filled(size, (i) => Math.sin(i)),
    gradient: filled(size, (i) => Math.cos(3 * i)),
    momentum: filled(size, (i) => 0.1 * Math.sin(2 * i)),
    variance: filled(size, (i) => 0.1 + 0.05 * Math.cos(i)),
  }));

  const feeds: Record<string, Block> = {};
  const results: Record<string, Block> = { grad_norm: device.allocate('float32', 1) };
  for (const [name, value] of Object.entries(optimizerInputs(step))) feeds[name] = filled(1, () => value);
  for (const { name, size, weight, gradient, momentum, variance } of all) {
    Object.assign(feeds, {
      [name]: weight,
      [`grad.${name}`]: gradient,
      [`m.${name}`]: momentum,
      [`v.${name}`]: variance,
    });
    for (const key of ['', 'm.', 'v.']) results[`new.${key}${name}`] = device.allocate('float32', size);
  }
  const session = await device.compile(optimizerModel(config));
  await device.run(session, feeds, results);
  const norm = await device.optimize(config, all, step);

  const read = async (block: Block) => (await device.read(block)) as Float32Array;
  expect(relativeError(await read(results.grad_norm), [norm])).toBeLessThan(1e-6);
  for (const { name, weight, momentum, variance } of all) {
    expect(relativeError(await read(results[`new.${name}`]), await read(weight))).toBeLessThan(1e-6);
    expect(relativeError(await read(results[`new.m.${name}`]), await read(momentum))).toBeLessThan(1e-6);
    expect(relativeError(await read(results[`new.v.${name}`]), await read(variance))).toBeLessThan(1e-6);
  }
});
