/**
 * @file Completions: text prompts in, what the model wrote out. Each arrives as soon as the engine has it, so that Python can
 * begin on it while the rest is still being written.
 */

import type { Rollout } from '../engine/engine';
import type { Scene } from './players';
import { Draws } from './random';
import type { SamplingOptions } from './requests';

export interface Prompt {
  text: string;
  tokens: Int32Array;
}

export interface Completion {
  text: string;
  tokens: Int32Array;
  logProbs: Float32Array;
  stopReason: Rollout['stopReason'];
  policy: number;
}

export interface Asked {
  /** What the completions are for: they follow from this name, the step and the run's seed. */
  name: string;
  prompts: readonly Prompt[];
  samples: number;
  sampling: SamplingOptions;
}

/** `meanwhile` is called with each completion when it arrives; what it returns is what counts. In the order of prompts and samples. */
export async function complete<T>(
  scene: Scene,
  { name, prompts, samples, sampling }: Asked,
  meanwhile: (completion: Completion, prompt: number, sample: number) => Promise<T>,
): Promise<T[][]> {
  const { players, stopwatch, control } = scene;
  const { engine, dialect } = players;
  const results: Promise<T>[][] = prompts.map(() => []);
  if (prompts.length === 0) return [];
  const total = prompts.length * samples;
  let done = 0;
  control.onProgress?.({ phase: name, done, total });
  stopwatch.begin('sample');
  try {
    const rollouts = engine.sample(
      {
        ...sampling,
        model: scene.model,
        prompts: prompts.map(({ tokens }) => tokens),
        samples,
        stop: dialect.stop,
        seed: new Draws(scene.config.seed, scene.step, name).seed(),
      },
      { signal: control.signal },
    );
    for await (const { prompt, sample, tokens, logProbs, stopReason, policy } of rollouts) {
      const completion: Completion = {
        text: dialect.tokenizer.decode(tokens),
        tokens,
        logProbs,
        stopReason,
        policy: scene.policyOf(policy),
      };
      const result = meanwhile(completion, prompt, sample);
      result.catch(() => undefined); // thrown below, when its turn comes
      results[prompt][sample] = result;
      done++;
      control.onProgress?.({ phase: name, done, total });
    }
  } finally {
    stopwatch.end('sample');
  }
  if (done !== total) {
    throw new Error(`The engine was asked for ${total} completions and gave ${done}: start the run again.`);
  }
  return Promise.all(results.map((each) => Promise.all(each)));
}

/** A text as the model reads it. */
export function promptOf(scene: Pick<Scene, 'players'>, text: string): Prompt {
  return { text, tokens: scene.players.dialect.tokenizer.encode(text) };
}
