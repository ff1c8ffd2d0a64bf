/**
 * @file The Llama family (Llama, SmolLM2, Qwen2, Qwen3) as a tensor program, from a Hugging Face config.
 */

import { adapterNames } from '../model/adapter';
import { type BuiltShape, trainedParameters } from '../model/build';
import type { ModelShape } from '../model/config';
import { type Parameter, parameters } from '../model/parameters';
import { type FrozenMatrix, frozenMatrix } from './frozen';
import { recomputed } from './gradients';
import { attention, embedding, linear, type Rotation, rmsNorm, swiglu, type TableRows } from './layers';
import { add, concat, equal, gather, gemm, reshape, split, where, zeros } from './ops';
import { constant, input, type Tensor } from './tensor';

/** A product of so few columns is computed by one of onnxruntime's threads, whatever the number of its rows. */
const UNSHARED_COLUMNS = 16;

/**
 * The parameters as model inputs: weights are fed on every call, so that they can stay where they are and
 * change.
 *
 * `unpack`: matrices in less than float32 are made whole once, for all products of a model, rather than by each product
 * for itself. `unshared`: an adapter's narrow products round the same however many rows they have (see
 * Sampler's `narrowest`).
 */
export class Weights {
  readonly byName: Map<string, Tensor>;
  /** Those of them that a gradient is wanted for. */
  readonly trained: Map<string, Tensor>;
  private readonly parameters: Map<string, Parameter>;
  private readonly frozen = new Map<string, FrozenMatrix>();
  private readonly whole = new Map<string, Tensor>();

  constructor(
    readonly config: BuiltShape,
    private readonly how: { unpack?: boolean; unshared?: boolean } = {},
  ) {
    const own = parameters(config);
    const trained = trainedParameters(config);
    const inputs = (some: Parameter[]) =>
      new Map(some.map(({ name, shape }) => [name, input(name, 'float32', shape)]));
    this.parameters = new Map(own.map((parameter) => [parameter.name, parameter]));
    for (const parameter of own) {
      const matrix = frozenMatrix(parameter, config);
      if (matrix) this.frozen.set(parameter.name, matrix);
    }
    const plain = own.filter(({ name }) => !this.frozen.has(name));
    this.byName = inputs([...plain, ...(config.adapter ? trained : [])]);
    this.trained = new Map(trained.flatMap(({ name }) => (this.maybe(name) ? [[name, this.get(name)]] : [])));
  }

  get(name: string): Tensor {
    const tensor = this.byName.get(name);
    if (!tensor) throw new Error(`this model has no parameter "${name}"`);
    return tensor;
  }

  maybe(name: string): Tensor | null {
    return this.byName.get(name) ?? null;
  }

  layer(index: number) {
    const full = (name: string) => `layers.${index}.${name}`;
    return {
      get: (name: string) => this.get(full(name)),
      /** x through one of the layer's matrices, with its bias and what an adapter adds to it. */
      apply: (name: string, x: Tensor) => this.apply(full(name), x),
    };
  }

  /** What is trained in one layer. */
  trainedIn(index: number): Tensor[] {
    const isHere = (name: string) => /^(model\.)?layers\.(\d+)\./.exec(name)?.[2] === String(index);
    return [...this.trained].flatMap(([name, tensor]) => (isHere(name) ? [tensor] : []));
  }

  private apply(name: string, x: Tensor): Tensor {
    const y = this.product(name, x);
    const bias = this.maybe(`${name}Bias`);
    const biased = bias ? add(y, bias) : y;
    const update = this.update(name, x);
    return update ? add(biased, update) : biased;
  }

  private product(name: string, x: Tensor): Tensor {
    const frozen = this.frozen.get(name);
    if (!frozen) return linear(x, this.get(name));
    return this.how.unpack ? linear(x, this.unpacked(name, frozen)) : frozen.times(x);
  }

  /** x A^T for the few rows of A. */
  private narrow(x: Tensor, down: Tensor): Tensor {
    const [rank] = down.shape;
    if (!this.how.unshared || rank <= UNSHARED_COLUMNS) return gemm(x, down, { transB: true });
    const parts = Array.from({ length: Math.ceil(rank / UNSHARED_COLUMNS) }, (_, i) =>
      Math.min(UNSHARED_COLUMNS, rank - i * UNSHARED_COLUMNS),
    );
    const products = split(down, 0, parts).map((part) => gemm(x, part, { transB: true }));
    return concat(products, 1);
  }

  private unpacked(name: string, frozen: FrozenMatrix): Tensor {
    const whole = this.whole.get(name) ?? frozen.whole();
    this.whole.set(name, whole);
    return whole;
  }

