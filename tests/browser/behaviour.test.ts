import { describe } from 'vitest';
import { WorkerEngine } from '../../src/engine/worker';
import { keepsItsPromises } from '../contract/behaviour';

describe('on WebAssembly', () => {
  keepsItsPromises(() => WorkerEngine.open('wasm'));
});
describe('on WebGPU', () => {
  keepsItsPromises(() => WorkerEngine.open('webgpu'));
});
