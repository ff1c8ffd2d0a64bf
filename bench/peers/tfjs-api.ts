/**
 * @file The part of TensorFlow.js that its contestant uses, and how it gets into the page: its ready-made scripts, as its
 * documentation tells. The package is only installed where benchmarks run, so its own types are not at hand elsewhere.
 */

export interface Tensor {
  readonly shape: number[];
  data(): Promise<Float32Array>;
  dispose(): void;
}

export interface Variable extends Tensor {
  readonly name: string;
  assign(value: Tensor): void;
}

/** Keeps tensors from the forward pass for the gradient. */
export type Save = (tensors: Tensor[]) => void;

export interface TensorFlow {
  setBackend(name: string): Promise<boolean>;
  getBackend(): string;
  ready(): Promise<void>;
  tidy<T>(job: () => T): T;
  keep<T extends Tensor>(tensor: T): T;
  tensor(values: Float32Array | Int32Array, shape: number[], dtype?: 'float32' | 'int32'): Tensor;
  scalar(value: number): Tensor;
  zeros(shape: number[]): Tensor;
  variable(initial: Tensor, trainable: boolean, name: string): Variable;
  variableGrads(loss: () => Tensor, of: Variable[]): { value: Tensor; grads: Record<string, Tensor> };
  customGrad(
    job: (...inputsAndSave: (Tensor | Save)[]) => {
      value: Tensor;
      gradFunc: (dy: Tensor, saved: Tensor[]) => Tensor[];
    },
  ): (...inputs: Tensor[]) => Tensor;
  gather(table: Tensor, indices: Tensor): Tensor;
  oneHot(indices: Tensor, depth: number): Tensor;
  cast(x: Tensor, dtype: 'float32'): Tensor;
  matMul(a: Tensor, b: Tensor, transposeA?: boolean, transposeB?: boolean): Tensor;
  add(a: Tensor, b: Tensor): Tensor;
  addN(tensors: Tensor[]): Tensor;
  sub(a: Tensor, b: Tensor): Tensor;
  mul(a: Tensor, b: Tensor): Tensor;
  div(a: Tensor, b: Tensor): Tensor;
  minimum(a: Tensor, b: Tensor): Tensor;
  sqrt(x: Tensor): Tensor;
  rsqrt(x: Tensor): Tensor;
  square(x: Tensor): Tensor;
  sigmoid(x: Tensor): Tensor;
  softmax(x: Tensor): Tensor;
  sum(x: Tensor): Tensor;
  mean(x: Tensor, axis: number, keepDims: boolean): Tensor;
  split(x: Tensor, sizes: number[], axis: number): Tensor[];
  concat(parts: Tensor[], axis: number): Tensor;
  reshape(x: Tensor, shape: number[]): Tensor;
  transpose(x: Tensor, order: number[]): Tensor;
  losses: { softmaxCrossEntropy(oneHot: Tensor, logits: Tensor): Tensor };
  wasm: { setWasmPaths(folder: string): void; setThreadsCount(count: number): void };
}

declare global {
  interface Window {
    tf?: TensorFlow;
  }
}

const packages = '/bench/node_modules/@tensorflow';

const script = (source: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const element = document.createElement('script');
    element.src = source;
    element.onload = () => resolve();
    element.onerror = () => reject(new Error(`${source} could not be loaded.`));
    document.head.append(element);
  });

/** TensorFlow.js on one of its backends: wasm (with SIMD and threads where there are any), webgpu, webgl or cpu. */
export async function loadTensorFlow(backend: string): Promise<TensorFlow> {
  await script(`${packages}/tfjs/dist/tf.min.js`); // with cpu and webgl
  if (backend === 'wasm' || backend === 'webgpu') {
    await script(`${packages}/tfjs-backend-${backend}/dist/tf-backend-${backend}.min.js`);
  }
  const { tf } = window;
  if (!tf) throw new Error('TensorFlow.js did not load.');
  if (backend === 'wasm') {
    tf.wasm.setWasmPaths(`${packages}/tfjs-backend-wasm/dist/`);
    tf.wasm.setThreadsCount(navigator.hardwareConcurrency); // by itself it takes half of them
  }
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no ${backend} backend here.`);
  await tf.ready();
  return tf;
}
