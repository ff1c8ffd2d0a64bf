/**
 * @file An Engine without a model: a script writes the completions, and the "weights" are a few numbers that every update changes,
 * exactly and depending on the order, so that two runs which learned the same end up alike and others do not. What is written depends
 * on the weights, too. Requests that no real engine could answer are errors of the loop, and thrown as such.
 */

import type {
  AdamParams,
  Aggregation,
  Bytes,
  Capabilities,
  CheckpointRef,
  Control,
  Datum,
  Engine,
  LossReport,
  LossSpec,
  ModelId,
  ModelOptions,
  ModelSource,
  OptimReport,
  PolicyRef,
  Rollout,
  SampleRequest,
  SaveOptions,
} from '../../src/engine/engine';
import { UnknownModelError } from '../../src/engine/errors';
import { openSafetensors } from '../../src/model/safetensors';
import type { Tokenizer } from '../../src/selfplay/dialect';
import { Chance, hashOf, turns } from './chance';

export interface Line {
  /** The prompt as text. */
  prompt: string;
  /** Which of the completions of that prompt. */
  sample: number;
  temperature: number;
  /** Follows from the request's seed, prompt and sample, and from the weights. */
  chance: Chance;
}

/** What the "model" writes. Without a stop token it goes on, with the same words, until there is no more room. */
export type Script = (line: Line) => string;

export type Verb =
  | 'createModel'
  | 'sample'
  | 'forward'
  | 'forwardBackward'
  | 'optimStep'
  | 'publish'
  | 'save'
  | 'load';

export interface EngineOptions {
  tokenizer: Tokenizer;
  script: Script;
  maxContext?: number;
  /** Nats, as the losses report it. */
  entropy?: number;
  /** Of the delays and the order of rollouts alone. */
  seed?: number;
  /** Called before each call is answered, with how many there were before it; what it throws the engine throws. */
  before?: (call: number, verb: Verb) => void;
  /** Sees each request for an update. */
  listen?: (heard: Heard) => void;
}

export type Heard =
  | { verb: 'createModel'; options: ModelOptions }
  | { verb: 'sample'; request: SampleRequest }
  | { verb: 'forward'; model: ModelId; batch: Datum[] }
  | { verb: 'forwardBackward'; model: ModelId; batch: Datum[]; loss: LossSpec }
  | { verb: 'optimStep'; model: ModelId; adam: AdamParams };

interface Model {
  config: Uint8Array;
  trainable: boolean;
  isAdapted: boolean;
  weights: Float64Array;
  moments: Float64Array;
  gradients: Float64Array;
  waiting: number;
  steps: number;
  published: { weights: Float64Array; version: number } | null;
}

const size = 4;

export class ScriptedEngine implements Engine {
  calls = 0;
  readonly counts: Partial<Record<Verb, number>> = {};
  private readonly models = new Map<ModelId, Model>();
  private readonly options: EngineOptions;
  private readonly delays: Chance;
  private versions = 0;
  private nextModel = 1;

  constructor(options: EngineOptions) {
    this.options = options;
    this.delays = new Chance('engine', options.seed ?? 0);
  }

  async capabilities(): Promise<Capabilities> {
    return {
      backend: 'node',
      device: 'a script',
      threads: 1,
      families: ['llama'],
      maxContext: this.options.maxContext ?? 1_000_000,
      losses: ['policy', 'cross-entropy'],
      training: ['full'],
      gradientClipping: true,
      concurrency: 1,
      memory: 0,
    };
  }

  async createModel(source: ModelSource, options: ModelOptions = {}, control?: Control) {
    await this.called('createModel', control);
    this.options.listen?.({ verb: 'createModel', options });
    const { trainable = true } = options;
    const isAdapted = options.adapter !== undefined;
    if (source.kind === 'files') return this.fromFiles(source.files, { trainable, isAdapted });
    const chance = new Chance('weights', source.seed);
    const weights = Float64Array.from({ length: size }, () => chance.unit() - 0.5);
    const config = new TextEncoder().encode(JSON.stringify(source.config));
    return this.add(config, weights, { trainable, isAdapted });
  }

  /** As they are, to be compared bit for bit. */
  weightsOf(model: ModelId): number[] {
    const { weights, moments, steps } = this.model(model);
    return [...weights, ...moments, steps];
  }

