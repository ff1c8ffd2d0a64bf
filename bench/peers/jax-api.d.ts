/**
 * The part of jax-js that its contestant uses. The package is only installed where benchmarks run, so its own types are
 * not at hand elsewhere.
 */
declare module '@jax-js/jax' {
  /** Reference-counted: every use consumes one reference, and `ref` makes another. */
  export interface JaxArray {
    readonly shape: number[];
    readonly ref: JaxArray;
    add(other: JaxArray | number): JaxArray;
    sub(other: JaxArray | number): JaxArray;
    mul(other: JaxArray | number): JaxArray;
    div(other: JaxArray | number): JaxArray;
    reshape(shape: number[]): JaxArray;
    data(): Promise<Float32Array>;
    dispose(): void;
  }
  type Tree = JaxArray | Tree[];
  export const numpy: {
    array(values: Float32Array | Int32Array, options: { shape: number[]; dtype?: string }): JaxArray;
    zeros(shape: number[]): JaxArray;
    matmul(a: JaxArray, b: JaxArray): JaxArray;
    matrixTranspose(a: JaxArray): JaxArray;
    mean(x: JaxArray, axis: number, options: { keepdims: boolean }): JaxArray;
    sum(x: JaxArray, axis?: number): JaxArray;
    square(x: JaxArray): JaxArray;
    sqrt(x: JaxArray): JaxArray;
    reciprocal(x: JaxArray): JaxArray;
    minimum(a: JaxArray | number, b: JaxArray): JaxArray;
    split(x: JaxArray, sectionsOrIndices: number | number[], axis: number): JaxArray[];
    concatenate(parts: JaxArray[], axis: number): JaxArray;
    take(table: JaxArray, indices: JaxArray, axis: number): JaxArray;
    float32: string;
    int32: string;
  };
  export const nn: {
    silu(x: JaxArray): JaxArray;
    logSoftmax(x: JaxArray, axis?: number): JaxArray;
    oneHot(ids: JaxArray, classes: number): JaxArray;
    dotProductAttention(
      query: JaxArray,
      key: JaxArray,
      value: JaxArray,
      options: { isCausal: boolean },
    ): JaxArray;
  };
  export function init(...devices: string[]): Promise<string[]>;
  export function defaultDevice(device: string): string;
  export function jit<A extends Tree[], R extends Tree[]>(job: (...args: A) => R): (...args: A) => R;
  export function valueAndGrad(
    loss: (parameters: JaxArray[]) => JaxArray,
  ): (parameters: JaxArray[]) => [JaxArray, JaxArray[]];
  export function blockUntilReady(tree: Tree): Promise<unknown>;
}
