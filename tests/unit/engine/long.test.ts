/** Long responses: beyond the 4096 tokens that most small models were once made for, the same numbers come out. */
import { expect, it } from 'vitest';
import { LocalEngine } from '../../../src/engine/local';
import { openNodeDevice } from '../../../src/engine/ort/node';
import { tinyConfig } from '../../contract/behaviour';
import { collect } from '../../contract/golden';

it('are written and learned from as short ones are', async () => {
  const engine = new LocalEngine(await openNodeDevice());
  const config = { ...tinyConfig, num_hidden_layers: 1, max_position_embeddings: 8192 };
  const model = await engine.createModel({ kind: 'random', config, seed: 1 });
  await engine.publish(model);
  const prompt = Int32Array.from({ length: 4090 }, (_, i) => 2 + (i % 7));
  const [written] = await collect(
    engine.sample({ model, prompts: [prompt], samples: 1, maxTokens: 40, seed: 3 }),
  );
  expect(prompt.length + written.tokens.length).toBeGreaterThan(4096);

  const all = Int32Array.of(...prompt, ...written.tokens);
  const datum = { tokens: all.slice(0, -1), targets: all.slice(1) };
  const [scores] = await engine.forward(model, [datum]);
  const found = scores.slice(prompt.length - 1);
  expect(Math.max(...found.map((score, i) => Math.abs(score - written.logProbs[i])))).toBeLessThan(1e-4);

  const weights = Float32Array.from(datum.targets, (_, i) => (i >= prompt.length - 1 ? 1 : 0));
  const learn = () =>
    engine.forwardBackward(model, [{ ...datum, weights }], {
      kind: 'cross-entropy',
      aggregation: 'token-mean',
    });
  const before = await learn();
  await engine.optimStep(model, { learningRate: 1e-3 });
  expect((await learn()).loss).toBeLessThan(before.loss);
  await engine.close();
});
