/**
 * @file What PEFT, transformers and PyTorch computed for LoRA adapters in float64, asked of an engine; and what
 * an engine promises of adapters besides. One suite for every backend.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Datum, ModelSource } from '../../src/engine/engine';
import { InvalidRequestError } from '../../src/engine/errors';
import { ADAPTER_TARGETS } from '../../src/model/adapter';
import type { BasePrecision } from '../../src/model/build';
import { InvalidAdapterError, MissingFileError } from '../../src/model/errors';
import { type AdapterGolden, type AdapterName, adapterNames, loadAdapter } from '../golden/load-adapters';
import { tinyConfig } from './behaviour';
import { collect, type OpenEngine, relativeError, sequenceDatum, worst } from './golden';

const sum = { kind: 'cross-entropy', aggregation: 'sum' } as const;

const batchOf = (golden: AdapterGolden): Datum[] =>
  golden.tokens.map((tokens, i) => ({
    tokens: Int32Array.from(tokens),
    targets: Int32Array.from(golden.targets[i]),
    weights: Float32Array.from(golden.weights[i]),
  }));

/**
 * The logits of the first row, as the log-probability of every word at every position; how far they are from
 * those expected.
 */
async function logitsError(
  engine: OpenEngine,
  model: string,
  { tokens, logits }: { tokens: number[][]; logits: Float32Array },
): Promise<number> {
  const [first] = tokens;
  const vocabulary = logits.length / tokens.flat().length;
  const data = Array.from({ length: vocabulary }, (_, word) => ({
    tokens: Int32Array.from(first),
    targets: Int32Array.from(first, () => word),
  }));
  const scored = await engine.forward(model, data);
  const errors = first.map((_, position) => {
    const row = Array.from(logits.subarray(position * vocabulary, (position + 1) * vocabulary));
    const logSum = Math.log(row.reduce((total, logit) => total + Math.exp(logit), 0));
    return Math.max(...row.map((logit, word) => Math.abs(scored[word][position] - (logit - logSum))));
  });
  return Math.max(...errors);
}

export function adaptsAsPeftDoes(
  open: () => Promise<OpenEngine>,
  names: readonly AdapterName[] = adapterNames,
): void {
  describe.each(names)('an adapter of %s, as PEFT and PyTorch compute it', (name) => {
    let golden: AdapterGolden;
    let engine: OpenEngine;
    let model: string;
    const createModel = () =>
      engine.createModel({ kind: 'files', files: { ...golden.base, ...golden.adapter } });

    beforeAll(async () => {
      golden = await loadAdapter(name);
      engine = await open();
      model = await createModel();
    });
    afterAll(() => engine?.close());

    it('has the same logits', async () => {
      expect(await logitsError(engine, model, golden)).toBeLessThan(1e-4);
    });

    it('writes the same 128 tokens greedily, with the same log-probabilities', async () => {
      const rollouts = await collect(
        engine.sample({
          model,
          prompts: golden.greedy.map(({ prompt }) => Int32Array.from(prompt)),
          samples: 1,
          maxTokens: 128,
          temperature: 0,
          stop: [],
          seed: 0,
        }),
      );
      rollouts.forEach(({ tokens, logProbs }, i) => {
        expect([...tokens]).toEqual(golden.greedy[i].continuation);
        logProbs.forEach((p, t) => {
          expect(Math.abs(p - golden.greedy[i].logProbs[t])).toBeLessThan(1e-4);
        });
      });
    });

    it('has the same loss, and the gradient of every matrix of the adapter and of nothing else', async () => {
      const report = await engine.forwardBackward(model, batchOf(golden), sum);
      expect(Math.abs(report.loss - golden.loss)).toBeLessThan(1e-5);
      expect(worst(await engine.inspect(model, 'gradients'), golden.gradients).error).toBeLessThan(1e-5);
    });

    it('is where torch.optim.AdamW is after some steps, and so is what it then exports', async () => {
      const { adamw } = golden;
      const model = await createModel();
      for (let step = 0; step < adamw.steps; step++) {
        const { loss } = await engine.forwardBackward(model, batchOf(golden), sum);
        expect(Math.abs(loss - adamw.losses[step])).toBeLessThan(1e-4);
        const { gradNorm } = await engine.optimStep(model, {
          learningRate: adamw.learningRate,
          beta1: adamw.betas[0],
          beta2: adamw.betas[1],
          epsilon: adamw.eps,
          weightDecay: adamw.weightDecay,
          maxGradNorm: adamw.maxNorm,
        });
        expect(Math.abs(gradNorm / adamw.gradientNorms[step] - 1)).toBeLessThan(1e-4);
      }
      expect(worst(await engine.inspect(model, 'weights'), golden.trained).error).toBeLessThan(1e-4);
      const expected = { tokens: golden.tokens, logits: golden.trainedLogits };
      expect(await logitsError(engine, model, expected)).toBeLessThan(1e-4);

      const { files } = await engine.save(model, 'adapter');
      expect(Object.keys(files).sort()).toEqual([
        'adapter_config.json',
        'adapter_model.safetensors',
        'trainer_state.safetensors',
      ]);
      const again = await engine.load(
        { name: 'adapter', files },
        { optimizer: false, baseModel: { kind: 'files', files: golden.base } },
      );
      expect(await logitsError(engine, again, expected)).toBeLessThan(1e-4);

      const whole = await engine.save(model, 'merged', {}, { merged: true });
      expect(Object.keys(whole.files).filter((file) => /adapter|trainer/.test(file))).toEqual([]);
      expect(
        await logitsError(engine, await engine.createModel({ kind: 'files', files: whole.files }), expected),
      ).toBeLessThan(1e-4);
    });
  });
}

