/**
 * @file The self-test as the page sees it: train a tiny model for some steps on this device and watch its loss fall. The
 * work happens in the engine's worker, so a busy or hidden tab neither slows it nor is slowed by it.
 */

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

/** The connection to the engine's worker. */
export const runSelfTest: RunSelfTest = () =>
  Promise.reject(new Error('The engine is not part of this build of the page yet.'));
