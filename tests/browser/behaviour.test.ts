import { describe } from 'vitest';
import { WorkerEngine } from '../../src/engine/worker';
import { keepsItsPromises } from '../contract/behaviour';
import { inProofs } from '../whole';

describe('on WebAssembly', () => {
  keepsItsPromises(() => WorkerEngine.open('wasm'));
});
describe('on WebGPU', () => {
  keepsItsPromises(() => WorkerEngine.open('webgpu'), { draws: inProofs(1000, { else: 400 }) });
});
