/**
 * @file The rate of single operations in the shapes that a training step has, on one backend: says which of them a slow
 * step waits for.
 */

import { openWebDevice } from '../../src/engine/ort/web';
import { writeModel } from '../../src/graph/onnx';
import { add, einsum, exp, gemm, mul, reduceMax, softmax } from '../../src/graph/ops';
import { input, type Tensor } from '../../src/graph/tensor';
import { median } from '../lib/statistics';
import type { Subject } from '../lib/subject';

export interface OperatorTime {
  what: string;
  /** Milliseconds. */
  ms: number;
  /** Floating-point operations, or elements for what is not a product, per nanosecond. */
  rate: number;
}

type Case = [what: string, work: number, program: () => Tensor];

function cases({ rows, length, config }: Subject): Case[] {
  const [n, d, f] = [rows * length, config.hidden_size, 2 * config.intermediate_size];
  const headDim = d / config.num_attention_heads;
  const attention = 2 * rows * config.num_attention_heads * length * length * headDim;
  const float = (name: string, ...shape: number[]) => input(name, 'float32', shape);
  const query = () => float('a', rows, length, 2, 2, headDim);
  const key = () => float('b', rows, length, 2, headDim);
  const weights = () => float('a', rows, 2, 2, length, length);
  return [
    ['product x W', 2 * n * d * f, () => gemm(float('a', n, d), float('b', d, f))],
    ['product x Wt', 2 * n * d * f, () => gemm(float('a', n, d), float('b', f, d), { transB: true })],
    ['product gt x', 2 * n * d * f, () => gemm(float('a', n, f), float('b', n, d), { transA: true })],
    ['scores, direct', attention, () => einsum('btkgd,bskd->bkgts', query(), key(), 'direct')],
    ['scores, tiled', attention, () => einsum('btkgd,bskd->bkgts', query(), key(), 'tiled')],
    ['mixing, direct', attention, () => einsum('bkgts,bskd->btkgd', weights(), key(), 'direct')],
    ['mixing, tiled', attention, () => einsum('bkgts,bskd->btkgd', weights(), key(), 'tiled')],
    ['softmax', attention / 2 / headDim, () => softmax(weights())],
    ['a b', n * f, () => mul(float('a', n, f), float('b', n, f))],
    ['a + bias', n * f, () => add(float('a', n, f), float('b', f))],
    ['exp', n * f, () => exp(float('a', n, f))],
    ['largest of each row', n * f, () => reduceMax(float('a', n, f), [1])],
  ];
}

export async function timeOperators(backend: 'wasm' | 'webgpu', what: Subject): Promise<OperatorTime[]> {
  const device = await openWebDevice(backend);
  const times: OperatorTime[] = [];
  for (const [name, work, program] of cases(what)) {
    const model = writeModel('operator', { y: program() });
    const session = await device.compile(model);
    const sizeOf = (shape: readonly number[]) => shape.reduce((product, extent) => product * extent, 1);
    const feeds = Object.fromEntries(
      model.inputs.map((spec) => [spec.name, device.allocate('float32', sizeOf(spec.shape))]),
    );
    const y = device.allocate('float32', sizeOf(model.outputs[0].shape));
    const end = device.allocate('float32', 4);
    const turn = async (count: number) => {
      const start = performance.now();
      for (let i = 0; i < count; i++) await device.run(session, feeds, { y });
      device.copy(y, 0, end, 0, 4);
      await device.read(end); // waits for the queue
      return (performance.now() - start) / count;
    };
    await turn(2);
    const count = backend === 'wasm' ? 8 : 3;
    const rounds: number[] = [];
    for (let round = 0; round < 5; round++) rounds.push(await turn(count));
    const ms = median(rounds);
    times.push({ what: name, ms, rate: work / ms / 1e6 });
    for (const block of [...Object.values(feeds), y, end]) device.free(block);
    await session.release();
  }
  await device.close();
  return times;
}
