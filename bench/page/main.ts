/**
 * @file What the bench page can do, called by the command line. Our engine runs in its worker, as in the real page; peers
 * run where their documentation runs them, on the page itself.
 */

import type { Engine } from '../../src/engine/engine';
import { WorkerEngine } from '../../src/engine/worker';
import { type Job, type JobSpec, ourJob, type Timing } from '../lib/jobs';
import type { Subject } from '../lib/subject';
import { countDispatches, type DispatchCount } from './dispatches';
import { type GpuShare, gpuShare, isSoftwareAdapter } from './gpu-share';
import { type OperatorTime, timeOperators } from './operators';
import { type StartTimes, timeStart } from './start';

const jobs = new Map<number, Job>();
const engines = new Map<string, Promise<Engine>>();

type WebBackend = 'wasm' | 'webgpu';

/** Jobs on the same backend share an engine, as they would in the page. */
function engineOn(backend: WebBackend): Promise<Engine> {
  const engine = engines.get(backend) ?? WorkerEngine.open(backend);
  engines.set(backend, engine);
  return engine;
}

async function openJob(spec: JobSpec): Promise<Job> {
  switch (spec.who) {
    case 'ours':
      return ourJob(await engineOn(spec.backend as WebBackend), spec);
    case 'tfjs':
      return (await import('../peers/tfjs')).tfjsJob(spec.backend, spec.subject);
    case 'jax':
      return (await import('../peers/jax')).jaxJob(spec.backend, spec.subject);
    default:
      return spec satisfies never;
  }
}

const bench = {
  async open(spec: JobSpec): Promise<number> {
    const id = jobs.size;
    jobs.set(id, await openJob(spec));
    return id;
  },
  time(id: number, count: number): Promise<Timing> {
    const job = jobs.get(id);
    if (!job) throw new Error(`there is no job ${id}`);
    return job.time(count);
  },
  timeStart: (backend: WebBackend): Promise<StartTimes> => timeStart(backend),
  timeOperators: (backend: WebBackend, what: Subject): Promise<OperatorTime[]> =>
    timeOperators(backend, what),
  countDispatches: (): Promise<DispatchCount[]> => countDispatches(),
  isSoftwareAdapter: (): Promise<boolean | null> => isSoftwareAdapter(),
  gpuShare: (width: number): Promise<GpuShare> => gpuShare(width),
};

declare global {
  interface Window {
    bench: typeof bench;
  }
}

window.bench = bench;
