/**
 * Long training on WebAssembly: its memory can grow but never shrink, so a leak of a few bytes a step ends in a crash.
 */
import { expect, it } from 'vitest';
import { LocalEngine } from '../../src/engine/local';
import { openWebDevice } from '../../src/engine/ort/web';
import { tinyConfig } from '../contract/behaviour';
import { sequenceDatum } from '../contract/golden';

it('trains and samples for 300 steps without one more page of memory', async () => {
  const memories: WebAssembly.Memory[] = [];
  const Original = WebAssembly.Memory;
  WebAssembly.Memory = class extends Original {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      memories.push(this);
    }
  };
  const engine = new LocalEngine(await openWebDevice('wasm'));
  const model = await engine.createModel({ kind: 'random', config: tinyConfig, seed: 1 });
  const batch = [1, 2, 3].map((start) => sequenceDatum([2, start], [5, 6, 7, 8, 1]));
  const step = async () => {
    await engine.forwardBackward(model, batch, { kind: 'cross-entropy', aggregation: 'token-mean' });
    await engine.optimStep(model, { learningRate: 1e-3 });
    const rollouts = engine.sample({
      model,
      prompts: [Int32Array.of(2, 3)],
      samples: 2,
      maxTokens: 8,
      seed: 1,
    });
    for await (const { tokens } of rollouts) expect(tokens.length).toBeGreaterThan(0);
  };
  const bytes = () => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
  for (let i = 0; i < 20; i++) await step();
  WebAssembly.Memory = Original; // onnxruntime made its memory with the first session
  const before = bytes();
  expect(before).toBeGreaterThan(0);
  for (let i = 0; i < 300; i++) await step();
  expect(bytes()).toBe(before);
  await engine.close();
});
