/**
 * @file What every engine promises beyond being right: the same seed gives the same result, bad input gets one clear
 * sentence, and nothing is lost. One suite for every backend.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AdamParams, Datum, SampleRequest } from '../../src/engine/engine';
import {
  EngineClosedError,
  InvalidRequestError,
  OutOfMemoryError,
  UnknownModelError,
} from '../../src/engine/errors';
import { InvalidSafetensorsError, UnsupportedModelError } from '../../src/model/errors';
import { collect, type OpenEngine, relativeError, sequenceDatum } from './golden';

const VOCABULARY = 24;

export const tinyConfig = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  vocab_size: VOCABULARY,
  hidden_size: 32,
  intermediate_size: 48,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  max_position_embeddings: 96,
  tie_word_embeddings: true,
  eos_token_id: 1,
};

/** What a 500M-parameter model says of itself (the shape of Qwen2.5-0.5B). */
const largeConfig = {
  ...tinyConfig,
  architectures: ['Qwen2ForCausalLM'],
  model_type: 'qwen2',
  vocab_size: 151_936,
  hidden_size: 896,
  intermediate_size: 4864,
  num_hidden_layers: 24,
  num_attention_heads: 14,
  num_key_value_heads: 2,
  max_position_embeddings: 32_768,
};

const adam = { learningRate: 1e-2, weightDecay: 0.1, maxGradNorm: 1 };
const crossEntropy = { kind: 'cross-entropy', aggregation: 'token-mean' } as const;
const batch = [sequenceDatum([2, 3, 4], [5, 6, 7, 1]), sequenceDatum([2, 9], [8, 7, 1])];