export function keepsAdaptersPromises(open: () => Promise<OpenEngine>): void {
  describe('an adapter', () => {
    let engine: OpenEngine;
    const base: ModelSource = { kind: 'random', config: tinyConfig, seed: 7 };
    const adapter = { rank: 3, alpha: 6, targets: ADAPTER_TARGETS, seed: 1 };
    const batch = [sequenceDatum([2, 3, 4], [5, 6, 7, 1]), sequenceDatum([2, 9], [8, 7, 1])];
    const adam = { learningRate: 1e-2, weightDecay: 0.1, maxGradNorm: 1 };
    const step = async (model: string) => {
      await engine.forwardBackward(model, batch, sum);
      return engine.optimStep(model, adam);
    };
    beforeAll(async () => {
      engine = await open();
    });
    afterAll(() => engine?.close());

    it('changes nothing at its birth', async () => {
      const [plain, adapted] = [await engine.createModel(base), await engine.createModel(base, { adapter })];
      const scores = await engine.forward(adapted, batch);
      (await engine.forward(plain, batch)).forEach((row, i) => {
        expect(relativeError(scores[i], row)).toBeLessThan(1e-6);
      });
    });

    it('lowers the loss, and leaves its model as it was', async () => {
      const model = await engine.createModel(base, { adapter });
      const first = await engine.forwardBackward(model, batch, sum);
      await engine.optimStep(model, adam);
      for (let i = 0; i < 5; i++) await step(model);
      expect((await engine.forwardBackward(model, batch, sum)).loss).toBeLessThan(first.loss - 1);
      const { files } = await engine.save(model, 'adapter');
      expect(Object.keys(files)).not.toContain('model.safetensors');
    });

    it('is trained the same where layers are computed again rather than kept', async () => {
      for (const options of [{}, { adapter }, { adapter, base: 'int8' } as const]) {
        const [kept, again] = [
          await engine.createModel(base, { ...options, recompute: false }),
          await engine.createModel(base, { ...options, recompute: true }),
        ];
        for (const model of [kept, again]) await engine.forwardBackward(model, batch, sum);
        const expected = new Map(Object.entries(await engine.inspect(kept, 'gradients')));
        expect(worst(await engine.inspect(again, 'gradients'), expected).error).toBeLessThan(1e-6);
      }
    });

    it('takes a quarter of what all of the model takes to train', async () => {
      const [whole, adapted] = [await engine.plan(tinyConfig), await engine.plan(tinyConfig, { adapter })];
      const item = (plan: typeof whole, name: string) => plan.items.find((each) => each.name === name)?.bytes;
      expect(item(adapted, 'moments')).toBeLessThan((item(whole, 'moments') ?? 0) / 4);
      expect(item(adapted, 'weights')).toBeGreaterThan(item(whole, 'weights') ?? 0);
    });

    it('goes on from a checkpoint and its base as if nothing had happened', async () => {
      const original = await engine.createModel(base, { adapter });
      for (let i = 0; i < 3; i++) await step(original);
      const resumed = await engine.load(await engine.save(original, 'middle'), {
        optimizer: true,
        baseModel: base,
      });
      for (const model of [original, resumed]) expect((await step(model)).step).toBe(4);
      expect(await engine.inspect(resumed, 'weights')).toEqual(await engine.inspect(original, 'weights'));
    });

    it('gives each prompt the same completions alone as in company', async () => {
      const model = await engine.createModel(base, { adapter });
      for (let i = 0; i < 6; i++) await step(model);
      const prompts = [[2], [2, 3, 4], [5, 6, 7, 8, 9, 10, 11]].map((ids) => Int32Array.from(ids));
      const ask = (some: Int32Array[]) =>
        collect(engine.sample({ model, prompts: some, samples: 20, maxTokens: 12, seed: 5 }));
      const together = await ask(prompts);
      const alone = (await Promise.all(prompts.map((prompt) => ask([prompt])))).flat();
      expect(alone.map(({ tokens, logProbs }) => ({ tokens, logProbs }))).toEqual(
        together.map(({ tokens, logProbs }) => ({ tokens, logProbs })),
      );
    });

    it('is refused in one sentence where it makes no sense', async () => {
      const refuses = async (call: Promise<unknown>, type: new (...args: never[]) => Error, text: RegExp) => {
        await expect(call).rejects.toBeInstanceOf(type);
        await expect(call).rejects.toThrow(text);
      };
      const create = (change: object) => engine.createModel(base, { adapter: { ...adapter, ...change } });
      await refuses(create({ rank: 0 }), InvalidAdapterError, /rank/);
      await refuses(create({ alpha: -1 }), InvalidAdapterError, /alpha/);
      await refuses(create({ targets: [] }), InvalidAdapterError, /needs a target/);
      await refuses(create({ targets: ['lm_head'] }), InvalidAdapterError, /"lm_head" is no target/);

      const model = await engine.createModel(base, { adapter });
      const alone = await engine.save(model, 'alone');
      await refuses(engine.load(alone, { optimizer: true }), MissingFileError, /adapter without its model/);
      const whole = await engine.save(model, 'whole', {}, { merged: true });
      await refuses(
        engine.load(whole, { optimizer: false, baseModel: base }),
        InvalidRequestError,
        /without a base model/,
      );
      const both = { kind: 'files', files: { ...whole.files, ...alone.files } } as const;
      await refuses(engine.createModel(both, { adapter }), InvalidRequestError, /hold an adapter already/);
    });
  });
}

