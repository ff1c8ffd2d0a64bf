/**
 * @file Runs tensor programs in onnxruntime-node, and holds their gradients against finite differences.
 */

import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { expect } from 'vitest';
import { gradients } from '../../../src/graph/gradients';
import { type Model, writeModel } from '../../../src/graph/onnx';
import { add, mul, total } from '../../../src/graph/ops';
import { type ConstantData, constant, input, product, type Tensor } from '../../../src/graph/tensor';
import { RandomStream } from '../../../src/model/random';

export type Feeds = Record<string, ConstantData>;
export type Run = (feeds?: Feeds) => Promise<Record<string, Float32Array>>;

/** A session for a model: from feeds by name to every output by name. */
export async function open(model: Model): Promise<Run> {
  const session = await InferenceSession.create(model.bytes, {
    graphOptimizationLevel: 'basic',
    intraOpNumThreads: 1,
  });
  return async (feeds = {}) => {
    const tensors = model.inputs.map(({ name, dtype, shape }) => {
      expect(feeds, `a value for the input "${name}"`).toHaveProperty([name]);
      return [name, new OrtTensor(dtype, feeds[name], shape)] as const;
    });
    const results = await session.run(Object.fromEntries(tensors));
    for (const { name, shape } of model.outputs)
      expect(results[name].dims, `shape of ${name}`).toEqual(shape);
    return Object.fromEntries(
      Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]),
    );
  };
}

/** The values of some tensors. */
export async function evaluate<Name extends string>(
  outputs: Record<Name, Tensor>,
  feeds: Feeds = {},
): Promise<Record<Name, Float32Array>> {
  const run = await open(writeModel('test', outputs));
  return run(feeds);
}

/** Standard normal numbers, other ones for every name. */
export function random(name: string, shape: readonly number[]): Float32Array {
  const stream = new RandomStream(1, name);
  return Float32Array.from({ length: product(shape) }, (_, i) => stream.normal(i));
}

/** A variable: a shape alone is filled with random numbers. */
type Variable = number[] | { shape: number[]; data: Float32Array };

/** Numbers between 0.5 and 2.5, for what is defined above zero only. */
export const positive = (shape: number[]): Variable => ({
  shape,
  data: random('positive', shape).map((x) => 0.5 + 2 / (1 + Math.exp(-x))),
});

const STEP = 1 / 128;

/**
 * Differentiates the sum of f's results, each number weighted at random, by every variable: once through `gradients`,
 * and once by moving each number of each variable up and down. The differences are taken of f's own results and
 * summed in float64, so that only float32's rounding of f itself remains.
 */
export async function expectGradients<Name extends string>(
  variables: Record<Name, Variable>,
  f: (tensors: Record<Name, Tensor>) => Tensor | Tensor[],
  feeds: Feeds = {},
): Promise<void> {
  const names = Object.keys(variables) as Name[];
  const shapeOf = (name: Name): number[] => {
    const variable: Variable = variables[name];
    return Array.isArray(variable) ? variable : variable.shape;
  };
  const values = Object.fromEntries(
    names.map((name) => {
      const variable: Variable = variables[name];
      return [name, Array.isArray(variable) ? random(name, variable) : variable.data];
    }),
  ) as Record<Name, Float32Array>;
  const tensors = Object.fromEntries(
    names.map((name) => [name, input(name, 'float32', shapeOf(name))]),
  ) as Record<Name, Tensor>;

  const results = [f(tensors)].flat();
  const factors = results.map(({ shape }, i) => random(`factor ${i}`, shape));
  const loss = results.map((y, i) => total(mul(y, constant(factors[i], y.shape)))).reduce(add);
  const wanted = gradients(
    loss,
    names.map((name) => tensors[name]),
  );
  const backward = await evaluate(Object.fromEntries(names.map((name, i) => [`grad.${name}`, wanted[i]])), {
    ...feeds,
    ...values,
  });

  const forward = await open(writeModel('forward', Object.fromEntries(results.map((y, i) => [`y${i}`, y]))));
  const weighted = async (at: Feeds) => {
    const y = await forward({ ...feeds, ...at });
    return factors.reduce((sum, factor, i) => sum + dot(factor, y[`y${i}`]), 0);
  };
  for (const name of names) {
    const slopes: number[] = [];
    for (let i = 0; i < values[name].length; i++) {
      const at = async (step: number) =>
        weighted({ ...values, [name]: values[name].with(i, values[name][i] + step) });
      const difference = async (step: number) => ((await at(step)) - (await at(-step))) / (2 * step);
      slopes.push((4 * (await difference(STEP)) - (await difference(2 * STEP))) / 3); // what h^2 adds cancels
    }
    expect(errorOf(backward[`grad.${name}`], slopes), `error of the gradient of ${name}`).toBeLessThan(2e-4);
  }
}

const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, x, i) => sum + x * b[i], 0);

/** The largest difference, relative to the largest value. */
export function errorOf(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  let [difference, scale] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    const d = Math.abs(actual[i] - expected[i]);
    if (!(d <= difference)) difference = d; // a NaN must win
    scale = Math.max(scale, Math.abs(expected[i]));
  }
  return difference / (scale || 1);
}
