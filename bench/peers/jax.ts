/**
 * @file The same model in jax-js, written as its documentation recommends: one jitted function for the whole step (loss,
 * gradients, clipping, AdamW), so that everything that can be fused is, and the library's own grouped attention.
 * (Its optimizer package, @jax-js/optax, is not on npm; AdamW is written out.)
 */

import {
  blockUntilReady,
  defaultDevice,
  init,
  type JaxArray,
  jit,
  nn,
  numpy as np,
  valueAndGrad,
} from '@jax-js/jax';
import { type Job, timeSteps } from '../lib/jobs';
import { ADAM, batchOf, type Subject } from '../lib/subject';
import { flatten, initialWeights, rotations, shapeOf, type Weight } from './weights';

export async function jaxJob(backend: string, subject: Subject): Promise<Job> {
  const devices = await init(backend);
  if (!devices.includes(backend)) throw new Error(`jax-js has no ${backend} backend here.`);
  defaultDevice(backend);

  const weights = initialWeights(subject);
  let parameters = weights.map(({ values, shape }) => np.array(values, { shape }));
  let m = weights.map(({ shape }) => np.zeros(shape));
  let v = weights.map(({ shape }) => np.zeros(shape));
  const { tokens, targets } = batchArrays(subject);
  const lossOf = modelOf(subject, weights);
  let steps = 0;

  const train = jit(
    (p: JaxArray[], m: JaxArray[], v: JaxArray[], correction: JaxArray[], batch: JaxArray[]) => {
      const [tokens, targets] = batch;
      const [loss, gradients] = valueAndGrad((q: JaxArray[]) => lossOf(q, tokens.ref, targets.ref))(
        p.map((each) => each.ref),
      );
      tokens.dispose();
      targets.dispose();
      const next = adamW(weights, p, m, v, gradients, correction);
      return [loss, next.parameters, next.m, next.v];
    },
  );

  const step = async () => {
    steps++;
    const { learningRate, beta1, beta2, epsilon } = ADAM;
    const root = Math.sqrt(1 - beta2 ** steps);
    const correction = [(learningRate * root) / (1 - beta1 ** steps), epsilon * root].map((value) =>
      np.array(Float32Array.of(value), { shape: [] }),
    );
    const [loss, ...next] = train(parameters, m, v, correction, [tokens.ref, targets.ref]) as unknown as [
      JaxArray,
      JaxArray[],
      JaxArray[],
      JaxArray[],
    ];
    [parameters, m, v] = next;
    await blockUntilReady(parameters);
    return (await loss.data())[0];
  };
  return {
    time: (count) => timeSteps(count, step),
    close: async () => {
      for (const array of [...parameters, ...m, ...v, tokens, targets]) array.dispose();
    },
  };
}

function batchArrays(subject: Subject): { tokens: JaxArray; targets: JaxArray } {
  const flat = flatten(batchOf(subject));
  const shape = [subject.rows * subject.length];
  const ids = (values: Int32Array) => np.array(values, { shape, dtype: np.int32 });
  return { tokens: ids(flat.tokens), targets: ids(flat.targets) };
}

function modelOf(subject: Subject, weights: readonly Weight[]) {
  const { rows, length } = subject;
  const { layers, width, heads, kvHeads, headDim, vocabulary, epsilon } = shapeOf(subject);
  const count = rows * length;
  const table = rotations(subject);
  const cos = np.array(table.cos, { shape: [length, 1, headDim / 2] });
  const sin = np.array(table.sin, { shape: [length, 1, headDim / 2] });

  const linear = (x: JaxArray, weight: JaxArray) => np.matmul(x, np.matrixTranspose(weight));
  const rmsNorm = (x: JaxArray, gain: JaxArray) => {
    const rms = np.sqrt(np.mean(np.square(x.ref), -1, { keepdims: true }).add(epsilon));
    return x.mul(np.reciprocal(rms)).mul(gain);
  };
  const rotate = (x: JaxArray) => {
    const [a, b] = np.split(x, 2, -1);
    const turned = a.ref.mul(cos.ref).sub(b.ref.mul(sin.ref));
    return np.concatenate([turned, b.mul(cos.ref).add(a.mul(sin.ref))], -1);
  };
  const attention = (qkv: JaxArray) => {
    const perHead = qkv.reshape([rows, length, heads + 2 * kvHeads, headDim]);
    const [q, k, v] = np.split(perHead, [heads, heads + kvHeads], 2);
    return nn.dotProductAttention(rotate(q), rotate(k), v, { isCausal: true }).reshape([count, width]);
  };
  const swiglu = (gateUp: JaxArray) => {
    const [gate, up] = np.split(gateUp, 2, 1);
    return nn.silu(gate).mul(up);
  };

  const index = new Map(weights.map(({ name }, i) => [name, i]));
  return (parameters: JaxArray[], tokens: JaxArray, targets: JaxArray): JaxArray => {
    const get = (name: string) => parameters[index.get(name) as number];
    let x = np.take(get('embed').ref, tokens, 0);
    for (let i = 0; i < layers; i++) {
      const layer = (name: string) => get(`layers.${i}.${name}`);
      const mixed = attention(linear(rmsNorm(x.ref, layer('attnNorm')), layer('qkv')));
      x = x.add(linear(mixed, layer('out')));
      const activated = swiglu(linear(rmsNorm(x.ref, layer('mlpNorm')), layer('gateUp')));
      x = x.add(linear(activated, layer('down')));
    }
    const logits = linear(rmsNorm(x, get('norm')), get('embed'));
    const chosen = nn.logSoftmax(logits, -1).mul(nn.oneHot(targets, vocabulary));
    return np.sum(chosen).mul(-1 / count);
  };
}

function adamW(
  weights: readonly Weight[],
  parameters: JaxArray[],
  m: JaxArray[],
  v: JaxArray[],
  gradients: JaxArray[],
  [rate, tiny]: JaxArray[],
) {
  const { learningRate, beta1, beta2, weightDecay, maxGradNorm } = ADAM;
  const squares = gradients.map((gradient) => np.sum(np.square(gradient.ref)));
  const norm = np.sqrt(squares.reduce((sum, square) => sum.add(square)));
  const clip = np.minimum(1, np.reciprocal(norm).mul(maxGradNorm));
  const next = weights.map(({ decay }, i) => {
    const gradient = gradients[i].mul(clip.ref);
    const nextM = m[i].mul(beta1).add(gradient.ref.mul(1 - beta1));
    const nextV = v[i].mul(beta2).add(np.square(gradient).mul(1 - beta2));
    const update = nextM.ref.div(np.sqrt(nextV.ref).add(tiny.ref)).mul(rate.ref);
    const kept = decay ? parameters[i].mul(1 - learningRate * weightDecay) : parameters[i];
    return { parameter: kept.sub(update), m: nextM, v: nextV };
  });
  for (const used of [clip, rate, tiny]) used.dispose();
  return {
    parameters: next.map(({ parameter }) => parameter),
    m: next.map((each) => each.m),
    v: next.map((each) => each.v),
  };
}
