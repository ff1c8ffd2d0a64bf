/**
 * How Python starts, the same in the sandbox and in Node: a memory image that was made in one is loaded in the other, and must
 * find the world as it left it.
 */

const folder = '/zeroloop';

/**
 * Options of loadPyodide(). `modules` are our own files of Python; `jsglobals` is what Python sees as `js`, an empty world unless
 * a test wants the real one.
 * @param {{ seed: number, modules: Record<string, string>, jsglobals?: object }} start
 */
export const startOptions = ({ seed, modules, jsglobals = Object.freeze(Object.create(null)) }) => ({
  env: { PYTHONHASHSEED: String(seed), HOME: '/' },
  jsglobals,
  // Pyodide wants to know the packages that it could install; here there are none.
  lockFileContents: JSON.stringify({
    info: {
      abi_version: '2026_0',
      arch: 'wasm32',
      platform: 'emscripten_5_0_3',
      python: '3.14.2',
      version: '314.0.7',
    },
    packages: {},
  }),
  /** @param {{ mkdirTree(path: string): void, writeFile(path: string, text: string): void }} fs */
  fsInit: async (fs) => {
    fs.mkdirTree(folder);
    for (const [name, text] of Object.entries(modules)) fs.writeFile(`${folder}/${name}`, text);
  },
  stdout: () => undefined,
  stderr: () => undefined,
});

/** Run once, before the image is made: loads our modules and everything that they need, and warms all of it up. */
export const settle = `
import sys
sys.path.insert(0, '${folder}')
sys.dont_write_bytecode = True
import runner
runner.settle()
`;
