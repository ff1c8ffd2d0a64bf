/**
 * What PyTorch computed, asked of both backends of the browser. On WebGPU CI asks those families whose kernels differ: llama3-rope is
 * llama with other numbers for its angles, which the graph holds.
 */
import { describe } from 'vitest';
import { WorkerEngine } from '../../src/engine/worker';
import { agreesWithPyTorch, computesSideBySide } from '../contract/golden';
import { keepsLargeVocabulariesRight } from '../contract/large-vocabulary';
import { type GoldenName, goldenNames } from '../golden/load';
import { inProofs } from '../whole';

describe('on WebAssembly', () => {
  const open = () => WorkerEngine.open('wasm');
  agreesWithPyTorch(open);
  computesSideBySide(open);
  keepsLargeVocabulariesRight(open);
});
describe('on WebGPU', () => {
  const open = () => WorkerEngine.open('webgpu');
  agreesWithPyTorch(
    open,
    inProofs<readonly GoldenName[]>(goldenNames, { else: ['llama-tiny', 'qwen2-tiny', 'qwen3-tiny'] }),
  );
  computesSideBySide(open, inProofs<readonly GoldenName[]>(goldenNames, { else: ['llama-tiny'] }));
  keepsLargeVocabulariesRight(open);
});
