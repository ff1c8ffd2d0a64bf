/**
 * Vocabularies of any size: logits in chunks, the embedding's gradient by distinct tokens, and 151936 words in seconds.
 */
import { describe, expect, it } from 'vitest';
import { LocalEngine } from '../../../src/engine/local';
import { fillBatch, planBatches } from '../../../src/engine/ort/batches';
import { openNodeDevice } from '../../../src/engine/ort/node';
import { mix } from '../../../src/engine/ort/noise';
import { type LossKind, trainingModel } from '../../../src/graph/artifacts';
import { pullback } from '../../../src/graph/gradients';
import { trunk, Weights } from '../../../src/graph/llama';
import { logitRows, lossHead, scoreHead } from '../../../src/graph/losses';
import { mul } from '../../../src/graph/ops';
import { constant, differentiable, input, type Tensor } from '../../../src/graph/tensor';
import { parseModelConfig } from '../../../src/model/config';
import { parameters } from '../../../src/model/parameters';
import { keepsLargeVocabulariesRight } from '../../contract/large-vocabulary';
import { errorOf, evaluate, expectGradients, type Feeds, open, random } from './run';

keepsLargeVocabulariesRight(async () => new LocalEngine(await openNodeDevice(1)));

const [N, V, D] = [7, 11, 4];
const targets = constant(Int32Array.of(3, 10, 0, 3, 7, 1, 3), [N]);
const batch: Feeds = {
  weights: Float32Array.of(0.2, 0.1, 0, 0.3, 0.1, 0.2, 0.1),
  advantages: Float32Array.of(1, -1, 3, 0.5, -2, -0.5, 1.5),
  old_log_probs: Float32Array.of(-1, -4, -2, -3, -2, -1, -6),
  reference_log_probs: Float32Array.of(-2, -3, -1, -4, -2.5, -2, -3),
  ratio_low: Float32Array.of(0.8),
  ratio_high: Float32Array.of(1.28),
  ratio_dual: Float32Array.of(1.5),
  entropy_coefficient: Float32Array.of(0.05),
  kl_coefficient: Float32Array.of(0.1),
};
const losses: [string, LossKind][] = [
  ['cross-entropy', { kind: 'cross-entropy' }],
  ['PPO', { kind: 'policy', entropy: false, reference: false }],
  ['PPO with an entropy bonus', { kind: 'policy', entropy: true, reference: false }],
  ['PPO with a reference', { kind: 'policy', entropy: false, reference: true }],
  ['PPO with a dual clip', { kind: 'policy', entropy: false, reference: false, dual: true }],
  ['PPO with both', { kind: 'policy', entropy: true, reference: true }],
];

describe('the loss head, whose derivative is its own', () => {
  it.each(losses)('%s falls as its cotangents say', (_, kind) =>
    expectGradients(
      { hidden: [N, D], head: [V, D] },
      ({ hidden, head }) => {
        const { loss, cotangents } = lossHead(hidden, head, targets, kind);
        return differentiable(loss, [hidden, head], (g) => cotangents.map((c) => mul(c, g)));
      },
      batch,
    ),
  );
});

describe('logits in chunks', () => {
  it('are as few and as even as fit', () => {
    expect(logitRows(100, 50, 5000)).toBe(100); // all at once
    expect(logitRows(100, 50, 4999)).toBe(50); // two halves, not 99 and 1
    expect(logitRows(7, 11, 33)).toBe(3);
    expect(logitRows(7, 11, 1)).toBe(1); // a row at least
    expect(logitRows(2048, 151_936, 2 ** 24) * 151_936).toBeLessThanOrEqual(2 ** 24);
  });

  const hidden = constant(random('hidden', [N, D]), [N, D]);
  const head = constant(random('head', [V, D]), [V, D]);
  const same = async (whole: Record<string, Tensor>, chunked: Record<string, Tensor>) => {
    const [expected, actual] = [await evaluate(whole, batch), await evaluate(chunked, batch)];
    for (const [name, values] of Object.entries(expected)) {
      // A loss is a sum in which terms of about one may cancel.
      const error = name === 'loss' ? Math.abs(actual.loss[0] - values[0]) : errorOf(actual[name], values);
      expect(error, name).toBeLessThan(2e-6);
    }
  };

  describe.each([
    ['of three rows, the last one alone', 3 * V],
    ['of one row', 1],
  ])('%s', (_, limit) => {
    it.each(losses)('%s is the same', (_, kind) => {
      const outputs = (limit?: number) => {
        const { loss, logProbs, entropy, cotangents } = lossHead(hidden, head, targets, kind, limit);
        return { loss, logProbs, ...(entropy && { entropy }), hidden: cotangents[0], head: cotangents[1] };
      };
      return same(outputs(), outputs(limit));
    });

    it('scores are the same', () =>
      same({ ...scoreHead(hidden, head, targets) }, { ...scoreHead(hidden, head, targets, limit) }));
  });
});

