import { describe } from 'vitest';
import { WorkerEngine } from '../../src/engine/worker';
import { adaptsAsPeftDoes, roundsItsBase } from '../contract/adapters';

describe('on WebAssembly', () => {
  adaptsAsPeftDoes(() => WorkerEngine.open('wasm'), ['smollm2']);
  roundsItsBase(() => WorkerEngine.open('wasm'));
});
describe('on WebGPU', () => {
  adaptsAsPeftDoes(() => WorkerEngine.open('webgpu'), ['qwen2']);
  roundsItsBase(() => WorkerEngine.open('webgpu'), ['int4']);
});
