/**
 * @file The same model in TensorFlow.js, written as well as it can be: variables, tidy, products with transposed operands,
 * attention as one batched product per key head, the library's own softmax cross-entropy with its short gradient.
 *
 * The embedding's gradient is a product with a one-hot matrix: the library's own (unsortedSegmentSum) has no kernel on the
 * wasm backend. AdamW is written out, because the library's optimizers neither decay weights nor clip by the global norm.
 */

import { type Job, timeSteps } from '../lib/jobs';
import { ADAM, batchOf, type Subject } from '../lib/subject';
import { loadTensorFlow, type Save, type Tensor, type TensorFlow, type Variable } from './tfjs-api';
import { flatten, initialWeights, rotations, shapeOf } from './weights';

export async function tfjsJob(backend: string, subject: Subject): Promise<Job> {
  const tf = await loadTensorFlow(backend);
  const weights = initialWeights(subject).map((weight) => ({
    ...weight,
    variable: tf.variable(tf.tensor(weight.values, weight.shape), true, weight.name),
  }));
  const variables = new Map(weights.map(({ name, variable }) => [name, variable]));
  const loss = lossOf(tf, subject, (name) => variables.get(name) as Variable);
  const optimizer = adamW(tf, weights);

  const step = async () => {
    const value = tf.tidy(() => {
      const { value, grads } = tf.variableGrads(loss, [...variables.values()]);
      optimizer(grads);
      return value;
    });
    const [number] = await value.data();
    value.dispose();
    return number;
  };
  return {
    time: (count) =>
      timeSteps(count, step).then(async (timing) => {
        await weights[0].variable.data(); // the last update, too, must be done
        return timing;
      }),
    close: async () => {
      for (const { variable } of weights) variable.dispose();
    },
  };
}

function lossOf(tf: TensorFlow, subject: Subject, get: (name: string) => Variable): () => Tensor {
  const { rows, length } = subject;
  const { layers, width, heads, kvHeads, headDim, mlp, vocabulary, epsilon } = shapeOf(subject);
  const count = rows * length;
  const group = heads / kvHeads;
  const table = rotations(subject);
  const cos = tf.tensor(table.cos, [length, 1, headDim / 2]);
  const sin = tf.tensor(table.sin, [length, 1, headDim / 2]);
  const mask = tf.tensor(
    Float32Array.from({ length: group * length * length }, (_, i) =>
      i % length > Math.floor(i / length) % length ? -1e9 : 0,
    ),
    [group * length, length],
  );
  const flat = flatten(batchOf(subject));
  const tokens = tf.tensor(flat.tokens, [count], 'int32');
  const oneHot = (ids: Tensor) => tf.tidy(() => tf.cast(tf.oneHot(ids, vocabulary), 'float32'));
  const inputs = oneHot(tokens);
  const labels = oneHot(tf.tensor(flat.targets, [count], 'int32'));
  const scale = tf.scalar(1 / Math.sqrt(headDim));
  const tiny = tf.scalar(epsilon);

  const multiply = products(tf);
  const embed = tf.customGrad((table) => ({
    value: tf.gather(table as Tensor, tokens),
    gradFunc: (dy) => [multiply.plain(inputs, dy, true, false)],
  }));
  const rmsNorm = (x: Tensor, gain: Tensor) =>
    tf.mul(tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), tiny))), gain);
  const rotate = (x: Tensor) => {
    const [a, b] = tf.split(x, [headDim / 2, headDim / 2], -1);
    return tf.concat([tf.sub(tf.mul(a, cos), tf.mul(b, sin)), tf.add(tf.mul(b, cos), tf.mul(a, sin))], -1);
  };
  /** [B, T, n, hd] to [B * KV, n / KV * T, hd]: the queries of one key head follow one another. */
  const byKeyHead = (x: Tensor) => tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [rows * kvHeads, -1, headDim]);

  const attention = (qkv: Tensor) => {
    const perHead = tf.reshape(qkv, [rows, length, heads + 2 * kvHeads, headDim]);
    const [qk, v] = tf.split(perHead, [heads + kvHeads, kvHeads], 2);
    const [q, k] = tf.split(rotate(qk), [heads, kvHeads], 2);
    const scores = tf.mul(multiply.transposed(byKeyHead(q), byKeyHead(k)), scale);
    const mixed = multiply.straight(tf.softmax(tf.add(scores, mask)), byKeyHead(v));
    return tf.reshape(tf.transpose(tf.reshape(mixed, [rows, heads, length, headDim]), [0, 2, 1, 3]), [
      count,
      width,
    ]);
  };
  const swiglu = (gateUp: Tensor) => {
    const [gate, up] = tf.split(gateUp, [mlp, mlp], 1);
    return tf.mul(tf.mul(gate, tf.sigmoid(gate)), up);
  };

  return () => {
    let x = embed(get('embed'));
    for (let i = 0; i < layers; i++) {
      const layer = (name: string) => get(`layers.${i}.${name}`);
      const linear = (input: Tensor, name: string) => multiply.transposed(input, layer(name));
      x = tf.add(x, linear(attention(linear(rmsNorm(x, layer('attnNorm')), 'qkv')), 'out'));
      x = tf.add(x, linear(swiglu(linear(rmsNorm(x, layer('mlpNorm')), 'gateUp')), 'down'));
    }
    const logits = multiply.transposed(rmsNorm(x, get('norm')), get('embed'));
    return tf.losses.softmaxCrossEntropy(labels, logits);
  };
}

