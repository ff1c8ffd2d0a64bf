/**
 * @file Import first. Pyodide refuses classic workers, and tells them by their importScripts. This one is classic only because
 * browsers start no module worker from a blob without an origin; it loads nothing in pieces.
 */

Object.defineProperty(globalThis, 'importScripts', { value: undefined, configurable: true });

export {};
