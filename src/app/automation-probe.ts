/** @file Does a backend compute here? Asked in a worker of its own, which may hang or die without harm to the page. */

import { type Remote, wrap } from 'comlink';
import type { Probe } from '../../workers/probe';
import type { ProbeResult } from '../../workers/probe-run';

const patience = 60_000;

export async function probe(backend: 'webgpu' | 'wasm'): Promise<ProbeResult> {
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
