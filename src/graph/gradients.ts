/**
 * @file Reverse-mode differentiation: the chain rule, walked from the outputs to the inputs.
 *
 * Every operation recorded its vector-Jacobian product on a tape when it was built, so this file is only bookkeeping:
 * visit tapes in reverse topological order, hand each the sum of the cotangents that reached its outputs, pass on what
 * it returns. The result is made of ordinary tensors, to be written into the same model as the forward pass.
 */

import { add } from './ops';
import { scalar, sameShape, ShapeError, type Tape, type Tensor } from './tensor';

/** The gradients of a scalar with respect to some tensors. */
export function gradients(of: Tensor, wrt: readonly Tensor[]): Tensor[] {
  if (of.size !== 1) throw new ShapeError('the gradient of a tensor that is not a scalar', [of.shape]);
  return pullback([[of, scalar(1)]], wrt);
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

  const wanted = dependents(wrt);
  for (const tape of reverseTopological(seeds.map(([tensor]) => tensor))) {
    const arriving = tape.outputs.map((output) => cotangents.get(output) ?? null);
    if (arriving.every((g) => g === null) || !tape.inputs.some((t) => wanted(t))) continue;
    const leaving = tape.vjp(arriving);
    tape.inputs.forEach((tensor, i) => {
      const cotangent = leaving[i];
      if (cotangent && wanted(tensor)) receive(tensor, cotangent);
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

/** Tells whether a tensor is computed from one of `wrt`; refuses an operation on the way that has no gradient rule. */
function dependents(wrt: readonly Tensor[]): (tensor: Tensor) => boolean {
  const known = new Map<Tensor, boolean>(wrt.map((tensor) => [tensor, true]));
  const depends = (tensor: Tensor): boolean => {
    let answer = known.get(tensor);
    if (answer === undefined) {
      const { source, tape } = tensor;
      if (tape) answer = tape.inputs.some(depends);
      else if (source.kind === 'node' && tensor.dtype === 'float32') {
        answer = source.inputs.some((operand) => operand !== null && depends(operand));
        if (answer) throw new Error(`${source.op} has no gradient rule, and a gradient would have to pass it`);
      } else answer = false;
      known.set(tensor, answer);
    }
    return answer;
  };
  return depends;
}

function reverseTopological(roots: readonly Tensor[]): Tape[] {
  const order: Tape[] = [];
  const seen = new Set<Tape>();
  const visit = (tensor: Tensor) => {
    const { tape } = tensor;
    if (!tape || seen.has(tape)) return;
    seen.add(tape);
    for (const operand of tape.inputs) visit(operand);
    order.push(tape);
  };
  for (const root of roots) visit(root);
  return order.reverse();
}

const describe = (tensor: Tensor): string =>
  tensor.source.kind === 'input' ? `input "${tensor.source.name}"` : `a tensor of shape [${tensor.shape}]`;
