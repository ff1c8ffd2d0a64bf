import { describe } from 'vitest';
import { WorkerEngine } from '../../src/engine/worker';
import { agreesWithPyTorch } from '../contract/golden';

describe('on WebAssembly', () => {
  agreesWithPyTorch(() => WorkerEngine.open('wasm'));
});
describe('on WebGPU', () => {
  agreesWithPyTorch(() => WorkerEngine.open('webgpu'));
});
