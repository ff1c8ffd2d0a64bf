/**
 * @file The self-test as the page sees it: train a tiny model for some steps on this device and watch its loss fall. The
 * work happens in the engine's worker, so a busy or hidden tab neither slows it nor is slowed by it.
 */

import type { Datum, Engine, ModelId, Rollout } from '../../engine/engine';
import { WorkerEngine } from '../../engine/worker';
import { parseModelConfig } from '../../model/config';
import { parameterCount } from '../../model/parameters';

export interface SelfTestOptions {
  backend: 'auto' | 'webgpu' | 'wasm';
  steps: number;
  seed: number;
}

export type SelfTestPhase = 'loading' | 'compiling' | 'training';

export interface SelfTestProgress {
  phase: SelfTestPhase;
  /** Steps done so far; 0 until training starts. */
  step: number;
  steps: number;
  /** Loss of the last step, in nats per token; null until there is one. */
  loss: number | null;
  tokensPerSecond: number | null;
  elapsedMs: number;
}

/** One thing that was looked at. */
export interface SelfTestCheck {
  name: string;
  ok: boolean;
  /** What was seen, in a few words. */
  detail: string;
}

export interface SelfTestResult {
  /** What it ran on, once `auto` is decided. */
  backend: 'webgpu' | 'wasm';
  /** For people: 'WebGPU (JSPI)', 'WebAssembly, 8 threads'. */
  engine: string;
  steps: number;
  parameters: number;
  firstLoss: number;
  lastLoss: number;
  /** Of the steps after warm-up. */
  tokensPerSecond: number;
  elapsedMs: number;
  /** All of them ok means that the test passed. */
  checks: SelfTestCheck[];
}

/**
 * Resolves with what was measured, rejects with a named error that says what to do, or with an AbortError after
 * `signal`. `onProgress` is called at every phase and after every step.
 */
export type RunSelfTest = (
  options: SelfTestOptions,
  onProgress: (progress: SelfTestProgress) => void,
  signal: AbortSignal,
) => Promise<SelfTestResult>;

/** Counting on in steps: after two numbers the rest follows, so a model that learns gets to a loss near zero. */
const NUMBERS = 16;
const LENGTH = 16;
const BATCH = 16;
const LEARNING_RATE = 3e-3;
/** Steps that still compile shaders, or prove a recording of them: left out of the speed. */
const WARM_UP = 4;

const config = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  vocab_size: NUMBERS,
  hidden_size: 64,
  intermediate_size: 192,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 64,
  tie_word_embeddings: true,
};

const countingOn = (start: number, by: number, length: number): number[] =>
  Array.from({ length }, (_, i) => (start + by * i) % NUMBERS);

function countingBatch(random: () => number): Datum[] {
  return Array.from({ length: BATCH }, () => {
    const numbers = countingOn(Math.floor(random() * NUMBERS), 1 + Math.floor(random() * 5), LENGTH + 1);
    return {
      tokens: Int32Array.from(numbers.slice(0, -1)),
      targets: Int32Array.from(numbers.slice(1)),
      weights: Float32Array.from({ length: LENGTH }, (_, i) => (i === 0 ? 0 : 1)), // the step cannot be guessed
    };
  });
}

export const runSelfTest: RunSelfTest = async ({ backend, steps, seed }, onProgress, signal) => {
  const started = performance.now();
  const elapsedMs = () => performance.now() - started;
  const report = (phase: SelfTestPhase, step = 0, loss: number | null = null, speed: number | null = null) =>
    onProgress({ phase, step, steps, loss, tokensPerSecond: speed, elapsedMs: elapsedMs() });

  report('loading');
  const engine = await WorkerEngine.open(backend);
  try {
    signal.throwIfAborted();
    const { device, backend: chosen } = await engine.capabilities();
    const model = await engine.createModel({ kind: 'random', config, seed }, {}, { signal });
    report('compiling');

    const random = randomNumbers(seed);
    const losses: number[] = [];
    let speed: number | null = null;
    let timed = performance.now();
    for (let step = 1; step <= steps; step++) {
      signal.throwIfAborted();
      const loss = { kind: 'cross-entropy', aggregation: 'token-mean' } as const;
      losses.push((await engine.forwardBackward(model, countingBatch(random), loss)).loss);
      await engine.optimStep(model, { learningRate: LEARNING_RATE, maxGradNorm: 1 });
      if (step === WARM_UP) timed = performance.now();
      if (step > WARM_UP) speed = ((step - WARM_UP) * BATCH * LENGTH * 1000) / (performance.now() - timed);
      report('training', step, losses[step - 1], speed);
    }
    const [firstLoss, lastLoss] = [losses[0], losses[losses.length - 1]];
    return {
      backend: chosen === 'webgpu' ? 'webgpu' : 'wasm',
      engine: device,
      steps,
      parameters: parameterCount(parseModelConfig(config)),
      firstLoss,
      lastLoss,
      tokensPerSecond: speed ?? 0,
      elapsedMs: elapsedMs(),
      checks: [
        {
          name: 'It learns',
          ok: lastLoss < firstLoss / 2,
          detail: `loss ${firstLoss.toFixed(2)} to ${lastLoss.toFixed(3)}`,
        },
        ...(await checkSampling(engine, model, seed, signal)),
      ],
    };
  } finally {
    await engine.close();
  }
};

/** What was learned shows in new text, the same seed writes the same, and both halves of the engine agree on it. */
async function checkSampling(
  engine: Engine,
  model: ModelId,
  seed: number,
  signal: AbortSignal,
): Promise<SelfTestCheck[]> {
  const sample = async (temperature: number): Promise<Rollout[]> => {
    const prompts = Array.from({ length: NUMBERS }, (_, start) => Int32Array.from(countingOn(start, 3, 2)));
    const all: Rollout[] = [];
    const request = { model, prompts, samples: 1, maxTokens: 12, stop: [], temperature, seed };
    for await (const rollout of engine.sample(request, { signal })) all.push(rollout);
    return all.sort((a, b) => a.prompt - b.prompt);
  };
  const greedy = await sample(0);
  const right = greedy.filter(
    ({ prompt, tokens }) => tokens.join() === countingOn(prompt, 3, 14).slice(2).join(),
  );
  const [one, two] = [await sample(1), await sample(1)];
  const same = one.every(({ tokens }, i) => tokens.join() === two[i].tokens.join());
  const data = one.map(({ prompt, tokens }) => {
    const text = [...countingOn(prompt, 3, 2), ...tokens];
    return { tokens: Int32Array.from(text.slice(0, -1)), targets: Int32Array.from(text.slice(1)) };
  });
  const scored = await engine.forward(model, data, { signal });
  const gap = Math.max(
    ...one.flatMap(({ logProbs }, i) => [...logProbs].map((p, t) => Math.abs(p - scored[i][t + 1]))),
  );
  return [
    {
      name: 'It counts on',
      ok: right.length >= NUMBERS / 2,
      detail: `${right.length} of ${NUMBERS} new sequences right`,
    },
    { name: 'The same seed writes the same', ok: same, detail: `${one.length} sequences, written twice` },
    {
      name: 'Sampling and training agree',
      ok: gap < 1e-4,
      detail: `log-probabilities within ${gap.toExponential(0)}`,
    },
  ];
}

/** Numbers in [0, 1) that depend on the seed alone. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
