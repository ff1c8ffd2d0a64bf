/**
 * @file Reverse-mode differentiation: the chain rule, walked from the outputs to the inputs.
 *
 * Every operation recorded its vector-Jacobian product on a tape when it was built, so this file is only bookkeeping:
 * visit tapes in reverse topological order, hand each the sum of the cotangents that reached its outputs, pass on what
 * it returns. The result is made of ordinary tensors, to be written into the same model as the forward pass.
 */

import { add, equal, where } from './ops';
import { constant, differentiable, ShapeError, sameShape, Tensor } from './tensor';

/** The gradients of a scalar with respect to some tensors. */
export function gradients(of: Tensor, wrt: readonly Tensor[]): Tensor[] {
  if (of.size !== 1) throw new ShapeError('the gradient of a tensor that is not a scalar', [of.shape]);
  return pullback([[of, constant(Float32Array.of(1), of.shape)]], wrt);
}

/**
 * Pulls given cotangents back to `wrt`. A loss head that knows its own derivative starts here, rather than at its
 * scalar; a tensor that no cotangent reaches is an error, since it would never be trained.
 */
export function pullback(seeds: readonly (readonly [Tensor, Tensor])[], wrt: readonly Tensor[]): Tensor[] {
  const cotangents = new Map<Tensor, Tensor>();
  const receive = (tensor: Tensor, cotangent: Tensor) => {
    if (tensor.size !== cotangent.size) throw new ShapeError('a cotangent', [tensor.shape, cotangent.shape]);
    const sum = cotangents.get(tensor);
    cotangents.set(tensor, sum ? add(sum, cotangent) : cotangent);
  };
  for (const [tensor, cotangent] of seeds) receive(tensor, cotangent);

  const order = operandsFirst(seeds.map(([tensor]) => tensor));
  const wanted = dependents(order, wrt);
  const tapes = new Set(order.flatMap(({ tape }) => tape ?? [])); // where the first of its outputs stands
  for (const tape of [...tapes].reverse()) {
    const arriving = tape.outputs.map((output) => cotangents.get(output) ?? null);
    if (arriving.every((g) => g === null) || !tape.inputs.some((tensor) => wanted.has(tensor))) continue;
    const leaving = tape.vjp(arriving);
    tape.inputs.forEach((tensor, i) => {
      const cotangent = leaving[i];
      if (cotangent && wanted.has(tensor)) receive(tensor, cotangent);
    });
  }
  return wrt.map((tensor) => {
    const cotangent = cotangents.get(tensor);
    if (!cotangent) throw new Error(`no gradient reaches ${describe(tensor)}`);
    if (!sameShape(tensor.shape, cotangent.shape)) {
      throw new ShapeError(`the gradient of ${describe(tensor)}`, [tensor.shape, cotangent.shape]);
    }
    return cotangent;
  });
}

/**
 * f(x), of which only x is kept until the gradient comes back: then f is computed once more. `wrt` is what else
 * f depends on.
 *
 * The second computation starts from a choice between x and the cotangent that always falls on x. So it cannot
 * begin before the cotangent is there, and no optimizer may take it for the first computation and keep that
 * one's results after all.
 */
export function recomputed(f: (x: Tensor) => Tensor, x: Tensor, wrt: readonly Tensor[]): Tensor {
  const first = f(x);
  const y = new Tensor(first.source, first.index, first.shape, first.dtype);
  return differentiable(y, [x, ...wrt], (g) => {
    const zero = constant(Int32Array.of(0), [1]);
    const again = where(equal(zero, zero), x, g);
    again.tape = { inputs: [], outputs: [again], vjp: () => [] }; // a beginning: nothing is to be looked for behind it
    return pullback([[f(again), g]], [again, ...wrt]);
  });
}

/** What a gradient goes on to from a tensor, or would have to if its operation had a rule. */
function operands({ source, tape, dtype }: Tensor): Tensor[] {
  if (tape) return tape.inputs;
  return source.kind === 'node' && dtype === 'float32'
    ? source.inputs.filter((operand) => operand !== null)
    : [];
}

/** Everything that the roots are made from. With a stack of its own: a deep program would overflow the language's. */
function operandsFirst(roots: readonly Tensor[]): Tensor[] {
  const order = new Set<Tensor>();
  const entered = new Set<Tensor>();
  const stack = [...roots];
  for (let tensor = stack.at(-1); tensor; tensor = stack.at(-1)) {
    if (entered.has(tensor)) {
      stack.pop();
      order.add(tensor);
    } else {
      entered.add(tensor);
      stack.push(...operands(tensor));
    }
  }
  return [...order];
}

/** The tensors that are computed from one of `wrt`; refuses an operation on the way that has no gradient rule. */
function dependents(order: readonly Tensor[], wrt: readonly Tensor[]): Set<Tensor> {
  const found = new Set(wrt);
  for (const tensor of order) {
    if (found.has(tensor) || !operands(tensor).some((operand) => found.has(operand))) continue;
    if (!tensor.tape && tensor.source.kind === 'node') {
      throw new Error(`${tensor.source.op} has no gradient rule, and a gradient would have to pass it`);
    }
    found.add(tensor);
  }
  return found;
}

const describe = (tensor: Tensor): string =>
  tensor.source.kind === 'input' ? `input "${tensor.source.name}"` : `a tensor of shape [${tensor.shape}]`;
