/**
 * @file Puts an interpreter back to the state of its start by copying its memory back: about a millisecond, and whatever a
 * program did to Python's objects is undone, also what nobody thought of. What lies in JavaScript (files, the realm) is not.
 */

import type { Pyodide } from './boot';

interface Range {
  start: number;
  bytes: Uint8Array;
}

export class Heap {
  readonly #module: Module;
  readonly #stackPointer: number;
  readonly #ranges: Range[];

  constructor(pyodide: Pyodide) {
    this.#module = pyodide._module as Module;
    const { HEAPU8, stackSave, _sbrk, ___stack_low, ___heap_base } = this.#module;
    this.#stackPointer = stackSave();
    // From low to high: constants and variables, the stack (growing down, so dead below its pointer), the heap up to its end.
    // Behind that end lies what malloc has not handed out yet and clears itself where it promises zeros.
    const range = (start: number, end: number) => ({ start, bytes: HEAPU8.slice(start, end) });
    this.#ranges = [
      range(0, Number(___stack_low)),
      range(this.#stackPointer, Number(___heap_base)),
      range(Number(___heap_base), _sbrk(0)),
    ];
  }

  restore(): void {
    const { HEAPU8, stackRestore } = this.#module; // asked for anew: memory that has grown has a new view
    for (const { start, bytes } of this.#ranges) HEAPU8.set(bytes, start);
    stackRestore(this.#stackPointer);
  }

  /** Bytes of all its memory, which never shrinks. */
  get size(): number {
    return this.#module.HEAPU8.length;
  }
}

/** Parts of Emscripten's module that its types do not tell. */
type Module = Pyodide['_module'] & {
  _sbrk(increment: number): number;
  ___stack_low: unknown;
  ___heap_base: unknown;
};