export function roundsItsBase(
  open: () => Promise<OpenEngine>,
  bases: readonly Exclude<BasePrecision, 'float32'>[] = ['float16', 'int8', 'int4'],
): void {
  describe.each(bases)('a base in %s', (base) => {
    let engine: OpenEngine;
    /** The rounded model, and the same numbers in float32. */
    let rounded: ModelSource;
    let whole: ModelSource;
    const config = { ...tinyConfig, hidden_size: 64, intermediate_size: 96, tie_word_embeddings: false };
    const adapter = { rank: 4, alpha: 8, targets: ADAPTER_TARGETS, seed: 3 };
    const batch = [sequenceDatum([2, 3, 4], [5, 6, 7, 1]), sequenceDatum([2, 9], [8, 7, 1])];
    const step = async (model: string) => {
      await engine.forwardBackward(model, batch, sum);
      await engine.optimStep(model, { learningRate: 1e-2, epsilon: 1e-4 });
    };

    beforeAll(async () => {
      engine = await open();
      rounded = { kind: 'random', config, seed: 11 };
      const answering = await engine.createModel(rounded, { base, trainable: false });
      whole = { kind: 'files', files: (await engine.save(answering, 'whole')).files };
    });
    afterAll(() => engine?.close());

    it('is another model than in float32, but not much', async () => {
      const of = async (source: ModelSource) =>
        (await engine.forward(await engine.createModel(source, { trainable: false }), batch))[0];
      const error = relativeError(await of(whole), await of(rounded));
      expect(error).toBeGreaterThan(1e-5);
      expect(error).toBeLessThan({ float16: 2e-3, int8: 0.02, int4: 0.2 }[base]);
    });

    it('scores, trains (its layers computed again) and writes as its own numbers in float32 do', async () => {
      const [few, all] = [
        await engine.createModel(rounded, { adapter, base, recompute: true }),
        await engine.createModel(whole, { adapter, recompute: false }),
      ];
      for (let i = 0; i < 3; i++) {
        const [a, b] = [await engine.forward(few, batch), await engine.forward(all, batch)];
        a.forEach((row, n) => {
          expect(relativeError(row, b[n])).toBeLessThan(1e-5);
        });
        for (const model of [few, all]) await engine.forwardBackward(model, batch, sum);
        const expected = new Map(Object.entries(await engine.inspect(all, 'gradients')));
        expect(worst(await engine.inspect(few, 'gradients'), expected).error).toBeLessThan(1e-4);
        for (const model of [few, all]) await engine.optimStep(model, { learningRate: 1e-2, epsilon: 1e-4 });
      }
      const write = (model: string) =>
        collect(engine.sample({ model, prompts: [Int32Array.of(2, 3)], samples: 4, maxTokens: 24, seed: 1 }));
      expect((await write(few)).map(({ tokens }) => tokens)).toEqual(
        (await write(all)).map(({ tokens }) => tokens),
      );
    });

    it('is rounded again when training goes on', async () => {
      const original = await engine.createModel(rounded, { adapter, base });
      await step(original);
      const saved = await engine.save(original, 'middle');
      const resumed = await engine.load(saved, { optimizer: true, baseModel: rounded });
      for (const model of [original, resumed]) await step(model);
      expect(await engine.inspect(resumed, 'weights')).toEqual(await engine.inspect(original, 'weights'));
    });

    it('is not trained itself', async () => {
      const create = engine.createModel(rounded, { base });
      await expect(create).rejects.toBeInstanceOf(InvalidRequestError);
      await expect(create).rejects.toThrow(/train an adapter beside them/);
    });

    it('takes less memory', async () => {
      const weights = async (options: object) =>
        (await engine.plan(config, { adapter, ...options })).items.find(({ name }) => name === 'weights')
          ?.bytes ?? 0;
      expect((await weights({ base })) / (await weights({}))).toBeLessThan(0.7);
    });
  });
}
