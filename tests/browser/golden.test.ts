import { describe } from 'vitest';
import { WorkerEngine } from '../../src/engine/worker';
import { agreesWithPyTorch } from '../contract/golden';
import { keepsLargeVocabulariesRight } from '../contract/large-vocabulary';

describe('on WebAssembly', () => {
  agreesWithPyTorch(() => WorkerEngine.open('wasm'));
  keepsLargeVocabulariesRight(() => WorkerEngine.open('wasm'));
});
describe('on WebGPU', () => {
  agreesWithPyTorch(() => WorkerEngine.open('webgpu'));
  keepsLargeVocabulariesRight(() => WorkerEngine.open('webgpu'));
});
