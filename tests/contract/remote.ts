/**
 * @file What the loop relies on wherever it computes, in terms that need no look inside: sampling and training speak of the same model, a
 * loss is what its aggregation says, and a checkpoint goes on as if nothing had happened. For engines of any kind, also those of others.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AdamParams, Datum, Engine, LossSpec, ModelSource } from '../../src/engine/engine';
import { collect, relativeError, sequenceDatum } from './golden';

export interface OpenedEngine {
  engine: Engine & { close(): Promise<void> };
  source: ModelSource;
  close(): Promise<void>;
}

const adapter = {
  rank: 4,
  alpha: 32,
  targets: ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'],
  seed: 3,
} as const;
const short = sequenceDatum([2, 3, 4], [5, 6]);
const long = sequenceDatum([7, 8], [9, 10, 11, 12, 2, 3]);
const adam = { learningRate: 1e-2, beta1: 0.9, beta2: 0.99, epsilon: 1e-8 };
/** Adam that is plain gradient descent: with an epsilon far above the gradients. */
const epsilon = 1e6;
const descent = (rate: number) => ({ learningRate: rate * epsilon, beta1: 0, beta2: 0, epsilon });

export function isAnEngine(open: () => Promise<OpenedEngine>): void {
  let opened: OpenedEngine;
  let engine: Engine;
  let model: string;
  beforeAll(async () => {
    opened = await open();
    engine = opened.engine;
    model = await engine.createModel(opened.source, { adapter });
    for (let step = 0; step < 2; step++) {
      await engine.forwardBackward(model, [short, long], {
        kind: 'cross-entropy',
        aggregation: 'token-mean',
      });
      await engine.optimStep(model, adam);
    }
  });
  afterAll(() => opened?.close());

  const policy = { kind: 'policy', clipLow: 0.2, clipHigh: 0.2 } as const;
  const judged = async (data: Datum[], advantage: (i: number) => number, apart = 0): Promise<Datum[]> => {
    const now = await engine.forward(model, data);
    return data.map((datum, i) => ({
      ...datum,
      advantages: new Float32Array(datum.tokens.length).fill(advantage(i)),
      logProbs: now[i].map((p) => p - apart),
    }));
  };
  /** The norm of the gradient, without a change of the weights. */
  const normOf = async (...calls: [Datum[], LossSpec][]) => {
    for (const [data, loss] of calls) await engine.forwardBackward(model, data, loss);
    return (await engine.optimStep(model, { ...adam, learningRate: 0 })).gradNorm;
  };

  it('says of itself what it can do', async () => {
    const { losses, training, maxContext } = await engine.capabilities();
    expect(losses).toEqual(expect.arrayContaining(['policy', 'cross-entropy']));
    expect(training).toContain('lora');
    expect(maxContext).toBeGreaterThan(0);
  });

  describe('a sample', () => {
    it.each([1, 0.5])('at temperature %d has the log-probabilities of training', async (temperature) => {
      const prompts = [
        [2, 3],
        [4, 5, 6],
      ].map((ids) => Int32Array.from(ids));
      const asked = { model, prompts, samples: 3, maxTokens: 8, temperature, stop: [], seed: 4 };
      const rollouts = await collect(engine.sample(asked));
      expect(rollouts.map(({ prompt, sample }) => [prompt, sample])).toEqual(
        [0, 1].flatMap((prompt) => [0, 1, 2].map((sample) => [prompt, sample])),
      );
      expect(new Set(rollouts.map(({ tokens }) => tokens.join())).size).toBeGreaterThan(2);
      const data = rollouts.map(({ prompt, tokens }) => sequenceDatum([...prompts[prompt]], [...tokens]));
      const scored = await engine.forward(model, data);
      for (const [i, { logProbs, tokens, stopReason }] of rollouts.entries()) {
        expect([tokens.length, stopReason]).toEqual([8, 'length']);
        const trained = scored[i].slice(-logProbs.length);
        expect(Math.max(...logProbs.map((p, t) => Math.abs(p - trained[t])))).toBeLessThan(1e-4);
      }
    });

    it('ends with the token that stops it', async () => {
      const prompts = [Int32Array.of(2, 3)];
      const stop = Array.from({ length: 12 }, (_, i) => i);
      const rollouts = await collect(
        engine.sample({ model, prompts, samples: 8, maxTokens: 40, stop, seed: 1 }),
      );
      const ended = rollouts.filter(({ stopReason }) => stopReason === 'stop');
      expect(ended.length).toBeGreaterThan(0);
      for (const { tokens } of ended)
        expect([...tokens].findIndex((id) => stop.includes(id))).toBe(tokens.length - 1);
    });

    it('comes from the weights as they are, under the version of its policy', async () => {
      const prompts = [Int32Array.of(2, 3)];
      const asked = { model, prompts, samples: 1, maxTokens: 1, temperature: 0, seed: 1 };
      const { version } = await engine.publish(model);
      expect((await collect(engine.sample(asked)))[0].policy).toBe(version);
      const lesson = sequenceDatum([2, 3], [6]);
      for (let step = 0; step < 12; step++) {
        await engine.forwardBackward(model, [lesson], { kind: 'cross-entropy', aggregation: 'sum' });
        await engine.optimStep(model, { ...adam, learningRate: 0.03 });
      }
      const [{ tokens, policy }] = await collect(engine.sample(asked));
      expect([...tokens]).toEqual([6]);
      expect(policy).toBe(version + 1);
    });
  });

  describe('a loss', () => {
    it('has the ratio 1 on policy', async () => {
      const data = await judged([short, long], (i) => i + 1);
      const { loss, metrics } = await engine.forwardBackward(model, data, { ...policy, aggregation: 'sum' });
      expect(loss).toBeCloseTo(-(2 * 1 + 6 * 2), 4);
      expect([metrics.clipFraction, metrics.tokens]).toEqual([0, 8]);
      expect(Math.abs(metrics.approxKl!)).toBeLessThan(1e-5);
      await engine.optimStep(model, { ...adam, learningRate: 0 });
    });

    it('falls by the square of its gradient: the gradient is that of this very loss, and not of a multiple', async () => {
      const before = await engine.save(model, 'before');
      const mine = await engine.load(before, { optimizer: true, baseModel: opened.source });
      const data = [short, long];
      const crossEntropy = { kind: 'cross-entropy', aggregation: 'token-mean' } as const;
      const learn = async (params: AdamParams) => {
        const { loss } = await engine.forwardBackward(mine, data, crossEntropy);
        return { loss, ...(await engine.optimStep(mine, params)) };
      };
      const { gradNorm } = await learn({ ...adam, learningRate: 0 });
      const rate = 1e-3 / (Number.isFinite(gradNorm) ? gradNorm ** 2 : 1e3);
      const { loss } = await learn(descent(rate));
      const { loss: after } = await learn({ ...adam, learningRate: 0 });
      await engine.dispose(mine);
      if (Number.isFinite(gradNorm)) expect((loss - after) / 1e-3).toBeCloseTo(1, 1);
      else expect(after).toBeLessThan(loss);
    });

    it('is summed, or the mean over tokens, or over sequences, whatever it was sent with', async () => {
      const of = (aggregation: LossSpec['aggregation']): LossSpec => ({ kind: 'cross-entropy', aggregation });
      const alone = await normOf([[long], of('sum')]);
      if (!Number.isFinite(alone)) return; // this server does not tell
      expect((await normOf([[long, long], of('sum')])) / alone).toBeCloseTo(2, 3);
      expect((await normOf([[long], of('sum')], [[long], of('sum')])) / alone).toBeCloseTo(2, 3);
      expect((await normOf([[long], of('token-mean')])) / alone).toBeCloseTo(1 / 6, 3);
      expect((await normOf([[long, long], of('sequence-mean')])) / alone).toBeCloseTo(1 / 6, 3);
      const idle = { ...short, advantages: new Float32Array(4), logProbs: new Float32Array(4) };
      const [told] = await judged([long], () => 1);
      expect((await normOf([[told], { ...policy, aggregation: 'sum' }])) / alone).toBeCloseTo(1, 3);
      expect((await normOf([[told, idle], { ...policy, aggregation: 'token-mean' }])) / alone).toBeCloseTo(
        1 / 8,
        3,
      );
      expect((await normOf([[told, idle], { ...policy, aggregation: 'sequence-mean' }])) / alone).toBeCloseTo(
        1 / 12,
        3,
      );
      const doubled = { ...long, weights: long.weights.map((w) => 2 * w) };
      expect((await normOf([[doubled], of('sum')])) / alone).toBeCloseTo(2, 3);
    });

    it('is held by its clips, and near its reference', async () => {
      const likelier = await judged([long], () => 1, Math.log(2));
      const held = await engine.forwardBackward(model, likelier, { ...policy, aggregation: 'token-mean' });
      expect([held.loss, held.metrics.clipFraction]).toEqual([expect.closeTo(-1.2, 4), 1]);
      const still = (await engine.optimStep(model, { ...adam, learningRate: 0 })).gradNorm;
      if (Number.isFinite(still)) expect(still).toBe(0);
      const worse = await judged([long], () => -1, Math.log(5));
      const dual = { ...policy, aggregation: 'token-mean', dualClip: 3 } as const;
      expect((await engine.forwardBackward(model, worse, dual)).loss).toBeCloseTo(3, 3);
      await engine.optimStep(model, { ...adam, learningRate: 0 });
      const [datum] = await judged([long], () => 0);
      const far = [{ ...datum, referenceLogProbs: datum.logProbs!.map((p) => p - 1) }];
      const near = await engine.forwardBackward(model, far, {
        ...policy,
        aggregation: 'token-mean',
        kl: 0.5,
      });
      expect(near.loss).toBeCloseTo(0.5 * Math.exp(-1), 4); // k3 = e^d - d - 1 at d = -1
      await engine.optimStep(model, { ...adam, learningRate: 0 });
    });
  });

  it('goes on from a checkpoint as if nothing had happened, or with the weights alone', async () => {
    const crossEntropy = { kind: 'cross-entropy', aggregation: 'token-mean' } as const;
    const checkpoint = await engine.save(model, 'here');
    const base = opened.source;
    const [mine, weights] = [
      await engine.load(checkpoint, { optimizer: true, baseModel: base }),
      await engine.load(checkpoint, { optimizer: false, baseModel: base }),
    ];
    const learned = async (id: string) => {
      const { loss } = await engine.forwardBackward(id, [short, long], crossEntropy);
      const { step } = await engine.optimStep(id, adam);
      return { loss, step, after: await engine.forward(id, [short, long]) };
    };
    const there = await learned(model);
    const here = await learned(mine);
    expect(here.loss).toBeCloseTo(there.loss, 5);
    expect(here.step).toBe(there.step);
    here.after.forEach((row, i) => {
      expect(relativeError(row, there.after[i])).toBeLessThan(1e-5);
    });
    const anew = await learned(weights);
    expect(anew.loss).toBeCloseTo(there.loss, 5);
    expect(anew.step).toBe(1);
    for (const id of [mine, weights]) await engine.dispose(id);
  });

  it('keeps a model that is not trained as it was', async () => {
    const reference = await engine.createModel(opened.source, { trainable: false });
    const fresh = await engine.createModel(opened.source, { adapter });
    const [a, b] = [await engine.forward(reference, [long]), await engine.forward(fresh, [long])];
    expect(relativeError(a[0], b[0])).toBeLessThan(1e-5);
    const crossEntropy = { kind: 'cross-entropy', aggregation: 'sum' } as const;
    await expect(engine.forwardBackward(reference, [long], crossEntropy)).rejects.toThrow(
      /without gradients/,
    );
    for (const id of [reference, fresh]) await engine.dispose(id);
  });
}
