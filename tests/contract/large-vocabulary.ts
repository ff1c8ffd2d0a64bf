/**
 * @file A vocabulary above 4096, where the embedding's gradient goes by the batch's distinct tokens: what PyTorch
 * computed, asked of an engine on any backend.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LargeVocabulary, loadLargeVocabulary } from '../golden/load';
import { type OpenEngine, relativeError } from './golden';

export function keepsLargeVocabulariesRight(open: () => Promise<OpenEngine>): void {
  describe('a vocabulary of 5003, of which a batch uses six tokens again and again', () => {
    let golden: LargeVocabulary;
    let engine: OpenEngine;

    beforeAll(async () => {
      golden = await loadLargeVocabulary();
      engine = await open();
    });
    afterAll(() => engine?.close());

    it('has the loss, the log-probabilities and every gradient that PyTorch has', async () => {
      const model = await engine.createModel({ kind: 'files', files: Object.fromEntries(golden.files) });
      const batch = golden.tokens.map((tokens, i) => ({
        tokens: Int32Array.from(tokens),
        targets: Int32Array.from(golden.targets[i]),
        weights: Float32Array.from(golden.weights[i]),
      }));
      const report = await engine.forwardBackward(model, batch, {
        kind: 'cross-entropy',
        aggregation: 'sum',
      });
      expect(Math.abs(report.loss - golden.loss)).toBeLessThan(1e-5);
      report.logProbs.forEach((row, i) => {
        expect(relativeError(row, golden.logProbs[i])).toBeLessThan(1e-5);
      });
      const found = await engine.inspect(model, 'gradients');
      expect(Object.keys(found).sort()).toEqual([...golden.gradients.keys()].sort());
      for (const [name, values] of golden.gradients) {
        expect(relativeError(found[name], values), name).toBeLessThan(1e-5);
      }

      // Rows that no token reads are a thousand times smaller: they are held to their own scale.
      const { hiddenSize } = golden.config;
      const read = new Set([...golden.tokens, ...golden.targets].flat());
      const unread = (table: Float32Array) => table.filter((_, i) => !read.has(Math.floor(i / hiddenSize)));
      const [embedding, expected] = [found, Object.fromEntries(golden.gradients)].map((gradients) =>
        unread(gradients['model.embed_tokens.weight']),
      );
      expect(expected.length).toBeGreaterThan(4900 * hiddenSize);
      expect(relativeError(embedding, expected)).toBeLessThan(1e-5);
    });
  });
}
