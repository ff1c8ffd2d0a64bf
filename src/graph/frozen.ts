/**
 * @file A frozen matrix that is held in less than float32: products with it, some of its rows, and all of it, whichever way it is held.
 */

import type { BuiltShape } from '../model/build';
import { heldAs } from '../model/held';
import type { Parameter } from '../model/parameters';
import { cast, gather, gemm } from './ops';
import { allRows, quantizedInput, quantizedLinear, quantizedRows, wholeMatrix } from './quantized';
import { differentiable, input, type Tensor } from './tensor';

export interface FrozenMatrix {
  /** x W^T. W itself has no gradient. */
  times(x: Tensor): Tensor;
  /** In float32. */
  rows(indices: Tensor): Tensor;
  whole(): Tensor;
}

/** Null for one that is an input as it is. */
export function frozenMatrix(parameter: Parameter, shape: BuiltShape): FrozenMatrix | null {
  const held = heldAs(parameter, shape);
  switch (held.as) {
    case 'float32':
      return null;
    case 'float16':
      return halfMatrix(parameter);
    case 'codes': {
      const matrix = quantizedInput(parameter.name, parameter.shape, held.bits);
      return {
        times: (x) => quantizedLinear(x, matrix),
        rows: (indices) => quantizedRows(matrix, indices),
        whole: () => wholeMatrix(matrix),
      };
    }
    default:
      return held satisfies never;
  }
}

/** Made whole for each product, and then forgotten. */
function halfMatrix({ name, shape }: Parameter): FrozenMatrix {
  const halves = input(name, 'float16', shape);
  const rows = (indices: Tensor) => cast(gather(halves, indices), 'float32');
  const whole = () => rows(allRows(shape[0]));
  return {
    times: (x) => differentiable(gemm(x, whole(), { transB: true }), [x], (g) => [gemm(g, whole())]),
    rows,
    whole,
  };
}
