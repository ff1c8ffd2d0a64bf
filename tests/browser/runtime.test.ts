/**
 * The ground under the engine: a real WebGPU adapter, an isolated page, and every build of onnxruntime-web running from our
 * own server, in the page's realm and in a module worker.
 */
import { wrap } from 'comlink';
import { describe, expect, it } from 'vitest';
import { ortAssets } from '../../src/engine/ort/assets';
import type { Probe } from '../../workers/probe';
import { type ProbeResult, runProbe } from '../../workers/probe-run';

/** A fresh worker each time: onnxruntime is initialised once per realm. */
async function inWorker(...args: Parameters<typeof runProbe>): Promise<ProbeResult> {
  const worker = new Worker(new URL('../../workers/probe.ts', import.meta.url), { type: 'module' });
  try {
    return await wrap<Probe>(worker).runProbe(...args);
  } finally {
    worker.terminate();
  }
}

describe('the browser', () => {
  it('has a WebGPU adapter', async () => {
    expect(await navigator.gpu.requestAdapter()).not.toBeNull();
  });

  it('is cross-origin isolated, so it has threads', () => {
    expect(crossOriginIsolated).toBe(true);
    expect(typeof SharedArrayBuffer).toBe('function');
  });

  it('has JSPI', () => {
    expect('Suspending' in WebAssembly).toBe(true);
  });
});

describe('onnxruntime-web', () => {
  it('is served by us', () => {
    for (const { wasmPaths } of Object.values(ortAssets)) {
      expect(new URL(wasmPaths.mjs).origin).toBe(location.origin);
      expect(new URL(wasmPaths.wasm).origin).toBe(location.origin);
    }
  });

  it('computes on WebGPU in the page', async () => {
    expect(await runProbe('webgpu')).toMatchObject({ ok: true, build: 'jspi' });
  });

  it.each(['jspi', 'asyncify'] as const)(
    'computes on WebGPU in a worker with the %s build',
    async (build) => {
      expect(await inWorker('webgpu', build)).toMatchObject({ ok: true, build });
    },
  );

  it('computes on WASM threads in the page', async () => {
    const result = await runProbe('wasm');
    expect(result).toMatchObject({ ok: true, threads: Math.min(navigator.hardwareConcurrency, 16) });
  });

  it('computes on WASM threads in a worker', async () => {
    expect(await inWorker('wasm')).toMatchObject({ ok: true, build: 'wasm' });
  });
});
