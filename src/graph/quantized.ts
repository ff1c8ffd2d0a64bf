/**
 * @file Products with a frozen matrix that is held in few bits (see model/quantize.ts). Forward, one node
 * multiplies by the codes as they are. Backward there is no such node for the matrix the other way round, so it
 * is made whole for this one product and then forgotten: a node of its own each time, lest the whole matrix
 * stay from one pass to the other.
 */

import { type Bits, BLOCK } from '../model/quantize';
import { gemm, reshape } from './ops';
import { constant, differentiable, input, node, type Tensor } from './tensor';

export interface QuantizedMatrix {
  /** uint8 [out, blocks, bytes] and float32 [out, blocks]. */
  codes: Tensor;
  scales: Tensor;
  bits: Bits;
  shape: readonly [out: number, width: number];
}

export const scalesName = (name: string): string => `${name}.scales`;

export function quantizedInput(name: string, [out, width]: readonly number[], bits: Bits): QuantizedMatrix {
  const blocks = width / BLOCK;
  return {
    codes: input(name, 'uint8', [out, blocks, (BLOCK * bits) / 8]),
    scales: input(scalesName(name), 'float32', [out, blocks]),
    bits,
    shape: [out, width],
  };
}

/** x W^T. W itself has no gradient. */
export function quantizedLinear(x: Tensor, matrix: QuantizedMatrix): Tensor {
  const { codes, scales, bits, shape } = matrix;
  const [out, width] = shape;
  const y = node('MatMulNBits', [x, codes, scales], [x.shape[0], out], 'float32', {
    domain: 'com.microsoft',
    attributes: { K: width, N: out, bits, block_size: BLOCK },
  });
  return differentiable(y, [x], (g) => [gemm(g, wholeMatrix(matrix))]);
}

/** Some rows of W, in float32. */
export function quantizedRows({ codes, scales, bits, shape }: QuantizedMatrix, indices: Tensor): Tensor {
  const [out, width] = shape;
  const blocks = width / BLOCK;
  const perBlock = node(
    'GatherBlockQuantized',
    [codes, indices, reshape(scales, [out, blocks, 1])],
    [indices.size, blocks, BLOCK],
    'float32',
    { domain: 'com.microsoft', attributes: { bits, block_size: BLOCK, gather_axis: 0, quantize_axis: 2 } },
  );
  return reshape(perBlock, [indices.size, width]);
}

/** All of W, in float32. */
export function wholeMatrix(matrix: QuantizedMatrix): Tensor {
  return quantizedRows(matrix, allRows(matrix.shape[0]));
}

/** Fresh each time: onnxruntime would merge equal nodes, and keep the whole matrix from one pass to the other. */
export const allRows = (count: number): Tensor =>
  constant(
    Int32Array.from({ length: count }, (_, i) => i),
    [count],
  );