  /** What an adapter adds to a product, side by side for the matrices that are packed into one. */
  private update(name: string, x: Tensor): Tensor | null {
    const { adapter } = this.config;
    const parts = this.parameters.get(name)?.parts ?? [];
    if (!adapter) return null;
    const updates = parts.map((part) => {
      const { a, b } = adapterNames(part.name);
      const [down, up] = [this.maybe(a), this.maybe(b)];
      if (!down || !up) return null;
      const scaled = { transB: true, alpha: adapter.alpha / adapter.rank };
      return gemm(this.narrow(x, down), up, scaled);
    });
    if (updates.every((update) => update === null)) return null;
    const blocks = updates.map((update, i) => update ?? zeros([x.shape[0], parts[i].shape[0]]));
    return blocks.length > 1 ? concat(blocks, 1) : blocks[0];
  }

  /** The embeddings of tokens [N]. */
  embed(tokens: Tensor, used: TableRows | null): Tensor {
    const frozen = this.frozen.get('embed');
    return frozen ? frozen.rows(tokens) : embedding(this.get('embed'), tokens, used);
  }

  /** [V, D]: the output head. */
  get head(): Tensor {
    const frozen = this.frozen.get(this.headName);
    return frozen ? frozen.whole() : this.get(this.headName);
  }

  logits(hidden: Tensor): Tensor {
    return this.product(this.headName, hidden);
  }

  /** It may be the embedding itself. */
  private get headName(): string {
    return this.config.tiedHead ? 'embed' : 'head';
  }
}

/**
 * The rows of a batch. `plain`: each row is one sequence from position 0, padded at its end (causality keeps padding
 * out of sight). `packed`: a row is a shared prompt and several answers to it, told apart by inputs.
 */
export interface BatchLayout {
  rows: number;
  length: number;
  packing: 'plain' | 'packed';
  /** What runs it best: a GPU (the default) wants few nodes, a processor its memory used well. Either runs it. */
  target?: Target;
  /**
   * Whether training keeps only what lies between layers, and computes each layer once more on the way back.
   * Default: false.
   */
  recompute?: boolean;
}

export type Target = 'gpu' | 'cpu';

/** Above this many entries a one-hot matrix over the vocabulary costs more than one over the batch's tokens. */
const SMALL_VOCABULARY = 4096;

/** On a GPU, up to this length attention is so small a part that fewer, plainer nodes win over blocked ones. */
const SHORT_CONTEXT = 256;

export interface Trunk {
  /** [N, D], normalized: what the head multiplies. */
  hidden: Tensor;
  /** One per layer, [B, T, KV, hd]; none where layers are computed again. */
  keys: Tensor[];
  values: Tensor[];
}

/** Everything below the head, for whole sequences at once. */
export function trunk(weights: Weights, tokens: Tensor, layout: BatchLayout): Trunk {
  const { config } = weights;
  const count = layout.rows * layout.length;
  const { rotation, mask } =
    layout.packing === 'plain' ? plainRows(config, layout) : packedRows(config, layout);
  const keys: Tensor[] = [];
  const values: Tensor[] = [];

  const contraction = layout.target !== 'cpu' && layout.length <= SHORT_CONTEXT ? 'direct' : 'tiled';
  const used = config.vocabSize > SMALL_VOCABULARY ? tableRows(count) : null;
  let x = weights.embed(reshape(tokens, [count]), used);
  const layer = (i: number, before: Tensor) => {
    const { get, apply } = weights.layer(i);
    const qkv = apply('qkv', rmsNorm(before, get('attnNorm'), config.normEps));
    const normalizeHeads = config.qkNorm ? headNorm(get('qNorm'), get('kNorm'), config) : null;
    const { heads, kvHeads, headDim } = config;
    const shape = { rows: layout.rows, length: layout.length, heads, kvHeads, headDim };
    const { mixed, key, value } = attention(qkv, { ...shape, rotation, mask, contraction, normalizeHeads });
    const between = add(apply('out', mixed), before);
    const gateUp = apply('gateUp', rmsNorm(between, get('mlpNorm'), config.normEps));
    return { after: add(apply('down', swiglu(gateUp)), between), key, value };
  };
  for (let i = 0; i < config.layers; i++) {
    if (layout.recompute) {
      x = recomputed((before) => layer(i, before).after, x, weights.trainedIn(i));
      continue;
    }
    const { after, key, value } = layer(i, x);
    keys.push(key);
    values.push(value);
    x = after;
  }
  return { hidden: rmsNorm(x, weights.get('norm'), config.normEps), keys, values };
}

function tableRows(count: number): TableRows {
  return {
    slot: input('token_slot', 'int32', [count]),
    distinct: input('distinct_tokens', 'int64', [count, 1]),
  };
}