  async *sample(request: SampleRequest, control?: Control): AsyncGenerator<Rollout> {
    await this.called('sample', control);
    this.options.listen?.({ verb: 'sample', request });
    const { published } = this.model(request.model);
    if (!published) throw new Error('Nothing was published: there is no policy to sample from.');
    this.checkRequest(request);
    const { prompts, samples } = request;
    const order = Array.from({ length: prompts.length * samples }, (_, index) => index);
    for (const index of this.delays.shuffled(order)) {
      const prompt = Math.floor(index / samples);
      yield this.write(request, prompt, index % samples, published);
      await turns(this.delays.below(4));
      control?.signal?.throwIfAborted();
    }
  }

  async forward(model: ModelId, batch: Datum[], control?: Control): Promise<Float32Array[]> {
    await this.called('forward', control);
    this.options.listen?.({ verb: 'forward', model, batch });
    const { weights } = this.model(model);
    return batch.map((datum) => {
      checkDatum(datum);
      return Float32Array.from(datum.targets, (target) => -1 - ((target + weights[0]) % 1));
    });
  }

  async forwardBackward(
    model: ModelId,
    batch: Datum[],
    loss: LossSpec,
    control?: Control,
  ): Promise<LossReport> {
    await this.called('forwardBackward', control);
    this.options.listen?.({ verb: 'forwardBackward', model, batch, loss });
    const { gradients, trainable, weights } = this.model(model);
    if (!trainable) throw new Error('This model is not to be trained.');
    if (batch.length === 0) throw new Error('There is nothing to learn from.');
    let tokens = 0;
    let computedTokens = 0;
    for (const datum of batch) {
      checkDatum(datum);
      if (loss.kind === 'policy') checkPolicyDatum(datum, loss);
      else checkLesson(datum, loss);
      const { targets, weights: counted, advantages, logProbs, referenceLogProbs } = datum;
      computedTokens += targets.length;
      let sum = 0;
      for (let i = 0; i < targets.length; i++) {
        if (counted![i] === 0) continue;
        tokens++;
        // A product with what was there before: the order of the data shows.
        if (loss.kind === 'cross-entropy') {
          sum = sum * 0.9 + counted![i] * ((targets[i] % 7) + 1);
          continue;
        }
        sum = sum * 0.9 + counted![i] * advantages![i] * ((targets[i] % 13) + 1 + logProbs![i]);
        sum += (loss.kl ?? 0) * (referenceLogProbs?.[i] ?? 0);
      }
      const turn = targets.length % size;
      gradients[turn] =
        gradients[turn] * 0.99 + (sum + weights[turn]) * scaleOf(loss.aggregation, batch.length);
    }
    this.model(model).waiting++;
    if (loss.kind === 'cross-entropy') {
      const metrics = { tokens, computedTokens, seconds: 0 };
      return { loss: gradients[1], logProbs: [], entropy: null, metrics };
    }
    const entropy = this.options.entropy ?? 1 + weights[0] / 10;
    return {
      loss: gradients[0],
      logProbs: [],
      entropy: null,
      metrics: {
        tokens,
        computedTokens,
        seconds: 0,
        entropy,
        clipFraction: 0,
        approxKl: 0,
        ...(loss.kl && { referenceKl: 0.01 }),
      },
    };
  }

  async optimStep(model: ModelId, adam: AdamParams): Promise<OptimReport> {
    await this.called('optimStep');
    this.options.listen?.({ verb: 'optimStep', model, adam });
    const found = this.model(model);
    const { weights, moments, gradients } = found;
    if (found.waiting === 0) throw new Error('There are no gradients to apply.');
    const gradNorm = Math.hypot(...gradients);
    if (!Number.isFinite(gradNorm)) throw new Error('The gradients are not finite.');
    const scale = adam.maxGradNorm && gradNorm > adam.maxGradNorm ? adam.maxGradNorm / gradNorm : 1;
    for (let i = 0; i < size; i++) {
      moments[i] = (adam.beta1 ?? 0.9) * moments[i] + gradients[i] * scale;
      weights[i] -= adam.learningRate * (moments[i] + (adam.weightDecay ?? 0) * weights[i]);
    }
    gradients.fill(0);
    found.waiting = 0;
    found.steps++;
    return { step: found.steps, gradNorm, applied: true };
  }

