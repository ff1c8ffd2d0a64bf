/** @file What suits this browser: which backend, which build of onnxruntime-web, how many threads. Light enough for the page. */

/** The WebGPU build for this browser. JSPI lets WebAssembly wait for a promise without unwinding its stack. */
export function webgpuBuild(): 'jspi' | 'asyncify' {
  return 'Suspending' in WebAssembly ? 'jspi' : 'asyncify';
}

/** More than one thread needs shared memory, which needs a cross-origin isolated page. */
export function defaultThreads(): number {
  return globalThis.crossOriginIsolated ? Math.min(navigator.hardwareConcurrency || 1, 16) : 1;
}

/** WebGPU where there is a GPU: a software adapter runs the same shaders on the processor, far slower than WebAssembly. */
export async function bestBackend(): Promise<'webgpu' | 'wasm'> {
  const adapter = await navigator.gpu?.requestAdapter();
  return adapter && !adapter.info.isFallbackAdapter ? 'webgpu' : 'wasm';
}