/** Qwen3's RMSNorm over every head of q and of k, each kind with its own gain; v passes. Heads are the axis before last. */
export function headNorm(qGain: Tensor, kGain: Tensor, { heads, kvHeads, headDim, normEps }: ModelShape) {
  return (perHead: Tensor): Tensor => {
    const normalize = (x: Tensor, gain: Tensor) =>
      reshape(rmsNorm(reshape(x, [x.size / headDim, headDim]), gain, normEps), x.shape);
    const [q, k, v] = split(perHead, perHead.rank - 2, [heads, kvHeads, kvHeads]);
    return concat([normalize(q, qGain), normalize(k, kGain), v], perHead.rank - 2);
  };
}

// ---- Positions and masks --------------------------------------------------------------------------------------------------

/** Far below any score, and still finite: exp gives exactly zero, and no NaN can arise. */
const HIDDEN = -1e9;

const causalMask = (length: number): Tensor =>
  constant(
    Float32Array.from({ length: length * length }, (_, i) =>
      i % length <= Math.floor(i / length) ? 0 : HIDDEN,
    ),
    [length, length],
  );

function plainRows(config: ModelShape, { rows, length }: BatchLayout): { rotation: Rotation; mask: Tensor } {
  const rowOf = rotationRows(config, rows * length, (token) => token % length, length);
  return { rotation: { ...rotationTable(config, length), rowOf }, mask: causalMask(length) };
}

/**
 * A token sees what precedes it in its own segment and in segment 0, the shared prompt. Its position counts from the
 * start of the prompt, so every answer's positions start where the prompt ended.
 */
function packedRows(config: ModelShape, { rows, length }: BatchLayout): { rotation: Rotation; mask: Tensor } {
  const count = rows * length;
  const positions = input('positions', 'int32', [rows, length]);
  const segments = input('segments', 'int32', [rows, length]);

  const rotation = rotationAt(config, length, reshape(positions, [count]));
  const causal = causalMask(length);
  const from = reshape(segments, [rows, 1, 1, length, 1]);
  const to = reshape(segments, [rows, 1, 1, 1, length]);
  const prompt = constant(Int32Array.of(0), [1]);
  const hidden = constant(Float32Array.of(HIDDEN), [1]);
  const mask = where(equal(from, to), causal, where(equal(to, prompt), causal, hidden));
  return { rotation, mask };
}

/** Rotation by positions that are only known at run time: one table row per token, and the one without rotation. */
export function rotationAt(config: ModelShape, length: number, positions: Tensor): Rotation {
  const table = rotationTable(config, length);
  const tableRow = concat([positions, constant(Int32Array.of(length), [1])], 0);
  return {
    cos: gather(table.cos, tableRow),
    sin: gather(table.sin, tableRow),
    minusSin: gather(table.minusSin, tableRow),
    rowOf: rotationRows(config, positions.size, (token) => token, positions.size),
  };
}

/** The table row for each head of each token, int64 [N * (H + 2 KV), 1]: q and k have their token's, v the last. */
function rotationRows(
  { heads, kvHeads }: ModelShape,
  count: number,
  rowOfToken: (token: number) => number,
  unrotated: number,
): Tensor {
  const all = heads + 2 * kvHeads;
  const table = BigInt64Array.from({ length: count * all }, (_, i) =>
    BigInt(i % all < heads + kvHeads ? rowOfToken(Math.floor(i / all)) : unrotated),
  );
  return constant(table, [count * all, 1]);
}

/** Cosines and sines [length + 1, hd/2], scaled by hd^-1/4 (see `attention`); the last row rotates and scales nothing. */
export function rotationTable(config: ModelShape, length: number) {
  const half = config.headDim / 2;
  const scale = config.headDim ** -0.25;
  const frequencies = rotationFrequencies(config);
  const fill = (f: (angle: number) => number, last: number): Tensor => {
    const data = new Float32Array((length + 1) * half).fill(last);
    for (let p = 0; p < length; p++) {
      for (let i = 0; i < half; i++) data[p * half + i] = f(p * frequencies[i]) * scale;
    }
    return constant(data, [length + 1, half]);
  };
  return { cos: fill(Math.cos, 1), sin: fill(Math.sin, 0), minusSin: fill((angle) => -Math.sin(angle), 0) };
}

/** Radians per position for each pair of channels, with Llama 3's stretching of the slow ones where asked for. */
function rotationFrequencies({ headDim, ropeTheta, ropeScaling }: ModelShape): number[] {
  const plain = Array.from({ length: headDim / 2 }, (_, i) => ropeTheta ** ((-2 * i) / headDim));
  if (!ropeScaling) return plain;
  const { factor, lowFreqFactor, highFreqFactor, originalMaxPositions } = ropeScaling;
  return plain.map((frequency) => {
    const turns = (originalMaxPositions * frequency) / (2 * Math.PI);
    if (turns > highFreqFactor) return frequency;
    if (turns < lowFreqFactor) return frequency / factor;
    const smooth = (turns - lowFreqFactor) / (highFreqFactor - lowFreqFactor);
    return (1 - smooth) * (frequency / factor) + smooth * frequency;
  });
}
