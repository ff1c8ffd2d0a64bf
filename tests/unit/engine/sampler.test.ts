/**
 * What sampling computes: counted at the device, in rows per decode call and prompts read.
 */
import { describe, expect, it } from 'vitest';
import { LocalEngine } from '../../../src/engine/local';
import type { Device } from '../../../src/engine/ort/device';
import { openNodeDevice } from '../../../src/engine/ort/node';
import { tinyConfig } from '../../contract/behaviour';
import { collect } from '../../contract/golden';

/** An engine, and the shapes of what its device ran. */
async function watchedEngine(changes: Partial<Pick<Device, 'target'>> = {}) {
  const device = Object.assign(await openNodeDevice(), changes);
  const contexts: number[] = [];
  const decoded: number[] = [];
  const prefilled: (readonly number[])[] = [];
  const run = device.run.bind(device);
  const watched: Device = Object.assign(device, {
    run: (...args: Parameters<Device['run']>) => {
      const shapeOf = (name: string) => args[0].model.inputs.find((input) => input.name === name)?.shape;
      const [token, tokens] = [shapeOf('token'), shapeOf('tokens')];
      if (token) {
        decoded.push(token[0]);
        contexts.push(shapeOf('key.0')?.[2] ?? 0);
      } else if (tokens) prefilled.push(tokens);
      return run(...args);
    },
  });
  const engine = new LocalEngine(watched);
  const model = await engine.createModel({ kind: 'random', config: tinyConfig, seed: 2 });
  return { engine, model, decoded, contexts, prefilled, steps: device.decodeSteps };
}

const prompt = (...tokens: number[]) => Int32Array.from(tokens);

describe('the sampler', () => {
  it('reads a prompt once for all its samples', async () => {
    const { engine, model, prefilled } = await watchedEngine();
    await collect(
      engine.sample({ model, prompts: [prompt(2, 3, 4, 5)], samples: 32, maxTokens: 8, seed: 1 }),
    );
    expect(prefilled).toEqual([[16, 16]]); // a batch's shape depends on the prompt alone; one row is used
  });

  it('reads many prompts in one go, and one-token prompts not at all', async () => {
    const { engine, model, prefilled } = await watchedEngine();
    const prompts = Array.from({ length: 16 }, (_, i) => prompt(2, 3 + i, 4));
    await collect(engine.sample({ model, prompts, samples: 1, maxTokens: 8, seed: 1 }));
    expect(prefilled).toEqual([[16, 16]]);
    await collect(engine.sample({ model, prompts: [prompt(2)], samples: 4, maxTokens: 8, seed: 1 }));
    expect(prefilled).toHaveLength(1);
  });

  it('decodes no more than 64 sequences side by side, and fills rows again as they end', async () => {
    const { engine, model, decoded, steps } = await watchedEngine();
    const rollouts = await collect(
      engine.sample({ model, prompts: [prompt(2)], samples: 200, maxTokens: 32, seed: 1, stop: [3, 4, 5] }),
    );
    expect(Math.max(...decoded)).toBe(64);
    const rowsTimesTokens = decoded.reduce((sum, rows) => sum + rows * steps, 0);
    const written = rollouts.reduce((sum, { tokens }) => sum + tokens.length, 0);
    // Waiting for the longest of each batch of 64 would cost 4 batches of 32 tokens.
    expect(rowsTimesTokens).toBeLessThan(256 * 32 * 0.8);
    expect(rowsTimesTokens).toBeGreaterThanOrEqual(written);
  });

  it('shrinks the batch when few sequences are left', async () => {
    const { engine, model, decoded } = await watchedEngine();
    await collect(
      engine.sample({ model, prompts: [prompt(2)], samples: 64, maxTokens: 80, seed: 1, stop: [3, 4, 5] }),
    );
    expect(decoded[0]).toBe(64);
    expect(decoded.at(-1)).toBeLessThan(64);
    expect(decoded).toEqual(decoded.toSorted((a, b) => b - a));
  });

  it('begins with a small cache on a processor; what outgrows it goes on in a larger one, and writes the same', async () => {
    const request = {
      prompts: Array.from({ length: 90 }, (_, i) => prompt(2, 3 + (i % 20), 4)),
      samples: 1,
      maxTokens: 85,
      seed: 1,
      stop: [3],
    };
    const { engine, model, contexts } = await watchedEngine();
    const small = await collect(engine.sample({ ...request, model }));
    expect(contexts[0]).toBe(48);
    expect(contexts).toEqual(contexts.toSorted((a, b) => a - b));
    expect(contexts.at(-1)).toBe(96);

    const whole = await watchedEngine({ target: 'gpu' });
    const large = await collect(whole.engine.sample({ ...request, model: whole.model }));
    expect(new Set(whole.contexts)).toEqual(new Set([96]));
    expect(small.filter(({ tokens }) => tokens.length > 40).length).toBeGreaterThan(5);
    const byPrompt = (rollouts: typeof small) => rollouts.toSorted((a, b) => a.prompt - b.prompt);
    expect(byPrompt(small)).toEqual(byPrompt(large));
  });

  it('computes each sequence the same in any company, also where products split their sums by shape', async () => {
    // With several threads and more than 128 terms to add up, the rounding of a product depends on its shape.
    const wide = {
      ...tinyConfig,
      vocab_size: 48,
      hidden_size: 128,
      intermediate_size: 512,
      num_attention_heads: 8,
    };
    const engine = new LocalEngine(await openNodeDevice(2));
    const model = await engine.createModel({ kind: 'random', config: wide, seed: 2 });
    const prompts = Array.from({ length: 40 }, (_, i) =>
      prompt(2, 3 + i, 4, 5 + (i % 7), ...new Array(i % 30).fill(9)),
    );
    const request = { model, samples: 2, maxTokens: 12, stop: [], seed: 1 };
    const together = await collect(engine.sample({ ...request, prompts }));
    for (const [i, each] of prompts.entries()) {
      const alone = await collect(engine.sample({ ...request, prompts: [each] }));
      expect(alone.map(({ logProbs }) => logProbs)).toEqual(
        together.slice(2 * i, 2 * i + 2).map(({ logProbs }) => logProbs),
      );
    }
  });
});
