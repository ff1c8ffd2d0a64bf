import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withMemoryLimit } from '../../../src/sandbox/wasm-memory';

const page = 65_536;

/** A module with one memory of two to `maximum` pages, its section behind an empty one of types. */
const moduleWith = (maximum: number[]) =>
  // biome-ignore format: sections are easier to see apart
  new Uint8Array([
    0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    1, 1, 0,
    5, 3 + maximum.length, 1, 1, 2, ...maximum,
    7, 5, 1, 1, 0x6d, 2, 0, // exported as "m"
  ]);

function growth(wasm: Uint8Array<ArrayBuffer>): number {
  const memory = new WebAssembly.Instance(new WebAssembly.Module(wasm)).exports.m as WebAssembly.Memory;
  let pages = memory.buffer.byteLength / page;
  try {
    for (;;) {
      memory.grow(1);
      pages++;
    }
  } catch {
    return pages;
  }
}

describe('a memory limit', () => {
  it('stops a memory from growing beyond it', () => {
    const wasm = moduleWith([0x80, 0x80, 0x01]); // 16384 pages
    expect(growth(withMemoryLimit(wasm, 20 * page))).toBe(20);
  });

  it('leaves the original as it was, and a smaller maximum of its own', () => {
    const wasm = moduleWith([9]);
    const before = wasm.slice();
    expect(growth(withMemoryLimit(wasm, 1000 * page))).toBe(9);
    expect(wasm).toEqual(before);
  });

  it('is refused if the program could not start with it', () => {
    expect(() => withMemoryLimit(moduleWith([9]), page)).toThrow('less than the 131072 bytes');
  });

  it('is refused for a module without a memory of its own', () => {
    expect(() => withMemoryLimit(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]), page)).toThrow(
      'no memory',
    );
  });

  it('finds the memory of Pyodide, and changes nothing else', () => {
    const wasm = readFileSync(join(import.meta.dirname, '../../../node_modules/pyodide/pyodide.asm.wasm'));
    const limited = withMemoryLimit(wasm, 128 * 2 ** 20);
    const changed = [...limited.keys()].filter((at) => limited[at] !== wasm[at]);
    expect(changed.length).toBeGreaterThan(0);
    expect(Number(changed.at(-1)) - changed[0]).toBeLessThan(4);
    expect(() => new WebAssembly.Module(limited)).not.toThrow();
  });
});
