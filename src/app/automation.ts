/**
 * @file The page's face for programs: what the command line, the benchmarks and the end-to-end tests call in the page they
 * drive. Everything goes through the same code as a click does; and as with a click, what a call needs is loaded when it comes.
 */

import { signal } from '@preact/signals';
import { version } from '../../package.json';
import type { ProbeResult } from '../../workers/probe-run';
import type { Evaluation } from '../evals/model';
import type { About, Check, Checked, Trace, TraceBounds } from '../sandbox/executor';
import type { Artifact, ArtifactRequest } from './artifacts';
import { named, notOpen } from './automation-errors';
import type { EvaluationOrder } from './automation-evaluation';
import { hand } from './automation-files';
import type { TrainingAutomation } from './automation-training';
import { type DeviceReport, inspectDevice } from './device/inspect';
import type { RunSelfTest } from './device/self-test';
import { sandbox } from './state/sandbox';

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

/** A program has called something: from then on the page does nothing of its own accord that could disturb it. */
export const driven = signal(false);

function called<A extends unknown[], T>(call: (...args: A) => T): (...args: A) => T {
  return (...args) => {
    driven.value = true;
    return call(...args);
  };
}

let runs: TrainingAutomation | null = null;
async function loadRuns(): Promise<TrainingAutomation> {
  runs ??= (await import('./automation-training')).training;
  return runs;
}
/** For what is answered at once: where nothing has been loaded, no run is open. */
function loadedRuns(run: string): TrainingAutomation {
  if (runs) return runs;
  throw new Error(notOpen(run));
}

const training: TrainingAutomation = {
  import: called(async (...call) => (await loadRuns()).import(...call)),
  open: called(async (order) => (await loadRuns()).open(order)),
  play: async (...call) => (await loadRuns()).play(...call),
  pause: async (run) => (await loadRuns()).pause(run),
  stop: async (run) => (await loadRuns()).stop(run),
  close: async (run) => (await loadRuns()).close(run),
  kill: (run) => loadedRuns(run).kill(run),
  events: (run) => loadedRuns(run).events(run),
  news: async (...call) => (await loadRuns()).news(...call),
  log: async (run) => (await loadRuns()).log(run),
  checkpoint: async (run) => (await loadRuns()).checkpoint(run),
  checkpointFile: async (...call) => (await loadRuns()).checkpointFile(...call),
};

export const automation: Automation = {
  version,
  device: inspectDevice,
  probe: called(async (backend) => (await import('./automation-probe')).probe(backend)),
  artifacts: called(async (request) => (await import('./artifacts')).makeArtifacts(request)),
  selfTest: called(async (...call) => (await import('./device/self-test')).runSelfTest(...call)),
  python: called(named(async () => (await sandbox()).about())),
  check: called(named(async (checks) => (await sandbox()).check(checks))),
  trace: called(named(async (...call) => (await sandbox()).trace(...call))),
  hand: called(hand),
  training,
  evaluate: called(
    named(async (order) => (await import('./automation-evaluation')).evaluate(order, await sandbox())),
  ),
};
