/** @file Which build of onnxruntime-web suits this browser, and with how many threads. Light enough for the page to ask. */

/** The WebGPU build for this browser. JSPI lets WebAssembly wait for a promise without unwinding its stack. */
export function webgpuBuild(): 'jspi' | 'asyncify' {
  return 'Suspending' in WebAssembly ? 'jspi' : 'asyncify';
}

/** More than one thread needs shared memory, which needs a cross-origin isolated page. */
export function defaultThreads(): number {
  return globalThis.crossOriginIsolated ? Math.min(navigator.hardwareConcurrency || 1, 16) : 1;
}