/** `draws`: how often a distribution is drawn from, which takes seconds on an imitated GPU. */
export function keepsItsPromises(open: () => Promise<OpenEngine>, { draws = 1000 } = {}): void {
  let engine: OpenEngine;
  beforeAll(async () => {
    engine = await open();
  });
  afterAll(() => engine?.close());

  /** A model whose next tokens are neither certain nor uniform. */
  async function trainedModel(): Promise<string> {
    const model = await engine.createModel({ kind: 'random', config: tinyConfig, seed: 7 });
    for (let step = 0; step < 6; step++) {
      await engine.forwardBackward(model, batch, crossEntropy);
      await engine.optimStep(model, adam);
    }
    return model;
  }

  describe('sampling', () => {
    let model: string;
    const prompts = [[2], [2, 3, 4], [5, 6, 7, 8, 9, 10, 11], [2, 9], [12, 13, 14, 15]].map((p) =>
      Int32Array.from(p),
    );
    const request = (more: Partial<SampleRequest> = {}): SampleRequest => ({
      model,
      prompts,
      samples: 3,
      maxTokens: 20,
      seed: 5,
      ...more,
    });
    beforeAll(async () => {
      model = await trainedModel();
    });

    it('gives the same completions for the same seed, and others for another', async () => {
      const first = await collect(engine.sample(request()));
      expect(first).toHaveLength(prompts.length * 3);
      expect(await collect(engine.sample(request()))).toEqual(first);
      const other = await collect(engine.sample(request({ seed: 6 })));
      expect(other.map(({ tokens }) => [...tokens])).not.toEqual(first.map(({ tokens }) => [...tokens]));
    });

    it('gives each prompt the same completions alone as in company', async () => {
      const together = await collect(engine.sample(request()));
      const alone = await Promise.all(
        prompts.map((prompt) => collect(engine.sample(request({ prompts: [prompt] })))),
      );
      expect(alone.flat().map(({ tokens, logProbs }) => ({ tokens, logProbs }))).toEqual(
        together.map(({ tokens, logProbs }) => ({ tokens, logProbs })),
      );
    });

    it('gives a crowd that does not fit side by side the same completions too', async () => {
      const crowd = await collect(engine.sample(request({ samples: 40 })));
      expect(crowd).toHaveLength(prompts.length * 40);
      const few = await collect(engine.sample(request()));
      const firstThree = crowd.filter(({ sample }) => sample < 3);
      expect(firstThree).toEqual(few);
    });

    it('makes different samples of a prompt that is asked twice', async () => {
      const twice = await collect(engine.sample(request({ prompts: [prompts[1], prompts[1]], samples: 8 })));
      const texts = twice.map(({ tokens }) => tokens.join());
      expect(texts.slice(0, 8)).not.toEqual(texts.slice(8));
    });

    it('ends at a stop token, or at the limit', async () => {
      for (const { tokens, logProbs, stopReason } of await collect(engine.sample(request({ samples: 20 })))) {
        expect(logProbs).toHaveLength(tokens.length);
        const stop = tokens.indexOf(1);
        expect(stopReason).toBe(stop >= 0 ? 'stop' : 'length');
        expect(tokens).toHaveLength(stop >= 0 ? stop + 1 : 20);
      }
    });

    it('reports the log-probabilities that training computes', async () => {
      const rollouts = await collect(engine.sample(request({ temperature: 0.7, topK: 12, topP: 0.9 })));
      const data = rollouts.map(({ prompt, tokens }) => sequenceDatum([...prompts[prompt]], [...tokens]));
      const scored = await engine.forward(model, data);
      rollouts.forEach(({ logProbs }, i) => {
        const trained = scored[i].slice(-logProbs.length);
        logProbs.forEach((p, t) => {
          expect(Math.abs(p - trained[t])).toBeLessThan(1e-5);
        });
      });
    });

    it.each([
      ['at temperature 1', {}],
      ['at temperature 0.5', { temperature: 0.5 }],
      ['with top-k', { topK: 3 }],
      ['with top-p', { topP: 0.6 }],
      ['with both', { temperature: 1.5, topK: 6, topP: 0.7 }],
    ])('draws from the distribution it should %s', async (_, settings: Partial<SampleRequest>) => {
      const prompt = prompts[3];
      const every = Array.from({ length: VOCABULARY }, (_, id) => sequenceDatum([...prompt], [id]));
      const logits = (await engine.forward(model, every)).map((row) => row[row.length - 1]);
      const expected = distribution(logits, settings);
      const rollouts = await collect(
        engine.sample(request({ prompts: [prompt], samples: draws, maxTokens: 1, ...settings })),
      );
      const seen = new Array<number>(VOCABULARY).fill(0);
      for (const { tokens } of rollouts) seen[tokens[0]]++;
      expected.forEach((p, id) => {
        if (p === 0) expect(seen[id]).toBe(0);
        // Five standard deviations, and one more for rounding at the rarest.
        else expect(Math.abs(seen[id] - draws * p)).toBeLessThan(5 * Math.sqrt(draws * p * (1 - p)) + 1);
      });
    });

    it('stops when told to', async () => {
      const control = new AbortController();
      control.abort();
      const sampled = collect(engine.sample(request(), { signal: control.signal }));
      await expect(sampled).rejects.toMatchObject({ name: 'AbortError' });
      expect(await collect(engine.sample(request({ samples: 1 })))).toHaveLength(prompts.length);
    });

    it('says how far it is', async () => {
      const seen: number[] = [];
      await collect(engine.sample(request(), { onProgress: ({ done }) => seen.push(done) }));
      expect(seen.at(-1)).toBe(prompts.length * 3);
    });

    it('counts what has become far likelier no more than a dual clip allows, if it was worse than expected', async () => {
      const model = await trainedModel();
      const datum = sequenceDatum([2, 3], [4]);
      const [now] = await engine.forward(model, [datum]);
      const fiveTimesLikelier = now.map((logProb) => logProb - Math.log(5));
      const loss = { kind: 'policy', aggregation: 'sum', clipLow: 0.2, clipHigh: 0.2 } as const;
      const lossOf = async (advantage: number, dualClip?: number) => {
        const advantages = new Float32Array(datum.tokens.length).fill(advantage);
        const data = [{ ...datum, advantages, logProbs: fiveTimesLikelier }];
        const report = await engine.forwardBackward(model, data, { ...loss, dualClip });
        const { gradNorm } = await engine.optimStep(model, { learningRate: 0 });
        return { loss: report.loss, still: gradNorm === 0 };
      };
      expect(await lossOf(-1)).toEqual({ loss: expect.closeTo(5, 4), still: false });
      expect(await lossOf(-1, 3)).toEqual({ loss: expect.closeTo(3, 4), still: true });
      expect(await lossOf(-1, 6)).toEqual({ loss: expect.closeTo(5, 4), still: false });
      expect(await lossOf(1, 3)).toEqual({ loss: expect.closeTo(-1.2, 4), still: true });
    });

    it('says which policy wrote', async () => {
      const mine = await trainedModel();
      const version = async () =>
        (await collect(engine.sample(request({ model: mine, samples: 1 }))))[0].policy;
      const before = await version();
      expect(await version()).toBe(before);
      expect(await engine.publish(mine)).toEqual({ model: mine, version: before + 1 });
      expect(await version()).toBe(before + 1);
      await engine.forwardBackward(mine, batch, crossEntropy);
      await engine.optimStep(mine, adam);
      expect(await version()).toBe(before + 2);
    });
  });

  describe('training', () => {
    it('is reproducible to the last bit', async () => {
      const [a, b] = [await trainedModel(), await trainedModel()];
      expect(await engine.inspect(a, 'weights')).toEqual(await engine.inspect(b, 'weights'));
    });

    it('is AdamW also where float32 cannot tell beta from one', async () => {
      const model = await trainedModel();
      const settings = { ...adam, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, maxGradNorm: 0.5 };
      const fresh = (await engine.save(model, 'weights alone')).files;
      const mine = await engine.createModel({ kind: 'files', files: fresh });
      const expected = new AdamW(await engine.inspect(mine, 'weights'), settings);
      for (let step = 1; step <= 3; step++) {
        await engine.forwardBackward(mine, batch, crossEntropy);
        expected.step(await engine.inspect(mine, 'gradients'));
        await engine.optimStep(mine, settings);
      }
      for (const [name, values] of Object.entries(await engine.inspect(mine, 'weights'))) {
        expect(relativeError(values, expected.weights[name])).toBeLessThan(1e-6);
      }
    });

    it('goes on from a checkpoint as if nothing had happened', async () => {
      const original = await trainedModel();
      const checkpoint = await engine.save(original, 'middle');
      const resumed = await engine.load(checkpoint, { optimizer: true });
      for (const model of [original, resumed]) {
        await engine.forwardBackward(model, batch, crossEntropy);
        expect((await engine.optimStep(model, adam)).step).toBe(7);
      }
      expect(await engine.inspect(resumed, 'weights')).toEqual(await engine.inspect(original, 'weights'));
    });

    it('hands back the files that it does not use', async () => {
      const { files } = await engine.save(await trainedModel(), 'first');
      const tokenizer = new TextEncoder().encode('{}');
      const model = await engine.createModel({
        kind: 'files',
        files: { ...files, 'tokenizer.json': tokenizer },
      });
      expect((await engine.save(model, 'second')).files['tokenizer.json']).toEqual(tokenizer);
    });

    it('adds up the gradients of several calls', async () => {
      const sum = { kind: 'cross-entropy', aggregation: 'sum' } as const;
      const [whole, parts] = [await trainedModel(), await trainedModel()];
      await engine.forwardBackward(whole, batch, sum);
      for (const datum of batch) await engine.forwardBackward(parts, [datum], sum);
      const [a, b] = [await engine.inspect(whole, 'gradients'), await engine.inspect(parts, 'gradients')];
      for (const [name, values] of Object.entries(a)) {
        const largest = values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
        values.forEach((x, i) => {
          expect(Math.abs(x - b[name][i])).toBeLessThanOrEqual(1e-5 * largest);
        });
      }
    });

    it('leaves the weights alone when a gradient is not finite', async () => {
      const model = await trainedModel();
      const before = await engine.inspect(model, 'weights');
      const explosive = { ...batch[0], weights: batch[0].weights.map((w) => w * 3e38) };
      await engine.forwardBackward(model, [explosive], { kind: 'cross-entropy', aggregation: 'sum' });
      const report = await engine.optimStep(model, adam);
      expect(report).toMatchObject({ applied: false, step: 6 });
      expect(await engine.inspect(model, 'weights')).toEqual(before);
    });
  });

  describe('bad input', () => {
    const rejects = async (call: Promise<unknown>, type: new (...args: never[]) => Error, text: RegExp) => {
      await expect(call).rejects.toBeInstanceOf(type);
      await expect(call).rejects.toThrow(text);
    };
    const datum = (change: Partial<Datum>): Datum[] => [{ ...batch[0], ...change }];

    it('is named', async () => {
      const model = await trainedModel();
      const train = (data: Datum[]) => engine.forwardBackward(model, data, crossEntropy);
      await rejects(train([]), InvalidRequestError, /batch is empty/);
      await rejects(
        train(datum({ targets: Int32Array.of(1) })),
        InvalidRequestError,
        /6 tokens but 1 targets/,
      );
      await rejects(
        train(datum({ weights: new Float32Array(6).fill(NaN) })),
        InvalidRequestError,
        /not finite/,
      );
      const strange = batch[0].tokens.with(2, 99);
      await rejects(
        train(datum({ tokens: strange })),
        InvalidRequestError,
        /token id 99, outside the vocabulary of 24/,
      );
      const long = sequenceDatum([2], new Array<number>(200).fill(3));
      await rejects(train([long]), InvalidRequestError, /at most 96/);
      const policy = { kind: 'policy', aggregation: 'token-mean', clipLow: 0.2, clipHigh: 0.2 } as const;
      await rejects(engine.forwardBackward(model, batch, policy), InvalidRequestError, /no advantages/);
      await rejects(engine.optimStep(model, adam), InvalidRequestError, /no gradients to apply/);
      await rejects(engine.forward('model-99', batch), UnknownModelError, /no model "model-99"/);

      const ask = (change: Partial<SampleRequest>) =>
        collect(
          engine.sample({ model, prompts: [Int32Array.of(2)], samples: 1, maxTokens: 4, seed: 0, ...change }),
        );
      await rejects(ask({ prompts: [] }), InvalidRequestError, /no prompts/);
      await rejects(ask({ prompts: [new Int32Array()] }), InvalidRequestError, /Prompt 0 is empty/);
      await rejects(ask({ maxTokens: 500 }), InvalidRequestError, /at most 96/);
      await rejects(ask({ temperature: -1 }), InvalidRequestError, /temperature/);
      await rejects(ask({ topP: 0 }), InvalidRequestError, /topP/);
      await rejects(ask({ samples: 0 }), InvalidRequestError, /samples/);
    });

    it('does not hurt what is there', async () => {
      const model = await trainedModel();
      const before = await engine.inspect(model, 'weights');
      await engine.forwardBackward(model, datum({ targets: Int32Array.of(1) }), crossEntropy).catch(() => {});
      expect(await engine.inspect(model, 'weights')).toEqual(before);
      await engine.forwardBackward(model, batch, crossEntropy);
    });

    it('includes models that do not fit, told from their config alone', async () => {
      const plan = await engine.plan(largeConfig);
      expect(plan.total).toBeGreaterThan(7.9e9);
      const budget = (await engine.capabilities()).memory;
      if (plan.total > budget) {
        const creation = engine.createModel({ kind: 'random', config: largeConfig, seed: 0 });
        await rejects(creation, OutOfMemoryError, /GiB/);
      }
      expect((await engine.plan(largeConfig, { trainable: false })).total).toBeLessThan(plan.total / 2);
    });

    it('includes models of other kinds, and broken files', async () => {
      const mixture = { ...tinyConfig, architectures: ['MixtralForCausalLM'], model_type: 'mixtral' };
      await rejects(
        engine.createModel({ kind: 'random', config: mixture, seed: 0 }),
        UnsupportedModelError,
        /[Mm]ixtral/,
      );
      const { files } = await engine.save(await trainedModel(), 'whole');
      const broken = { ...files, 'model.safetensors': new Uint8Array(100) };
      await expect(engine.createModel({ kind: 'files', files: broken })).rejects.toBeInstanceOf(
        InvalidSafetensorsError,
      );
    });

    it('includes models that were disposed of, and engines that were closed', async () => {
      const model = await trainedModel();
      await engine.dispose(model);
      await rejects(engine.forward(model, batch), UnknownModelError, /disposed/);
      const other = await open();
      await other.close();
      await expect(other.capabilities().then(() => other.publish('x'))).rejects.toBeInstanceOf(
        EngineClosedError,
      );
    });

    it('includes models that cannot train', async () => {
      const model = await engine.createModel(
        { kind: 'random', config: tinyConfig, seed: 1 },
        { trainable: false },
      );
      expect(await engine.forward(model, batch)).toHaveLength(2);
      await rejects(
        engine.forwardBackward(model, batch, crossEntropy),
        InvalidRequestError,
        /without gradients/,
      );
    });
  });
}

