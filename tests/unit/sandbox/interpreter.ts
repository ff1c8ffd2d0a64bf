/**
 * A Python interpreter in Node with the sandbox's own modules in it, for testing what they compute. It goes on from the page's memory
 * image: that takes a tenth of what it takes to start. Node isolates nothing: whether the sandbox holds is tested in Chromium.
 */
import { readFile } from 'node:fs/promises';
import { loadPyodide } from 'pyodide';
import { ensureImages } from '../../../scripts/python-images.mjs';
import { startOptions } from '../../../scripts/python-start.mjs';
import { unpackImage } from '../../../src/sandbox/inside/image';

export type Python = (expression: string, names?: Record<string, unknown>) => unknown;

/** `python('runner.run(source)', { source })` evaluates an expression; every module of src/sandbox/python is imported. */
export async function openPython(hashSeed: 0 | 1 = 0): Promise<Python> {
  const image = await readFile((await ensureImages())[hashSeed]);
  const pyodide = await loadPyodide({
    ...startOptions({ seed: hashSeed }),
    _loadSnapshot: await unpackImage(new Uint8Array(image).buffer),
  } as Parameters<typeof loadPyodide>[0]);
  pyodide.runPython(importAll);
  return (expression, names = {}) => {
    for (const [name, value] of Object.entries(names)) pyodide.globals.set(name, value);
    return pyodide.runPython(expression);
  };
}

/** By name; the image has loaded them. */
const importAll = `
import sys
for _name, _module in list(sys.modules.items()):
    if (getattr(_module, '__file__', None) or '').startswith('/zeroloop/'):
        globals()[_name] = _module
`;