  async publish(model: ModelId): Promise<PolicyRef> {
    await this.called('publish');
    const found = this.model(model);
    found.published = { weights: found.weights.slice(), version: ++this.versions };
    return { model, version: this.versions };
  }

  /** What an adapter trains are all the weights here, under other names. */
  async save(
    model: ModelId,
    name: string,
    control?: Control,
    { merged = false }: SaveOptions = {},
  ): Promise<CheckpointRef> {
    await this.called('save', control);
    const { config, weights, moments, steps, trainable, isAdapted } = this.model(model);
    const numbers = asSafetensors(weights);
    const state = new Uint8Array(Float64Array.from([...moments, steps]).buffer);
    const files: CheckpointRef['files'] =
      isAdapted && !merged
        ? { 'adapter_config.json': new TextEncoder().encode('{}'), 'adapter_model.safetensors': numbers }
        : { 'config.json': config.slice(), 'model.safetensors': numbers };
    return { name, files: { ...files, ...(trainable && !merged && { 'trainer_state.safetensors': state }) } };
  }

  async load({ files }: CheckpointRef, { optimizer }: { optimizer: boolean }, control?: Control) {
    await this.called('load', control);
    return this.fromFiles(files, { trainable: true, isAdapted: false }, optimizer);
  }

  async dispose(model: ModelId): Promise<void> {
    this.model(model);
    this.models.delete(model);
  }

  // ---- Models --------------------------------------------------------------------------------------------------------

  private model(id: ModelId): Model {
    const model = this.models.get(id);
    if (!model) throw new UnknownModelError(id);
    return model;
  }

  private add(
    config: Uint8Array,
    weights: Float64Array,
    kind: Pick<Model, 'trainable' | 'isAdapted'>,
    state = new Float64Array(size + 1),
  ): ModelId {
    const id = `model ${this.nextModel++}`;
    this.models.set(id, {
      config,
      ...kind,
      weights,
      moments: state.slice(0, size),
      gradients: new Float64Array(size),
      waiting: 0,
      steps: state[size],
      published: null,
    });
    return id;
  }

  private async fromFiles(
    files: Record<string, Bytes>,
    kind: Pick<Model, 'trainable' | 'isAdapted'>,
    optimizer = false,
  ): Promise<ModelId> {
    const state = optimizer
      ? new Float64Array(bytes(files, 'trainer_state.safetensors').slice().buffer)
      : undefined;
    const hasAdapter = 'adapter_model.safetensors' in files;
    const weights = await fromSafetensors(
      bytes(files, hasAdapter ? 'adapter_model.safetensors' : 'model.safetensors'),
    );
    const isAdapted = kind.isAdapted || hasAdapter;
    return this.add(bytes(files, 'config.json').slice(), weights, { ...kind, isAdapted }, state);
  }

  private async called(verb: Verb, control?: Control): Promise<void> {
    control?.signal?.throwIfAborted();
    this.counts[verb] = (this.counts[verb] ?? 0) + 1;
    this.options.before?.(this.calls++, verb);
    await turns(this.delays.below(4));
    control?.signal?.throwIfAborted();
  }

  // ---- Writing -------------------------------------------------------------------------------------------------------

  private write(
    { prompts, seed, maxTokens, temperature = 1, stop = [] }: SampleRequest,
    prompt: number,
    sample: number,
    { weights, version }: { weights: Float64Array; version: number },
  ): Rollout {
    const { tokenizer, script } = this.options;
    const greedy = temperature === 0;
    // At temperature 0 all samples of a prompt are one and the same, whatever the seed.
    const parts = greedy ? [hashOf(tokenizer.decode(prompts[prompt]))] : [seed, prompt, sample];
    const chance = new Chance(...parts, weights[0], weights[size - 1]);
    const text = script({
      prompt: tokenizer.decode(prompts[prompt]),
      sample: greedy ? 0 : sample,
      temperature,
      chance,
    });
    const written = tokenizer.encode(text);
    const end = written.findIndex((token) => stop.includes(token));
    const stops = end >= 0 && end < maxTokens;
    const tokens = stops ? written.slice(0, end + 1) : goneOn(written, maxTokens);
    const logProbs = Float32Array.from(tokens, () => -3 * chance.unit());
    return { prompt, sample, tokens, logProbs, stopReason: stops ? 'stop' : 'length', policy: version };
  }