/** Decoupled weight decay and Adam in double precision, given the gradients. */
class AdamW {
  readonly weights: Record<string, Float64Array>;
  private readonly moments = new Map<string, { m: Float64Array; v: Float64Array }>();
  private count = 0;

  constructor(
    weights: Record<string, Float32Array>,
    private readonly settings: Required<AdamParams>,
  ) {
    this.weights = Object.fromEntries(
      Object.entries(weights).map(([name, w]) => [name, Float64Array.from(w)]),
    );
  }

  step(gradients: Record<string, Float32Array>): void {
    const { learningRate, beta1, beta2, epsilon, weightDecay, maxGradNorm } = this.settings;
    this.count++;
    const norm = Math.hypot(...Object.values(gradients).map((g) => Math.hypot(...g)));
    const scale = Math.min(1, maxGradNorm / (norm + 1e-6));
    for (const [name, w] of Object.entries(this.weights)) {
      const { m, v } = this.moments.get(name) ?? {
        m: new Float64Array(w.length),
        v: new Float64Array(w.length),
      };
      this.moments.set(name, { m, v });
      const decay = name.includes('norm') ? 0 : weightDecay;
      gradients[name].forEach((raw, i) => {
        const g = raw * scale;
        m[i] = beta1 * m[i] + (1 - beta1) * g;
        v[i] = beta2 * v[i] + (1 - beta2) * g * g;
        const spread = Math.sqrt(v[i] / (1 - beta2 ** this.count)) + epsilon;
        w[i] = w[i] * (1 - learningRate * decay) - (learningRate * m[i]) / (1 - beta1 ** this.count) / spread;
      });
    }
  }
}

/** What temperature, then top-k, then top-p make of a distribution, as transformers defines them. */
function distribution(
  logProbs: number[],
  { temperature = 1, topK = Infinity, topP = 1 }: Partial<SampleRequest>,
): number[] {
  const tempered = logProbs.map((p) => Math.exp(p / temperature));
  const order = tempered.map((_, id) => id).sort((a, b) => tempered[b] - tempered[a]);
  const candidates = order.slice(0, topK);
  const mass = candidates.reduce((sum, id) => sum + tempered[id], 0);
  const kept = new Set<number>();
  let before = 0;
  for (const id of candidates) {
    if (topP >= 1 || before < topP * mass) kept.add(id);
    before += tempered[id];
  }
  const total = [...kept].reduce((sum, id) => sum + tempered[id], 0);
  return tempered.map((p, id) => (kept.has(id) ? p / total : 0));
}
