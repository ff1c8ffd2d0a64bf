import { describe, expect, test } from 'vitest';
import { goldenNames, loadGolden } from '../../golden/load';

const sum = (rows: number[][], f: (row: number, position: number) => number) =>
  rows.reduce((total, row, r) => total + row.reduce((inner, _, n) => inner + f(r, n), 0), 0);

/** The golden data is what every backend is held against: here it is held against its own definitions. */
describe.each(goldenNames)('%s', (name) => {
  test('the log-probs and entropies are those of the logits', async () => {
    const { logits, targets, logProbs, entropy, config } = await loadGolden(name);
    expect(logits.length).toBe(3 * 16 * config.vocabSize);
    targets.flat().forEach((target, i) => {
      const row = logits.subarray(i * config.vocabSize, (i + 1) * config.vocabSize);
      const logSum = Math.log(row.reduce((total, x) => total + Math.exp(x), 0));
      expect(row[target]! - logSum).toBeCloseTo(logProbs.flat()[i]!, 5);
      const h = row.reduce((total, x) => total - Math.exp(x - logSum) * (x - logSum), 0);
      expect(h).toBeCloseTo(entropy.flat()[i]!, 5);
    });
  });

  test('the losses follow from the log-probs', async () => {
    const { logProbs, weights, entropy, ppo, ppoWeights, losses } = await loadGolden(name);
    expect(-sum(weights, (r, n) => weights[r]![n]! * logProbs[r]![n]!)).toBeCloseTo(losses.crossEntropy, 12);
    const token = (r: number, n: number) => {
      const at = (rows: number[][]) => rows[r]![n]!;
      const ratio = Math.exp(at(logProbs) - at(ppo.oldLogProbs));
      const clipped = Math.min(Math.max(ratio, 1 - ppo.clipLow), 1 + ppo.clipHigh);
      const surrogate = Math.min(ratio * at(ppo.advantages), clipped * at(ppo.advantages));
      const d = at(ppo.refLogProbs) - at(logProbs);
      return -surrogate - ppo.entropyCoefficient * at(entropy) + ppo.klCoefficient * (Math.exp(d) - d - 1);
    };
    for (const mean of ['tokenMean', 'sequenceMean'] as const) {
      const w = ppoWeights[mean];
      expect(sum(w, (r, n) => w[r]![n]! * token(r, n))).toBeCloseTo(losses[mean], 12);
      expect(sum(w, (r, n) => w[r]![n]!)).toBeCloseTo(1, 12);
    }
  });

  test('the first step of training starts from the same loss and gradient, and clipping is on, then off', async () => {
    const { adamw, losses, gradients } = await loadGolden(name);
    expect(adamw.losses[0]).toBe(losses.crossEntropy);
    let squares = 0;
    for (const gradient of gradients.crossEntropy.values())
      squares += gradient.reduce((s, g) => s + g * g, 0);
    expect(Math.sqrt(squares)).toBeCloseTo(adamw.gradientNorms[0]!, 5);
    expect(adamw.gradientNorms[0]).toBeGreaterThan(adamw.maxNorm);
    expect(adamw.gradientNorms.at(-1)).toBeLessThan(adamw.maxNorm);
    expect(adamw.losses.at(-1)).toBeLessThan(losses.crossEntropy);
  });

  test('every weight has its gradients and its trained value', async () => {
    const { weightTensors, gradients, trained } = await loadGolden(name);
    for (const tensors of [...Object.values(gradients), trained]) {
      expect([...tensors.keys()].sort()).toEqual([...weightTensors.keys()].sort());
      for (const [key, values] of tensors) expect(values.length).toBe(weightTensors.get(key)?.length);
    }
  });

  test('the texts have the lengths they should', async () => {
    const { greedy, sharedPrompt } = await loadGolden(name);
    expect(greedy.map(({ prompt }) => prompt.length)).toEqual([2, 5, 9]);
    for (const text of greedy) expect([text.continuation.length, text.logProbs.length]).toEqual([24, 24]);
    expect(sharedPrompt.responses.map((r) => r.length)).toEqual(sharedPrompt.logProbs.map((p) => p.length));
  });
});
