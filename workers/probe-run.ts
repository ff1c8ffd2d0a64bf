/**
 * @file Does this browser really compute? Asking for an adapter tells little: it may be refused at the first shader, and
 * threads may be promised and not start. So `doctor` runs a two-node ONNX model on each backend and compares the result.
 */
import { defaultThreads, loadOrt, type OrtBuild, webgpuBuild } from '../src/engine/ort/assets';

export interface ProbeResult {
  backend: 'webgpu' | 'wasm';
  build: OrtBuild;
  ok: boolean;
  /** Load, compile and run, in milliseconds. */
  ms: number;
  threads: number;
  /** Why it is not ok. */
  error?: string;
}

/** y = Relu(x W) with W = [[1, 2], [3, -4]], opset 21, 125 bytes. */
const model =
  'CAoSADpxChIKAXgKAXcSAnh3IgZNYXRNdWwKDQoCeHcSAXkiBFJlbHUSBXByb2JlKhsIAggCEAEiEAAAgD8AAABAAABAQAAAgMBCAXdaEwoBeBIO' +
  'CgwIARIICgIIAgoCCAJiEwoBeRIOCgwIARIICgIIAgoCCAJCBAoAEBU=';
const input = [1, 2, 3, 4];
const expected = [7, 0, 15, 0];

export async function runProbe(
  backend: 'webgpu' | 'wasm',
  build: OrtBuild = backend === 'wasm' ? 'wasm' : webgpuBuild(),
): Promise<ProbeResult> {
  const start = performance.now();
  const result = { backend, build, threads: backend === 'wasm' ? defaultThreads() : 1 };
  try {
    const ort = await loadOrt(build);
    const session = await ort.InferenceSession.create(
      Uint8Array.from(atob(model), (character) => character.charCodeAt(0)),
      {
        executionProviders: [{ name: backend }],
        // A silent fallback to the CPU would make a broken GPU look fine.
        extra: backend === 'webgpu' ? { session: { disable_cpu_ep_fallback: '1' } } : {},
      },
    );
    const { y } = await session.run({ x: new ort.Tensor('float32', input, [2, 2]) });
    const output = Array.from((await y.getData()) as Float32Array);
    await session.release();
    const ok = output.every((value, index) => value === expected[index]) && output.length === expected.length;
    return {
      ...result,
      ok,
      ms: performance.now() - start,
      ...(ok ? {} : { error: `computed ${output} instead of ${expected}` }),
    };
  } catch (error) {
    return {
      ...result,
      ok: false,
      ms: performance.now() - start,
      error: error instanceof Error ? error.message : String(error),
    };
  }
}
