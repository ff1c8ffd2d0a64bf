/**
 * @file AdamW with global-norm clipping as a tensor program: torch.optim.AdamW after clip_grad_norm_.
 *
 * Hyperparameters are inputs, so a schedule needs no new model. Norms and biases are not decayed.
 */

import type { ModelShape } from '../model/config';
import { parameters } from '../model/parameters';
import { add, div, minimum, mul, sqrt, sub, total } from './ops';
import { input, node, scalar, type Tensor } from './tensor';

/** torch.nn.utils.clip_grad_norm_ divides by norm + 1e-6. */
const NORM_EPSILON = 1e-6;

export function adamw(config: ModelShape): Record<string, Tensor> {
  const setting = (name: string) => input(name, 'float32', [1]);
  const [learningRate, beta1, beta2, epsilon] = ['learning_rate', 'beta1', 'beta2', 'epsilon'].map(setting);
  const [weightDecay, maxNorm, step] = ['weight_decay', 'max_grad_norm', 'step'].map(setting);
  const one = scalar(1);
  const power = (base: Tensor, exponent: Tensor) => node('Pow', [base, exponent], [1]);

  const all = parameters(config).map(({ name, shape, decay }) => {
    const of = (prefix: string) => input(`${prefix}${name}`, 'float32', shape);
    return { name, decay, w: of(''), g: of('grad.'), m: of('m.'), v: of('v.') };
  });

  const norm = sqrt(all.map(({ g }) => total(mul(g, g))).reduce(add));
  const clip = minimum(div(maxNorm, add(norm, scalar(NORM_EPSILON))), one);

  const correction1 = sub(one, power(beta1, step));
  const correction2 = sqrt(sub(one, power(beta2, step)));
  const stepSize = div(learningRate, correction1);
  const keep = sub(one, mul(learningRate, weightDecay));
  const fresh1 = mul(sub(one, beta1), clip);
  const fresh2 = mul(sub(one, beta2), mul(clip, clip));

  const outputs: Record<string, Tensor> = { grad_norm: norm };
  for (const { name, decay, w, g, m, v } of all) {
    const nextM = add(mul(m, beta1), mul(g, fresh1));
    const nextV = add(mul(v, beta2), mul(mul(g, g), fresh2));
    const update = div(mul(nextM, stepSize), add(div(sqrt(nextV), correction2), epsilon));
    outputs[`new.${name}`] = sub(decay ? mul(w, keep) : w, update);
    outputs[`new.m.${name}`] = nextM;
    outputs[`new.v.${name}`] = nextV;
  }
  return outputs;
}
