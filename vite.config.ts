/**
 * One build for the page and its workers; the tests reuse it (vitest.config.ts).
 *
 * Two things are not the default. `base: './'` lets the built page live under any path of any static host. The resolve
 * condition picks the builds of onnxruntime-web that do not carry their own reference to the .wasm file, so that only
 * src/engine/ort/assets.ts decides which of those 15-27 MB files is shipped and fetched.
 */
import { defaultClientConditions, defineConfig } from 'vite';
import { classicScripts } from './scripts/classic.mjs';
import { firstView } from './scripts/first-view.mjs';
import { isolationHeaders } from './scripts/headers.mjs';
import { offlineWorker } from './scripts/offline.mjs';
import { pythonImages } from './scripts/python-images.mjs';

/** Python starts while the page is built, which takes a while and is no fault of the build's. */
const quiet = { pluginTimings: false, bundlerTimings: false };

export default defineConfig({
  base: './',
  plugins: [classicScripts(), pythonImages(), firstView(), offlineWorker()],
  server: { headers: isolationHeaders },
  preview: { headers: isolationHeaders },
  resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
  // These are plain ES modules: nothing to pre-bundle, and onnxruntime-web must stay next to its .wasm files.
  optimizeDeps: {
    exclude: [
      'onnxruntime-web',
      'onnxruntime-common',
      'comlink',
      'idb',
      'preact',
      '@preact/signals',
      '@preact/signals-core',
      'uplot',
      '@huggingface/tokenizers',
      '@huggingface/jinja',
    ],
  },
  worker: { format: 'es', rolldownOptions: { checks: quiet } },
  build: {
    target: 'esnext', // every browser with WebGPU has it
    sourcemap: true,
    chunkSizeWarningLimit: 2000, // Python's own JavaScript is one text
    reportCompressedSize: false,
    rolldownOptions: { checks: quiet },
  },
});