describe('151936 words', () => {
  const config = (words: number) =>
    parseModelConfig({
      architectures: ['Qwen2ForCausalLM'],
      vocab_size: words,
      hidden_size: 64,
      intermediate_size: 96,
      num_hidden_layers: 1,
      num_attention_heads: 2,
      num_key_value_heads: 1,
      tie_word_embeddings: true,
    });
  const large = config(151_936);
  const { vocabSize, hiddenSize } = large;
  const used = [0, 1, 17, 4095, 4096, 77_777, 151_935];
  const [rows, length] = [2, 32];
  const count = rows * length;
  const layout = { rows, length, packing: 'plain' } as const;

  /** A sample of a batch, as the engine would hand it to the model. */
  const data = Array.from({ length: rows }, (_, row) => {
    const draw = (among: number, shift: number) =>
      Int32Array.from({ length }, (_, i) => mix(row * length + i + shift) % among);
    const tokens = draw(used.length, 1).map((slot) => used[slot]);
    const targets = draw(vocabSize, 1000).map((word, i) => (i % 2 ? word : used[i % used.length]));
    return { tokens, targets, weights: Float32Array.from(targets, (_, i) => (1 + (i % 3)) / 128) };
  });
  const [micro] = planBatches(data);
  const inputs = fillBatch(
    micro,
    data,
    data.map(({ weights }) => weights),
  );

  const uniform = (size: number, scale: number, seed: number) =>
    Float32Array.from({ length: size }, (_, i) => scale * (mix(i + seed) / 2 ** 31 - 1));
  const weights = Object.fromEntries(
    parameters(large).map(({ name, size, decay }, i) => [
      name,
      decay ? uniform(size, 0.2, i << 24) : uniform(size, 0.1, i << 24).map((x) => 1 + x),
    ]),
  );
  const rowOf = (table: ArrayLike<number>, row: number): number[] =>
    Array.from({ length: hiddenSize }, (_, d) => table[row * hiddenSize + d]);

  /**
   * The same model over a vocabulary of the used words alone, small enough for plain one-hot sums: its hidden states,
   * and what cotangents of those come to, for every parameter.
   */
  const trunkOfUsedWords = () => {
    const small = new Weights(config(used.length));
    const slots = constant(
      inputs.tokens.map((token) => used.indexOf(token)),
      [rows, length],
    );
    const { hidden } = trunk(small, slots, layout);
    const cotangent = input('cotangent', 'float32', hidden.shape);
    const names = [...small.byName.keys()];
    const gradients = pullback([[hidden, cotangent]], [...small.byName.values()]);
    const embed = Float32Array.from(used.flatMap((word) => rowOf(weights.embed, word)));
    return {
      feeds: { ...weights, embed } as Feeds,
      hidden,
      gradients: Object.fromEntries(names.map((name, i) => [`grad.${name}`, gradients[i]])),
    };
  };

  /** The head's part in float64: the loss, its cotangents of the hidden states, and rows of that of the table. */
  const head = (hidden: Float32Array) => {
    const table = Float64Array.from(weights.embed);
    const cotangent = new Float32Array(count * hiddenSize);
    const tableRows = new Map<number, Float64Array>();
    const logProbs = new Float64Array(count);
    const checked = [...used, 2, 4097, 100_000, ...inputs.targets.slice(0, 8)];
    let loss = 0;
    for (let n = 0; n < count; n++) {
      const h = Float64Array.from(rowOf(hidden, n));
      const p = new Float64Array(vocabSize);
      for (let word = 0, at = 0; word < vocabSize; word++) {
        let logit = 0;
        for (let d = 0; d < hiddenSize; d++) logit += h[d] * table[at++];
        p[word] = logit;
      }
      const largest = p.reduce((a, b) => Math.max(a, b));
      const logSum = largest + Math.log(p.reduce((sum, logit) => sum + Math.exp(logit - largest), 0));
      const [target, weight] = [inputs.targets[n], inputs.weights[n]];
      logProbs[n] = p[target] - logSum;
      loss -= weight * logProbs[n];
      const g = new Float64Array(hiddenSize);
      for (let word = 0, at = 0; word < vocabSize; word++) {
        p[word] = weight * (Math.exp(p[word] - logSum) - (word === target ? 1 : 0));
        for (let d = 0; d < hiddenSize; d++) g[d] += p[word] * table[at++];
      }
      cotangent.set(g, n * hiddenSize);
      for (const word of new Set(checked)) {
        const row = tableRows.get(word) ?? new Float64Array(hiddenSize);
        tableRows.set(word, row);
        for (let d = 0; d < hiddenSize; d++) row[d] += p[word] * h[d];
      }
    }
    return { loss, logProbs, cotangent, tableRows };
  };

  it('train in seconds, in little more memory than their table, and exactly', async () => {
    const before = process.resourceUsage().maxRSS;
    const started = performance.now();
    const run = await open(trainingModel(large, layout, { kind: 'cross-entropy' }));
    const actual = await run({ ...weights, ...inputs } as Feeds);
    expect(performance.now() - started).toBeLessThan(10_000);
    const grown = (process.resourceUsage().maxRSS - before) * 1024;
    expect(grown / weights.embed.byteLength).toBeLessThan(10); // one is the gradient, and all logits are one more

    const { feeds, hidden, gradients } = trunkOfUsedWords();
    const expected = head((await evaluate({ hidden }, feeds)).hidden);
    expect(actual.loss[0]).toBeCloseTo(expected.loss, 4);
    expect(errorOf(actual.log_probs, expected.logProbs)).toBeLessThan(1e-5);

    const below = await evaluate(gradients, { ...feeds, cotangent: expected.cotangent });
    for (const [word, row] of expected.tableRows) {
      const slot = used.indexOf(word);
      const read = slot < 0 ? row : rowOf(below['grad.embed'], slot).map((x, d) => x + row[d]);
      expect(errorOf(rowOf(actual['grad.embed'], word), read), `word ${word}`).toBeLessThan(1e-4);
    }
    for (const [name, values] of Object.entries(below)) {
      if (name !== 'grad.embed') expect(errorOf(actual[name], values), name).toBeLessThan(1e-5);
    }
  });
});