  private checkRequest({
    prompts,
    samples,
    maxTokens,
    stop = [],
    seed,
    temperature = 1,
  }: SampleRequest): void {
    const room = this.options.maxContext ?? 1_000_000;
    const faults = [
      [prompts.length === 0, 'no prompts'],
      [prompts.some(({ length }) => length === 0), 'an empty prompt'],
      [prompts.some(({ length }) => length + maxTokens > room), 'a prompt without room for its completion'],
      [!(Number.isInteger(samples) && samples >= 1), `${samples} samples`],
      [!(Number.isInteger(maxTokens) && maxTokens >= 1), `${maxTokens} tokens`],
      [stop.length === 0, 'no token that ends a completion'],
      [!Number.isSafeInteger(seed), `seed ${seed}`],
      [!(temperature >= 0), `temperature ${temperature}`],
      [temperature === 0 && samples > 1, 'several samples that are bound to be the same'],
    ] as const;
    const fault = faults.find(([is]) => is);
    if (fault) throw new Error(`The engine was asked for completions with ${fault[1]}.`);
  }
}

/** Over and over, up to this length; without words of its own, the first word there is. */
function goneOn(written: Int32Array, length: number): Int32Array {
  return Int32Array.from({ length }, (_, index) =>
    written.length > 0 ? written[index % written.length] : 0,
  );
}

function bytes(files: Record<string, Bytes>, name: string): Uint8Array {
  const file = files[name];
  if (!(file instanceof Uint8Array)) throw new Error(`There is no file ${name}.`);
  return file;
}

/** Exactly: what a run repeats has to come out as before, to the last bit. */
function asSafetensors(weights: Float64Array): Uint8Array {
  const header = JSON.stringify({
    weights: { dtype: 'F64', shape: [weights.length], data_offsets: [0, weights.byteLength] },
  });
  const text = new TextEncoder().encode(header.padEnd(Math.ceil(header.length / 8) * 8));
  const length = new Uint8Array(BigUint64Array.of(BigInt(text.length)).buffer);
  return Uint8Array.from([...length, ...text, ...new Uint8Array(weights.slice().buffer)]);
}

/** Other programs write float32. */
async function fromSafetensors(file: Uint8Array): Promise<Float64Array> {
  const { tensors, read, readRaw } = await openSafetensors(file);
  return tensors.get('weights')?.dtype === 'F64'
    ? new Float64Array(await readRaw('weights'))
    : Float64Array.from(await read('weights'));
}

const scaleOf = (aggregation: Aggregation, count: number) =>
  aggregation === 'sum' ? 1 : aggregation === 'token-mean' ? 0.5 / count : 1 / count;

// ---- What data must be -----------------------------------------------------------------------------------------------

function checkDatum({ tokens, targets, weights, advantages, logProbs, referenceLogProbs }: Datum): void {
  if (tokens.length === 0) throw new Error('A datum is empty.');
  for (const [name, values] of Object.entries({
    targets,
    weights,
    advantages,
    logProbs,
    referenceLogProbs,
  })) {
    if (!values) continue;
    if (values.length !== tokens.length) throw new Error(`${name} are not as long as the tokens.`);
    if (!values.every(Number.isFinite)) throw new Error(`${name} are not finite.`);
  }
  for (let i = 0; i + 1 < tokens.length; i++) {
    if (targets[i] !== tokens[i + 1]) throw new Error('A target is not the token that follows.');
  }
}

/** What is taught comes with its mean made: its weights are all the same, and summed. */
function checkLesson({ weights, advantages, logProbs }: Datum, { aggregation }: LossSpec): void {
  if (!weights?.some((weight) => weight > 0)) throw new Error('Of a lesson nothing counts.');
  if (aggregation !== 'sum') throw new Error('A lesson is weighted against the policy, so it is summed.');
  if (advantages || logProbs) throw new Error('A lesson has no advantage.');
}

function checkPolicyDatum({ weights, advantages, logProbs, referenceLogProbs }: Datum, loss: LossSpec): void {
  if (!weights?.some((weight) => weight > 0)) throw new Error('Of a datum nothing counts.');
  if (!advantages || !logProbs) throw new Error('A policy loss needs advantages and log-probabilities.');
  if (logProbs.some((value) => value > 0)) throw new Error('A log-probability is above 0.');
  if (loss.kind === 'policy' && loss.kl && !referenceLogProbs) {
    throw new Error('The distance from the first weights needs their log-probabilities.');
  }
}
