/**
 * @file AdamW with global-norm clipping as a tensor program: torch.optim.AdamW after clip_grad_norm_.
 *
 * Hyperparameters are inputs, so a schedule needs no new model; norms and biases are not decayed. What is a small
 * difference of numbers near one (1 - beta, 1 - beta^t) is an input too: in float32 it would lose half its digits.
 *
 * It comes as one program over all parameters, and in parts that give the same bits: a large model's would hold
 * everything, old and new, at once.
 */

import { type BuiltShape, trainedParameters } from '../model/build';
import { add, div, minimum, mul, reshape, sqrt, sub, total } from './ops';
import { input, node, scalar, type Tensor } from './tensor';

/** torch.nn.utils.clip_grad_norm_ divides by norm + 1e-6. */
const NORM_EPSILON = 1e-6;

/** A parameter, or a part of one, as a program of the optimizer sees it. */
export interface Piece {
  name: string;
  shape: readonly number[];
  decay: boolean;
}

export function adamw(config: BuiltShape): Record<string, Tensor> {
  const all = trainedParameters(config).map(withGradient);
  const norm = sqrt(all.map(({ g }) => total(mul(g, g))).reduce(add));
  return { grad_norm: norm, ...updates(all, norm) };
}

/** Adds the squares of these gradients to `squares`. Ones are an input: as constants they would be as large as the model. */
export function addSquares(pieces: readonly Piece[]): Record<string, Tensor> {
  const ones = new Map<number, Tensor>();
  const squares = pieces.map(withGradient).map(({ g }) => {
    const row = ones.get(g.size) ?? input(onesName(g.size), 'float32', [g.size]);
    ones.set(g.size, row);
    return node('MatMul', [row, reshape(mul(g, g), [g.size, 1])], [1]);
  });
  return { 'new.squares': squares.reduce(add, input('squares', 'float32', [1])) };
}

export const onesName = (size: number): string => `ones.${size}`;

/** The next weights and moments of some, once `grad_norm` of all is known. */
export const adamwUpdate = (pieces: readonly Piece[]): Record<string, Tensor> =>
  updates(pieces.map(withGradient), input('grad_norm', 'float32', [1]));

type WithGradient = Piece & { g: Tensor };
const withGradient = (piece: Piece): WithGradient => ({
  ...piece,
  g: input(`grad.${piece.name}`, 'float32', piece.shape),
});

function updates(pieces: readonly WithGradient[], norm: Tensor): Record<string, Tensor> {
  const setting = (name: string) => input(name, 'float32', [1]);
  const [learningRate, epsilon, weightDecay, maxNorm] = [
    'learning_rate',
    'epsilon',
    'weight_decay',
    'max_grad_norm',
  ].map(setting);
  const [beta1, beta2, rest1, rest2] = ['beta1', 'beta2', 'one_minus_beta1', 'one_minus_beta2'].map(setting);
  /** 1 - beta1^t and 1 - beta2^t at step t, counted from one. */
  const [correction1, correction2] = ['correction1', 'correction2'].map(setting);
  const one = scalar(1);

  const clip = minimum(div(maxNorm, add(norm, scalar(NORM_EPSILON))), one);
  const stepSize = div(learningRate, correction1);
  const spread = sqrt(correction2);
  const keep = sub(one, mul(learningRate, weightDecay));
  const fresh1 = mul(rest1, clip);
  const fresh2 = mul(rest2, mul(clip, clip));

  const outputs: Record<string, Tensor> = {};
  for (const { name, shape, decay, g } of pieces) {
    const of = (prefix: string) => input(`${prefix}${name}`, 'float32', shape);
    const [w, m, v] = [of(''), of('m.'), of('v.')];
    const nextM = add(mul(m, beta1), mul(g, fresh1));
    const nextV = add(mul(v, beta2), mul(mul(g, g), fresh2));
    const update = div(mul(nextM, stepSize), add(div(sqrt(nextV), spread), epsilon));
    outputs[`new.${name}`] = sub(decay ? mul(w, keep) : w, update);
    outputs[`new.m.${name}`] = nextM;
    outputs[`new.v.${name}`] = nextV;
  }
  return outputs;
}
