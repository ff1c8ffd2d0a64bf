/**
 * @file Work that can be timed again and again: training steps or completions, by us or by a peer. A job is described by
 * plain data, so that the command line can start the same one in Node and in the page.
 */

import type { Engine } from '../../src/engine/engine';
import { ADAM, batchOf, SEED, type Subject } from './subject';

export type JobSpec =
  | { kind: 'train'; who: 'ours' | 'tfjs' | 'jax'; backend: string; subject: Subject }
  | { kind: 'sample'; who: 'ours'; backend: string; subject: Subject; rows: number; tokens: number };

export interface Timing {
  ms: number;
  /** Of training: the loss before each step. */
  losses: number[];
}

export interface Job {
  /** Does it `count` times. What is read back at the end of a step counts as part of it. */
  time(count: number): Promise<Timing>;
  close(): Promise<void>;
}

export async function timeSteps(count: number, step: () => Promise<number>): Promise<Timing> {
  const losses: number[] = [];
  const start = performance.now();
  for (let i = 0; i < count; i++) losses.push(await step());
  return { ms: performance.now() - start, losses };
}

/** A job of ours, on an engine that is open already. */
export async function ourJob(engine: Engine, spec: JobSpec): Promise<Job> {
  const model = await engine.createModel({ kind: 'random', config: spec.subject.config, seed: SEED });
  const close = () => engine.dispose(model);
  if (spec.kind === 'train') {
    const batch = batchOf(spec.subject);
    const step = async () => {
      const { loss } = await engine.forwardBackward(model, batch, {
        kind: 'cross-entropy',
        aggregation: 'token-mean',
      });
      await engine.optimStep(model, ADAM);
      return loss;
    };
    return { time: (count) => timeSteps(count, step), close };
  }
  // As many different prompts as rows: shared ones would be read once.
  const prompts = Array.from({ length: spec.rows }, (_, i) =>
    Int32Array.of(1, 2 + (i % 8), 3 + (i >> 3), 4, 5, 6, 7, 8),
  );
  let seed = 0;
  const sample = async () => {
    const request = { model, prompts, samples: 1, maxTokens: spec.tokens, stop: [], seed: seed++ };
    for await (const _ of engine.sample(request)) {
      // Only the time counts.
    }
    return 0;
  };
  return { time: (count) => timeSteps(count, sample), close };
}
