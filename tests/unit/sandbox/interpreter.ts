/**
 * A Python interpreter in Node with the sandbox's own modules in it, for testing what they compute. Node isolates nothing:
 * whether the sandbox holds is tested in Chromium.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadPyodide } from 'pyodide';

const folder = join(import.meta.dirname, '../../../src/sandbox/python');

export type Python = (expression: string, names?: Record<string, unknown>) => unknown;

/** `python('runner.run(source)', { source })` evaluates an expression; every module of src/sandbox/python is imported. */
export async function openPython(hashSeed = 0): Promise<Python> {
  const pyodide = await loadPyodide({ env: { PYTHONHASHSEED: String(hashSeed) } });
  pyodide.FS.mkdirTree('/zeroloop');
  const files = readdirSync(folder).filter((name) => name.endsWith('.py'));
  for (const name of files) {
    pyodide.FS.writeFile(`/zeroloop/${name}`, readFileSync(join(folder, name), 'utf8'));
  }
  pyodide.runPython("import sys; sys.path.insert(0, '/zeroloop'); sys.dont_write_bytecode = True");
  for (const name of files) pyodide.runPython(`import ${name.replace('.py', '')}`);
  return (expression, names = {}) => {
    for (const [name, value] of Object.entries(names)) pyodide.globals.set(name, value);
    return pyodide.runPython(expression);
  };
}
