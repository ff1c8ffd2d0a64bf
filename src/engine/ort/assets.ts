/**
 * @file Where the three builds of onnxruntime-web come from: always our own server, never a CDN.
 *
 * - `jspi`      WebGPU, for browsers with WebAssembly JSPI: smallest and cheapest per call.
 * - `asyncify`  WebGPU everywhere else.
 * - `wasm`      CPU only, with threads where the page is cross-origin isolated.
 *
 * Each build is a JavaScript half, a glue module and a .wasm file that must match. `?url` makes Vite ship the last two
 * untouched and tell us their addresses: the glue module starts its own threads from its own address, so it must not
 * be bundled. Only what is asked for is downloaded.
 */
import asyncifyMjs from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import asyncifyWasm from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import jspiMjs from 'onnxruntime-web/ort-wasm-simd-threaded.jspi.mjs?url';
import jspiWasm from 'onnxruntime-web/ort-wasm-simd-threaded.jspi.wasm?url';
import wasmMjs from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import wasmWasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import { defaultThreads } from './platform';

export { defaultThreads, webgpuBuild } from './platform';

export type OrtBuild = 'jspi' | 'asyncify' | 'wasm';

/** The part of onnxruntime that all its builds, in the browser and in Node, have in common. */
export type Ort = typeof import('onnxruntime-common');

export interface OrtAssets {
  /** Imports the JavaScript half; call `loadOrt` unless you want to set `env` yourself. */
  load(): Promise<Ort>;
  wasmPaths: { mjs: string; wasm: string };
}

/** Addresses as seen from wherever this runs: `env.wasm.wasmPaths` wants them absolute, also in a worker. */
const paths = (mjs: string, wasm: string) => ({
  mjs: new URL(mjs, import.meta.url).href,
  wasm: new URL(wasm, import.meta.url).href,
});

export const ortAssets: Record<OrtBuild, OrtAssets> = {
  jspi: { load: () => import('onnxruntime-web/jspi'), wasmPaths: paths(jspiMjs, jspiWasm) },
  asyncify: { load: () => import('onnxruntime-web/webgpu'), wasmPaths: paths(asyncifyMjs, asyncifyWasm) },
  wasm: { load: () => import('onnxruntime-web/wasm'), wasmPaths: paths(wasmMjs, wasmWasm) },
};

/**
 * Loads one build, ready to create sessions. `threads` is fixed by the first session that a realm (page or worker) makes.
 */
export async function loadOrt(build: OrtBuild, threads = defaultThreads()): Promise<Ort> {
  const { load, wasmPaths } = ortAssets[build];
  const ort = await load();
  ort.env.wasm.wasmPaths = wasmPaths;
  ort.env.wasm.numThreads = threads;
  return ort;
}
