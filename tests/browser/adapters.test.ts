import { describe } from 'vitest';
import { WorkerEngine } from '../../src/engine/worker';
import { adaptsAsPeftDoes, roundsItsBase } from '../contract/adapters';

// An adapter that computes on the processor has no shader-f16; a GPU is asked for more.
const adapter = await navigator.gpu?.requestAdapter();
const bases = adapter?.features.has('shader-f16') ? (['float16', 'int4'] as const) : (['int4'] as const);

describe('on WebAssembly', () => {
  adaptsAsPeftDoes(() => WorkerEngine.open('wasm'), ['smollm2']);
  roundsItsBase(() => WorkerEngine.open('wasm'));
});
describe('on WebGPU', () => {
  adaptsAsPeftDoes(() => WorkerEngine.open('webgpu'), ['qwen2']);
  roundsItsBase(() => WorkerEngine.open('webgpu'), bases);
});
