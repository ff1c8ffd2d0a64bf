/**
 * @file The page's face for programs: what the command line, the benchmarks and the end-to-end tests call in the page they
 * drive. Everything goes through the same code as a click does.
 */

import { type Remote, wrap } from 'comlink';
import { version } from '../../package.json';
import type { Probe } from '../../workers/probe';
import type { ProbeResult } from '../../workers/probe-run';
import type { Evaluation } from '../evals/model';
import type { About, Check, Checked, Executor, Trace, TraceBounds } from '../sandbox/executor';
import { openSandbox } from '../sandbox/sandbox';
import { type Artifact, type ArtifactRequest, makeArtifacts } from './artifacts';
import { named } from './automation-errors';
import { type EvaluationOrder, evaluate } from './automation-evaluation';
import { hand } from './automation-files';
import { type TrainingAutomation, training } from './automation-training';
import { type DeviceReport, inspectDevice } from './device';
import { type RunSelfTest, runSelfTest } from './self-test';

export interface Automation {
  version: string;
  device(): Promise<DeviceReport>;
  /** Runs a small program on a backend, in a worker of its own; never takes longer than a minute. */
  probe(backend: 'webgpu' | 'wasm'): Promise<ProbeResult>;
  artifacts(request: ArtifactRequest): Promise<Artifact[]>;
  selfTest: RunSelfTest;
  /** Starts the Python sandbox, if nothing has started it. */
  python(): Promise<About>;
  check(checks: Check[]): Promise<Checked[]>;
  trace(program: string, input: string, bounds?: Partial<TraceBounds>): Promise<Trace>;
  /** A piece of a file in base64, for a folder ("model", "checkpoint", "log") that a later call uses up. */
  hand(folder: string, file: string, piece: string): void;
  training: TrainingAutomation;
  /** Asks a model held-out tasks. */
  evaluate(order: EvaluationOrder): Promise<Evaluation>;
}

declare global {
  interface Window {
    zeroloop: Automation;
  }
}

const patience = 60_000;

export const automation: Automation = {
  version,
  device: inspectDevice,
  probe,
  artifacts: makeArtifacts,
  selfTest: runSelfTest,
  python: named(async () => (await sandbox()).about()),
  check: named(async (checks) => (await sandbox()).check(checks)),
  trace: named(async (...call) => (await sandbox()).trace(...call)),
  hand,
  training,
  evaluate: named(async (order) => evaluate(order, await sandbox())),
};

let opening: Promise<Executor> | undefined;

/** Opened only when asked for: Python is 26 MB. */
function sandbox(): Promise<Executor> {
  opening ??= openSandbox();
  return opening;
}

async function probe(backend: 'webgpu' | 'wasm'): Promise<ProbeResult> {
  const worker = new Worker(new URL('../../workers/probe.ts', import.meta.url), { type: 'module' });
  const remote: Remote<Probe> = wrap(worker);
  const start = performance.now();
  let timer = 0;
  const failure = new Promise<ProbeResult>((resolve) => {
    const fail = (error: string) =>
      resolve({
        backend,
        build: backend === 'wasm' ? 'wasm' : 'jspi',
        ok: false,
        ms: performance.now() - start,
        threads: 0,
        error,
      });
    timer = window.setTimeout(() => fail(`no answer within ${patience / 1000} s`), patience);
    worker.onerror = (event) => fail(event.message || 'the worker did not start');
  });
  try {
    return await Promise.race([remote.runProbe(backend), failure]);
  } finally {
    clearTimeout(timer);
    worker.terminate();
  }
}
