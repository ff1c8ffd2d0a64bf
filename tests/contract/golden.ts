/**
 * @file What PyTorch and transformers computed in float64, asked of an engine: one suite for every backend.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Datum, Engine, LossSpec, Rollout } from '../../src/engine/engine';
import type { LocalEngine } from '../../src/engine/local';
import { type Golden, type GoldenName, goldenNames, loadGolden, type Tensors } from '../golden/load';

/** An engine whose numbers can be looked at. */
export type OpenEngine = Engine & Pick<LocalEngine, 'inspect' | 'plan' | 'close'>;

export async function collect(rollouts: AsyncIterable<Rollout>): Promise<Rollout[]> {
  const all: Rollout[] = [];
  for await (const rollout of rollouts) all.push(rollout);
  return all.sort((a, b) => a.prompt - b.prompt || a.sample - b.sample);
}

/** The largest difference, relative to the largest value: what float32 can be held to across many additions. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  let [difference, scale] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    const d = Math.abs(actual[i] - expected[i]);
    if (!(d <= difference)) difference = d; // a NaN must win
    scale = Math.max(scale, Math.abs(expected[i]));
  }
  return difference / (scale || 1);
}

export function worst(
  actual: Record<string, Float32Array>,
  expected: Tensors,
): { name: string; error: number } {
  expect(Object.keys(actual).sort()).toEqual([...expected.keys()].sort());
  let result = { name: '', error: 0 };
  for (const [name, values] of expected) {
    const error = relativeError(actual[name], values);
    if (!(error <= result.error)) result = { name, error };
  }
  return result;
}

const batchOf = (golden: Golden, weights: number[][]): Datum[] =>
  golden.tokens.map((tokens, i) => ({
    tokens: Int32Array.from(tokens),
    targets: Int32Array.from(golden.targets[i]),
    weights: Float32Array.from(weights[i]),
    advantages: Float32Array.from(golden.ppo.advantages[i]),
    logProbs: Float32Array.from(golden.ppo.oldLogProbs[i]),
    referenceLogProbs: Float32Array.from(golden.ppo.refLogProbs[i]),
  }));

export function agreesWithPyTorch(
  open: () => Promise<OpenEngine>,
  names: readonly GoldenName[] = goldenNames,
): void {
  describe.each(names)('%s, as transformers and PyTorch compute it', (name) => {
    let golden: Golden;
    let engine: OpenEngine;
    const createModel = () => engine.createModel({ kind: 'files', files: Object.fromEntries(golden.files) });

    beforeAll(async () => {
      golden = await loadGolden(name);
      engine = await open();
    });
    afterAll(() => engine?.close());

    it('has the same log-probabilities', async () => {
      const logProbs = await engine.forward(await createModel(), batchOf(golden, golden.mask));
      logProbs.forEach((row, i) => {
        expect(relativeError(row, golden.logProbs[i])).toBeLessThan(1e-5);
      });
    });

    it('has the same logits: the log-probability of every word of the vocabulary, at every position', async () => {
      const { vocabSize } = golden.config;
      const model = await createModel();
      for (const [row, ids] of golden.tokens.entries()) {
        const tokens = Int32Array.from(ids);
        const every = Array.from({ length: vocabSize }, (_, word) => ({
          tokens,
          targets: tokens.map(() => word),
        }));
        const scored = await engine.forward(model, every);
        ids.forEach((_, position) => {
          const start = (row * ids.length + position) * vocabSize;
          const logits = Array.from(golden.logits.subarray(start, start + vocabSize));
          const logSum = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
          const expected = logits.map((logit) => logit - logSum);
          expect(
            relativeError(
              scored.map((logProbs) => logProbs[position]),
              expected,
            ),
          ).toBeLessThan(1e-5);
        });
      }
    });

    const policy = {
      kind: 'policy',
      clipLow: 0.2,
      clipHigh: 0.28,
      entropy: 0.01,
      kl: 0.05,
    } as const;
    const losses: [keyof Golden['gradients'], LossSpec][] = [
      ['crossEntropy', { kind: 'cross-entropy', aggregation: 'sum' }],
      ['tokenMean', { ...policy, aggregation: 'token-mean' }],
      ['sequenceMean', { ...policy, aggregation: 'sequence-mean' }],
    ];
    it.each(losses)('has the same %s loss, and gradient of every parameter', async (loss, spec) => {
      const model = await createModel();
      const weights = loss === 'crossEntropy' ? golden.weights : golden.mask;
      const report = await engine.forwardBackward(model, batchOf(golden, weights), spec);
      expect(Math.abs(report.loss - golden.losses[loss])).toBeLessThan(1e-5);
      const gradients = await engine.inspect(model, 'gradients');
      expect(worst(gradients, golden.gradients[loss]).error).toBeLessThan(1e-5);
      if (report.entropy) {
        report.entropy.forEach((row, i) => {
          const counted = golden.mask[i].flatMap((m, t) => (m ? [t] : []));
          const pick = (values: ArrayLike<number>) => counted.map((t) => values[t]);
          expect(relativeError(pick(row), pick(golden.entropy[i]))).toBeLessThan(1e-5);
        });
      }
    });

    it('is where torch.optim.AdamW is after ten steps', async () => {
      const model = await createModel();
      const { adamw } = golden;
      for (let step = 0; step < adamw.steps; step++) {
        const { loss } = await engine.forwardBackward(model, batchOf(golden, golden.weights), losses[0][1]);
        expect(Math.abs(loss - adamw.losses[step])).toBeLessThan(1e-5);
        const report = await engine.optimStep(model, {
          learningRate: adamw.learningRates[step],
          beta1: adamw.betas[0],
          beta2: adamw.betas[1],
          epsilon: adamw.eps,
          weightDecay: adamw.weightDecay,
          maxGradNorm: adamw.maxNorm,
        });
        expect(report).toMatchObject({ step: step + 1, applied: true });
        expect(Math.abs(report.gradNorm / adamw.gradientNorms[step] - 1)).toBeLessThan(1e-5);
      }
      expect(worst(await engine.inspect(model, 'weights'), golden.trained).error).toBeLessThan(1e-5);
    });

    it('writes the same greedy continuations, with the log-probabilities of training', async () => {
      const model = await createModel();
      const rollouts = await collect(
        engine.sample({
          model,
          prompts: golden.greedy.map(({ prompt }) => Int32Array.from(prompt)),
          samples: 1,
          maxTokens: golden.greedy[0].continuation.length,
          temperature: 0,
          stop: [],
          seed: 0,
        }),
      );
      expect(rollouts.map(({ tokens }) => [...tokens])).toEqual(
        golden.greedy.map(({ continuation }) => continuation),
      );
      rollouts.forEach(({ logProbs }, i) => {
        expect(relativeError(logProbs, golden.greedy[i].logProbs)).toBeLessThan(1e-5);
      });
      const data = rollouts.map(({ tokens }, i) => sequenceDatum(golden.greedy[i].prompt, [...tokens]));
      const scored = await engine.forward(model, data);
      rollouts.forEach(({ logProbs }, i) => {
        const trained = scored[i].slice(-logProbs.length);
        expect(Math.max(...logProbs.map((p, t) => Math.abs(p - trained[t])))).toBeLessThan(1e-5);
      });
    });

    it('computes a shared prompt once, and nothing changes', async () => {
      const { prompt, responses, logProbs } = golden.sharedPrompt;
      const model = await createModel();
      const batch = responses.map((response) => sequenceDatum(prompt, response));
      const loss = { kind: 'cross-entropy', aggregation: 'token-mean' } as const;
      const report = await engine.forwardBackward(model, batch, loss);
      report.logProbs.forEach((row, i) => {
        expect(relativeError(row.slice(prompt.length - 1), logProbs[i])).toBeLessThan(1e-5);
      });
      const packed = await engine.inspect(model, 'gradients');

      const separate = await createModel();
      for (const datum of batch) {
        // One at a time there is nothing to share; the weights are those of the whole batch.
        const count = responses.flat().length;
        const alone = { ...datum, weights: datum.weights?.map((w) => w / count) };
        await engine.forwardBackward(separate, [alone], { kind: 'cross-entropy', aggregation: 'sum' });
      }
      const expected = new Map(Object.entries(await engine.inspect(separate, 'gradients')));
      expect(worst(packed, expected).error).toBeLessThan(1e-5);
    });
  });
}

/** It costs ninety small steps: what lies side by side is the batch, whatever the family. */
export function computesSideBySide(
  open: () => Promise<OpenEngine>,
  names: readonly GoldenName[] = goldenNames,
): void {
  describe.each(names)('%s, many short sequences in a row', (name) => {
    let golden: Golden;
    let engine: OpenEngine;
    const createModel = () => engine.createModel({ kind: 'files', files: Object.fromEntries(golden.files) });

    beforeAll(async () => {
      golden = await loadGolden(name);
      engine = await open();
    });
    afterAll(() => engine?.close());

    it('gives what each of them gives alone', async () => {
      const { prompt, responses } = golden.sharedPrompt;
      const long = Array.from({ length: 8 }, () => prompt)
        .flat()
        .slice(0, 33);
      const batch = Array.from({ length: 90 }, (_, i) =>
        sequenceDatum(
          [i % 10, Math.floor(i / 10), ...long.slice(i % 5)],
          responses[i % responses.length].slice(0, 3),
        ),
      );
      const model = await createModel();
      const report = await engine.forwardBackward(model, batch, {
        kind: 'cross-entropy',
        aggregation: 'sum',
      });
      expect(report.metrics.computedTokens).toBe(32 * 128); // in rows of 48 it would be 42 + 42 + 8 of them
      const together = await engine.inspect(model, 'gradients');

      const separate = await createModel();
      for (const [i, datum] of batch.entries()) {
        const alone = await engine.forwardBackward(separate, [datum], {
          kind: 'cross-entropy',
          aggregation: 'sum',
        });
        expect(relativeError(report.logProbs[i], alone.logProbs[0])).toBeLessThan(1e-5);
      }
      const expected = new Map(Object.entries(await engine.inspect(separate, 'gradients')));
      expect(worst(together, expected).error).toBeLessThan(1e-5);
    });
  });
}

/** A prompt and its answer as a datum: only the answer's tokens count. */
export function sequenceDatum(prompt: number[], answer: number[]): Datum & { weights: Float32Array } {
  const text = [...prompt, ...answer];
  const tokens = Int32Array.from(text.slice(0, -1));
  return {
    tokens,
    targets: Int32Array.from(text.slice(1)),
    weights: Float32Array.from(tokens, (_, i) => (i >= prompt.length - 1 ? 1 : 0)),
  };
}
