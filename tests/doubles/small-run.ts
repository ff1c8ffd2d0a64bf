/** @file A small run on any engine: samples, learns from what was sampled, saves. What comes of it must not depend on what happened on the way. */

import type { Engine } from '../../src/engine/engine';
import { tinyConfig } from '../contract/behaviour';
import { collect, sequenceDatum } from '../contract/golden';

const prompts = [Int32Array.of(2, 3, 4), Int32Array.of(5, 6), Int32Array.of(7)];

/** `at` is called before each step. */
export async function smallRun(
  engine: Engine,
  steps: number,
  at: (step: number) => Promise<void> | void = () => {},
) {
  const model = await engine.createModel({ kind: 'random', config: tinyConfig, seed: 7 });
  const told: unknown[] = [];
  for (let step = 0; step < steps; step++) {
    await at(step);
    const rollouts = await collect(
      engine.sample({ model, prompts, samples: 2, maxTokens: 8, seed: step, temperature: 1, stop: [1] }),
    );
    const batch = rollouts.map(({ prompt, tokens, logProbs }, i) => {
      const datum = sequenceDatum([...prompts[prompt]], [...tokens]);
      const spread = (value: (index: number) => number) => {
        const first = prompts[prompt].length - 1;
        return Float32Array.from(datum.tokens, (_, t) => (t < first ? 0 : value(t - first)));
      };
      return { ...datum, advantages: spread(() => (i % 3) - 1), logProbs: spread((t) => logProbs[t]) };
    });
    const loss = { kind: 'policy', aggregation: 'token-mean', clipLow: 0.2, clipHigh: 0.28 } as const;
    // Two micro-batches and the step are sent without waiting for each other, as they may be.
    const [first, second, optim] = await Promise.all([
      engine.forwardBackward(model, batch.slice(0, 3), loss),
      engine.forwardBackward(model, batch.slice(3), loss),
      engine.optimStep(model, { learningRate: 0.02, maxGradNorm: 1, weightDecay: 0.01 }),
    ]);
    const { version } = await engine.publish(model);
    const lasting = [first, second].map(({ metrics: { seconds: _, ...metrics }, ...report }) => ({
      ...report,
      metrics,
    }));
    told.push({ rollouts, lasting, optim, version });
  }
  const { files } = await engine.save(model, 'end');
  const weights = await Promise.all(
    Object.entries(files)
      .filter(([name]) => name.endsWith('.safetensors'))
      .map(async ([name, file]) => [
        name,
        file instanceof Uint8Array ? file : new Uint8Array(await file.arrayBuffer()),
      ]),
  );
  await engine.dispose(model);
  return { told, weights: Object.fromEntries(weights) as Record<string, Uint8Array> };
}
