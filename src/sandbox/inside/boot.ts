/**
 * @file Starts Pyodide where nothing can be fetched: all its files come as bytes. With a memory image of an earlier start it
 * skips most of Python's own (about six times as fast).
 */

import { loadPyodide } from 'pyodide';
import createPyodideModule from 'pyodide/pyodide.asm.mjs';
import type { BootInterpreter } from '../protocol';

/** What we use of Pyodide beyond its documented face; pinned to its version, and held by tests/browser/sandbox. */
export interface Pyodide {
  version: string;
  pyimport(name: string): unknown;
  runPython(code: string): unknown;
  setInterruptBuffer(buffer: Int32Array): void;
  makeMemorySnapshot(): Uint8Array<ArrayBuffer>;
  FS: FileSystem;
  _module: { HEAPU8: Uint8Array<ArrayBuffer>; stackSave(): number; stackRestore(pointer: number): void };
}

interface FileSystem {
  mkdirTree(path: string): void;
  writeFile(path: string, text: string): void;
  ErrnoError: new (errno: number) => Error;
  [operation: string]: unknown;
}

const library = 'python_stdlib.zip';
const wasm = 'pyodide.asm.wasm';
export const modulesFolder = '/zeroloop';

export async function bootPyodide(boot: BootInterpreter): Promise<Pyodide> {
  const restore = serveFromMemory(boot);
  try {
    const options = {
      indexURL: 'https://sandbox.invalid/',
      lockFileContents: JSON.stringify(noPackages),
      createPyodideModule,
      checkAPIVersion: true,
      env: { PYTHONHASHSEED: String(boot.seed), HOME: '/' },
      // What Python sees as `js`: an empty world. Tests of the outer walls get the real one.
      jsglobals: boot.unguarded ? globalThis : Object.freeze(Object.create(null)),
      fsInit: async (fs: FileSystem) => {
        fs.mkdirTree(modulesFolder);
        for (const [name, text] of Object.entries(boot.modules))
          fs.writeFile(`${modulesFolder}/${name}`, text);
      },
      stdout: ignore,
      stderr: ignore,
      ...(boot.image ? { _loadSnapshot: boot.image } : { _makeSnapshot: true }),
    };
    return (await loadPyodide(options as Parameters<typeof loadPyodide>[0])) as unknown as Pyodide;
  } finally {
    restore();
  }
}

const ignore = (): void => undefined;

/** Pyodide wants to know the packages it could install; here there are none. */
const noPackages = {
  info: {
    abi_version: '2026_0',
    arch: 'wasm32',
    platform: 'emscripten_5_0_3',
    python: '3.14.2',
    version: '314.0.7',
  },
  packages: {},
};

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