/**
 * Matrix products and their gradients. The wasm backend has a fast kernel for operands as they are and a slow one (12 times,
 * measured) for transposed ones, which the library's own gradients ask for: there, transposing first costs next to nothing.
 */
function products(tf: TensorFlow) {
  const transposesFirst = tf.getBackend() === 'wasm';
  const turned = (x: Tensor) => tf.transpose(x, x.shape.length === 3 ? [0, 2, 1] : [1, 0]);
  const plain = (a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor =>
    transposesFirst
      ? tf.matMul(transposeA ? turned(a) : a, transposeB ? turned(b) : b)
      : tf.matMul(a, b, transposeA, transposeB);
  const differentiable = (transposeB: boolean) =>
    tf.customGrad((...given) => {
      const [a, b, save] = given as [Tensor, Tensor, Save];
      save([a, b]);
      return {
        value: plain(a, b, false, transposeB),
        gradFunc: (dy, [x, y]) => [
          plain(dy, y, false, !transposeB),
          transposeB ? plain(dy, x, true, false) : plain(x, dy, true, false),
        ],
      };
    });
  return { plain, straight: differentiable(false), transposed: differentiable(true) };
}

type Trained = { name: string; shape: number[]; decay: boolean; variable: Variable };

function adamW(tf: TensorFlow, weights: readonly Trained[]): (grads: Record<string, Tensor>) => void {
  const { learningRate, beta1, beta2, epsilon, weightDecay, maxGradNorm } = ADAM;
  const moments = weights.map(({ name, shape }) => ({
    m: tf.variable(tf.zeros(shape), false, `m.${name}`),
    v: tf.variable(tf.zeros(shape), false, `v.${name}`),
  }));
  let steps = 0;
  return (grads) => {
    steps++;
    const norm = tf.sqrt(tf.addN(weights.map(({ name }) => tf.sum(tf.square(grads[name])))));
    const clip = tf.minimum(tf.scalar(1), tf.div(tf.scalar(maxGradNorm), norm));
    const [b1, b2] = [tf.scalar(beta1), tf.scalar(beta2)];
    // Clipping and 1 - beta are one factor of the gradient; both corrections of bias are folded into two scalars.
    const forM = tf.mul(clip, tf.scalar(1 - beta1));
    const forV = tf.mul(tf.square(clip), tf.scalar(1 - beta2));
    const rootCorrection = Math.sqrt(1 - beta2 ** steps);
    const rate = tf.scalar((learningRate * rootCorrection) / (1 - beta1 ** steps));
    const tiny = tf.scalar(epsilon * rootCorrection);
    const keep = tf.scalar(1 - learningRate * weightDecay);
    weights.forEach(({ name, decay, variable }, i) => {
      const gradient = grads[name];
      const { m, v } = moments[i];
      const nextM = tf.add(tf.mul(m, b1), tf.mul(gradient, forM));
      const nextV = tf.add(tf.mul(v, b2), tf.mul(tf.square(gradient), forV));
      const update = tf.mul(tf.div(nextM, tf.add(tf.sqrt(nextV), tiny)), rate);
      m.assign(nextM);
      v.assign(nextV);
      variable.assign(tf.sub(decay ? tf.mul(variable, keep) : variable, update));
    });
  };
}
