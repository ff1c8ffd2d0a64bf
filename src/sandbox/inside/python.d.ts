declare module 'pyodide/pyodide.asm.mjs' {
  /** Emscripten's factory. loadPyodide() takes it as its option `createPyodideModule`. */
  const createPyodideModule: (settings: object) => Promise<object>;
  export default createPyodideModule;
}
