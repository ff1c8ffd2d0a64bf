/**
 * How Python starts, the same in the sandbox and in Node: a memory image that was made in one is loaded in the other, and must
 * find the world as it left it.
 */

/**
 * Options of loadPyodide(). `jsglobals` is what Python sees as `js`, an empty world unless a test wants the real one.
 * @param {{ seed: number, jsglobals?: object }} start
 */
export const startOptions = ({ seed, jsglobals = Object.freeze(Object.create(null)) }) => ({
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
  stdout: () => undefined,
  stderr: () => undefined,
});
