/**
 * @file Starts Pyodide where nothing can be fetched: all its files come as bytes. Python itself does not start here but goes on
 * from a memory image (scripts/python-images.mjs), which is several times as fast.
 */

import { loadPyodide } from 'pyodide';
import createPyodideModule from 'pyodide/pyodide.asm.mjs';
import { startOptions } from '../../../scripts/python-start.mjs';
import type { BootInterpreter } from '../protocol';

/** What we use of Pyodide beyond its documented face; pinned to its version, and held by tests/browser/sandbox. */
export interface Pyodide {
  version: string;
  pyimport(name: string): unknown;
  runPython(code: string): unknown;
  setInterruptBuffer(buffer: Int32Array): void;
  FS: FileSystem;
  _module: { HEAPU8: Uint8Array<ArrayBuffer>; stackSave(): number; stackRestore(pointer: number): void };
}

interface FileSystem {
  ErrnoError: new (errno: number) => Error;
  [operation: string]: unknown;
}

const library = 'python_stdlib.zip';
const wasm = 'pyodide.asm.wasm';

export async function bootPyodide(boot: BootInterpreter, image: Uint8Array): Promise<Pyodide> {
  const restore = serveFromMemory(boot);
  try {
    const options = {
      ...startOptions({ seed: boot.seed, jsglobals: boot.unguarded ? globalThis : undefined }),
      indexURL: 'https://sandbox.invalid/',
      createPyodideModule,
      _loadSnapshot: image,
    };
    return (await loadPyodide(options as Parameters<typeof loadPyodide>[0])) as unknown as Pyodide;
  } finally {
    restore();
  }
}

/** Until the returned function is called, Pyodide's two requests are answered from what we were handed. */
function serveFromMemory({ module, library: bytes }: BootInterpreter): () => void {
  const { fetch } = globalThis;
  const { instantiateStreaming } = WebAssembly;
  globalThis.fetch = async (url) => {
    const name = String(url).split('/').pop();
    if (name === library) return new Response(bytes);
    if (name === wasm) return new Response();
    throw new Error(`Pyodide asked for ${url}, which the sandbox does not have.`);
  };
  WebAssembly.instantiateStreaming = async (_source, imports) => ({
    module,
    instance: await WebAssembly.instantiate(module, imports),
  });
  return () => {
    globalThis.fetch = fetch;
    WebAssembly.instantiateStreaming = instantiateStreaming;
  };
}
