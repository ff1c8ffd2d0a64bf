/**
 * @file AdamW with global-norm clipping as a tensor program: torch.optim.AdamW after clip_grad_norm_.
 *
 * Hyperparameters are inputs, so a schedule needs no new model; norms and biases are not decayed. What is a small
 * difference of numbers near one (1 - beta, 1 - beta^t) is an input too: in float32 it would lose half its digits.
 */

import { type BuiltShape, trainedParameters } from '../model/build';
import { add, div, minimum, mul, sqrt, sub, total } from './ops';
import { input, scalar, type Tensor } from './tensor';

/** torch.nn.utils.clip_grad_norm_ divides by norm + 1e-6. */
const NORM_EPSILON = 1e-6;

export function adamw(config: BuiltShape): Record<string, Tensor> {
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

  const all = trainedParameters(config).map(({ name, shape, decay }) => {
    const of = (prefix: string) => input(`${prefix}${name}`, 'float32', shape);
    return { name, decay, w: of(''), g: of('grad.'), m: of('m.'), v: of('v.') };
  });

  const norm = sqrt(all.map(({ g }) => total(mul(g, g))).reduce(add));
  const clip = minimum(div(maxNorm, add(norm, scalar(NORM_EPSILON))), one);

  const stepSize = div(learningRate, correction1);
  const spread = sqrt(correction2);
  const keep = sub(one, mul(learningRate, weightDecay));
  const fresh1 = mul(rest1, clip);
  const fresh2 = mul(rest2, mul(clip, clip));

  const outputs: Record<string, Tensor> = { grad_norm: norm };
  for (const { name, decay, w, g, m, v } of all) {
    const nextM = add(mul(m, beta1), mul(g, fresh1));
    const nextV = add(mul(v, beta2), mul(mul(g, g), fresh2));
    const update = div(mul(nextM, stepSize), add(div(sqrt(nextV), spread), epsilon));
    outputs[`new.${name}`] = sub(decay ? mul(w, keep) : w, update);
    outputs[`new.m.${name}`] = nextM;
    outputs[`new.v.${name}`] = nextV;
  }
  return outputs;
}
