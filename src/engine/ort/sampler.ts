/**
 * @file Writing completions: many sequences side by side in the rows of one cache, each row filled again as soon as
 * its sequence ends, and the batch shrunk when nothing is left to fill it with.
 *
 * On a processor a call goes through the whole cache, however little of it is used, so there it begins small: what outgrows it is
 * put aside, and goes on in a larger one when all the others have ended. A few sequences that ramble on then cost nobody else anything.
 *
 * Prompts are read a wave at a time, each distinct one once, all but their last token; that token starts the decoding.
 * All randomness comes from (seed, the prompt's tokens, sample, position), so how sequences share a batch, or a request,
 * changes nothing.
 */

import { decodeModel, isCacheInPlace, prefillModel } from '../../graph/artifacts';
import type { Control, Rollout, SampleRequest } from '../engine';
import { type SamplingSettings, samplingSettings } from '../sampling-settings';
import { lengthBucket, rowBucket } from './buckets';
import type { Block, Device } from './device';
import { mix, streamKey } from './noise';
import { type Program, type Programs, shapeKey } from './programs';
import type { ResidentModel } from './resident-model';

/** Sequences decoded side by side at most. */
const MAX_ROWS = 64;
/** A single row may be computed by another kernel than several are, with other rounding; so there are always some. */
const MIN_ROWS = 4;
/** Numbers in the noise of one decode call at most: 64 MB. */
const MAX_NOISE = 1 << 24;
/** Bytes of keys and values at most. */
const MAX_CACHE = 2 ** 29;
/**
 * Prompt tokens read at once, padding included. A prompt is always read in a batch of the same shape, which only its own
 * length decides: the rounding of a product may depend on its shape.
 */
const PREFILL_TOKENS = 256;
/** Tokens that the first cache has room for besides the longest prompt, where it begins small. */
const FIRST_ROOM = 32;
/** Products over more terms than this are added up in parts, and how many parts may depend on the number of rows. */
const LONG_SUM = 128;

interface Sequence {
  prompt: number;
  sample: number;
  key: number;
  /** What the model read last is at position `length`. */
  length: number;
  last: number;
  tokens: number[];
  logProbs: number[];
  /** Its keys and values, while it is put aside. */
  saved: { context: number; caches: Block[] } | null;
}

const newSequence = (index: number, prompt: Int32Array, sample: number, key: number): Sequence => ({
  prompt: index,
  sample,
  key,
  length: prompt.length - 1,
  last: prompt[prompt.length - 1],
  tokens: [],
  logProbs: [],
  saved: null,
});

export class Sampler {
  constructor(
    private readonly device: Device,
    private readonly programs: Programs,
  ) {}

  async sample(
    model: ResidentModel,
    request: SampleRequest,
    emit: (rollout: Rollout) => void,
    control: Control = {},
  ): Promise<void> {
    const settings = samplingSettings(request, model.config);
    const run = new SamplingRun(this.device, this.programs, model, request.prompts, settings, emit, control);
    try {
      await run.finish();
    } finally {
      run.free();
    }
  }
}

class SamplingRun {
  /** Tokens that the cache holds for each row, and that it will hold in the end. */
  private context: number;
  private readonly fullContext: number;
  private readonly filter: boolean;
  private readonly stop: Set<number>;
  private pending: Sequence[];
  /** What has outgrown the cache. */
  private readonly aside: Sequence[] = [];
  private readonly total: number;
  private finished = 0;
  private rows: (Sequence | null)[] = [];
  /** Keys of every layer, then values. */
  private caches: Block[] = [];
  /** Where a call that renews them writes the next ones, if not in their place. */
  private nextCaches: Block[] = [];
  /** Where the current wave's prompts lie in the prefill program's results; prompts of one token need no place. */
  private wave: { program: Program; place: Map<number, number> } | null = null;
  /** The first prompt with the same tokens. */
  private readonly sameAs: number[];

  constructor(
    private readonly device: Device,
    private readonly programs: Programs,
    private readonly model: ResidentModel,
    private readonly prompts: Int32Array[],
    private readonly settings: SamplingSettings,
    private readonly emit: (rollout: Rollout) => void,
    private readonly control: Control,
  ) {
    const { samples, maxTokens, topK, topP, seed } = settings;
    const longest = Math.max(...prompts.map((prompt) => prompt.length));
    this.fullContext = lengthBucket(longest + maxTokens + this.stride);
    const small = lengthBucket(longest + FIRST_ROOM + this.stride);
    this.context = device.target === 'cpu' ? Math.min(small, this.fullContext) : this.fullContext;
    this.filter = topK < Infinity || topP < 1;
    this.stop = new Set(settings.stop);
    // A prompt that is asked several times is read once, and its repetitions are further samples of it.
    const repetitions = new Map<string, number[]>();
    prompts.forEach((prompt, i) => {
      const text = prompt.join();
      repetitions.set(text, [...(repetitions.get(text) ?? []), i]);
    });
    this.sameAs = [];
    const byLength = [...repetitions.values()].sort((a, b) => prompts[a[0]].length - prompts[b[0]].length);
    this.pending = byLength.flatMap((same) => {
      const [first] = same;
      const key = streamKey(seed, ...prompts[first]);
      return same.flatMap((p, repetition) => {
        this.sameAs[p] = first;
        return Array.from({ length: samples }, (_, s) =>
          newSequence(p, prompts[p], s, streamKey(key, repetition, s)),
        );
      });
    });
    this.total = this.pending.length;
  }

  async finish(): Promise<void> {
    this.resize(this.rowsFor(this.pending.length));
    while (this.finished < this.total) {
      this.control.signal?.throwIfAborted();
      if (this.pending.length === 0 && this.rows.every((row) => row === null)) this.grow();
      await this.fill();
      this.shrink();
      await this.decode();
      this.putAside();
      this.control.onProgress?.({ phase: 'sampling', done: this.finished, total: this.total });
    }
  }

  free(): void {
    for (const cache of [...this.caches, ...this.nextCaches]) this.device.free(cache);
    for (const { saved } of [...this.aside, ...this.pending]) {
      for (const cache of saved?.caches ?? []) this.device.free(cache);
    }
    this.caches = [];
    this.nextCaches = [];
  }

  /** Tokens that are decoded before anybody looks. */
  private get stride(): number {
    return this.device.decodeSteps * this.device.decodeCalls;
  }

  private get renewsElsewhere(): boolean {
    return this.device.renewsCaches && !isCacheInPlace(this.model.config);
  }

  private get rowSize(): number {
    const { kvHeads, headDim } = this.model.config;
    return kvHeads * this.context * headDim;
  }

  /**
   * The least width of a matrix product with long sums. Below it, threads share a product's columns; from it on
   * they would share its rows, and round differently (MLAS, onnxruntime's processor kernels). An adapter's
   * narrow products are written such that neither is shared.
   */
  private get narrowest(): number {
    const long = this.model.parameters.filter(
      ({ name, shape }) => shape.length === 2 && shape[1] > LONG_SUM && !name.endsWith('lora_A'),
    );
    return Math.min(...long.map(({ shape }) => shape[0]));
  }

  private rowsFor(count: number): number {
    const { layers, vocabSize } = this.model.config;
    const cacheRows = MAX_CACHE / (this.rowSize * 2 * layers * 4);
    const noiseRows = MAX_NOISE / (vocabSize * this.device.decodeSteps);
    const most = Math.min(MAX_ROWS, cacheRows, noiseRows, this.narrowest - 1);
    const fitting = 2 ** Math.floor(Math.log2(Math.max(MIN_ROWS, most)));
    return Math.max(MIN_ROWS, Math.min(fitting, rowBucket(count)));
  }

  // ---- Rows -----------------------------------------------------------------------------------------------------------

  /** Puts waiting sequences into free rows, each with a copy of its prompt's keys and values. */
  private async fill(): Promise<void> {
    for (let row = 0; row < this.rows.length && this.pending.length > 0; row++) {
      if (this.rows[row]) continue;
      const sequence = this.pending.shift() as Sequence;
      this.rows[row] = sequence;
      if (sequence.saved) {
        this.bringBack(sequence, row);
        continue;
      }
      if (sequence.length === 0) continue;
      const prompt = this.sameAs[sequence.prompt];
      if (!this.wave?.place.has(prompt)) await this.prefillWave(sequence);
      const { program, place } = this.wave as NonNullable<typeof this.wave>;
      const from = place.get(prompt) as number;
      this.cacheNames().forEach((name, i) => {
        this.device.copy(
          program.block(`new.${name}`),
          from * this.rowSize,
          this.caches[i],
          row * this.rowSize,
          this.rowSize,
        );
      });
    }
  }

  private async prefillWave(first: Sequence): Promise<void> {
    const bucket = (prompt: number) => lengthBucket(this.prompts[prompt].length - 1);
    const length = bucket(first.prompt);
    const rows = rowBucket(Math.max(MIN_ROWS, PREFILL_TOKENS / length));
    const upcoming = [first, ...this.pending].map(({ prompt }) => this.sameAs[prompt]);
    const alike = upcoming.filter((prompt) => this.prompts[prompt].length > 1 && bucket(prompt) === length);
    const wave = [...new Set(alike)].slice(0, rows);
    const { config } = this.model;
    const program = await this.programs.get(
      `prefill ${rows}x${length} of ${this.context} ${shapeKey(this.model.config)}`,
      () =>
        prefillModel(config, { rows, length, packing: 'plain', target: this.device.target }, this.context),
    );
    const tokens = new Int32Array(rows * length);
    wave.forEach((prompt, i) => {
      tokens.set(this.prompts[prompt].subarray(0, -1), i * length);
    });
    program.write('tokens', tokens);
    await program.run(this.model.feeds());
    this.wave = { program, place: new Map(wave.map((prompt, i) => [prompt, i])) };
  }

  /** Sequences that the next call might take out of the cache keep what they have in one of their own. */
  private putAside(): void {
    this.rows.forEach((sequence, row) => {
      if (!sequence || sequence.length + this.stride <= this.context) return;
      const caches = this.caches.map((cache) => {
        const own = this.device.allocate('float32', this.rowSize);
        this.device.copy(cache, row * this.rowSize, own, 0, this.rowSize);
        return own;
      });
      sequence.saved = { context: this.context, caches };
      this.aside.push(sequence);
      this.rows[row] = null;
    });
  }

  /** In a larger cache each head's part of a row lies further from the next. */
  private bringBack(sequence: Sequence, row: number): void {
    const { kvHeads, headDim } = this.model.config;
    const { context, caches } = sequence.saved as NonNullable<Sequence['saved']>;
    const [from, to] = [context * headDim, this.context * headDim];
    caches.forEach((own, i) => {
      for (let head = 0; head < kvHeads; head++) {
        this.device.copy(own, head * from, this.caches[i], row * this.rowSize + head * to, from);
      }
      this.device.free(own);
    });
    sequence.saved = null;
  }

  /** Those that were put aside go on, with room for half as much again. */
  private grow(): void {
    this.pending = this.aside.splice(0);
    this.context = Math.min(this.fullContext, lengthBucket(this.context + 1));
    this.wave = null; // its prompts lie as far apart as the old cache had them
    this.resize(this.rowsFor(this.pending.length));
  }

  /** When sequences have ended and none waits, the others move together into fewer rows. */
  private shrink(): void {
    const active = this.rows.filter((row) => row !== null).length;
    const needed = this.rowsFor(active);
    if (this.pending.length === 0 && needed <= this.rows.length / 2) this.resize(needed);
  }

  private resize(count: number): void {
    const [oldRows, oldCaches, spare] = [this.rows, this.caches, this.nextCaches];
    this.rows = Array.from({ length: count }, () => null);
    const allocate = () => this.cacheNames().map(() => this.device.allocate('float32', count * this.rowSize));
    this.caches = allocate();
    this.nextCaches = this.renewsElsewhere ? allocate() : [];
    let to = 0;
    oldRows.forEach((sequence, from) => {
      if (!sequence) return;
      oldCaches.forEach((old, i) => {
        this.device.copy(old, from * this.rowSize, this.caches[i], to * this.rowSize, this.rowSize);
      });
      this.rows[to++] = sequence;
    });
    for (const old of [...oldCaches, ...spare]) this.device.free(old);
  }

  private cacheNames(): string[] {
    const layers = Array.from({ length: this.model.config.layers }, (_, i) => i);
    return [...layers.map((i) => `key.${i}`), ...layers.map((i) => `value.${i}`)];
  }

  // ---- Tokens ---------------------------------------------------------------------------------------------------------

  private async decode(): Promise<void> {
    const { device, rows } = this;
    const [steps, count] = [device.decodeSteps, rows.length];
    const longest = Math.max(...rows.map((row) => (row ? this.settings.maxTokens - row.tokens.length : 0)));
    const calls = Math.min(device.decodeCalls, Math.ceil(longest / steps));
    const program = await this.decoder();
    const names = this.cacheNames();
    const weights = this.model.feeds();
    if (this.filter) this.writeFilter(program);
    program.write(
      'token',
      Int32Array.from(rows, (row) => row?.last ?? 0),
    );

    // Calls follow each other without a look at their results; the next one reads its tokens where the last wrote them.
    const allTokens = program.scratch('all tokens', 'int32', device.decodeCalls * count * steps);
    const allLogProbs = program.scratch('all log-probs', 'float32', device.decodeCalls * count * steps);
    for (let call = 0; call < calls; call++) {
      program.write(
        'length',
        Int32Array.from(rows, (row) => (row ? row.length + call * steps : 0)),
      );
      for (let step = 0; step < steps; step++) {
        const position = call * steps + step;
        const keys = Uint32Array.from(rows, (row) => (row ? mix((row.key + row.length + position) | 0) : 0));
        device.noise(
          program.block(`noise.${step}`),
          keys,
          this.model.config.vocabSize,
          this.settings.temperature,
        );
      }
      const feeds = { ...weights, ...Object.fromEntries(names.map((name, i) => [name, this.caches[i]])) };
      if (device.renewsCaches) {
        const next = this.renewsElsewhere ? this.nextCaches : this.caches;
        await program.run(feeds, Object.fromEntries(names.map((name, i) => [`new.${name}`, next[i]])));
        if (this.renewsElsewhere) [this.caches, this.nextCaches] = [next, this.caches];
      } else {
        await program.run(feeds);
        this.appendToCaches(program, call * steps);
      }
      device.copy(program.block('tokens'), 0, allTokens, call * count * steps, count * steps);
      device.copy(program.block('log_probs'), 0, allLogProbs, call * count * steps, count * steps);
      if (call + 1 < calls) device.copy(program.block('tokens'), 0, program.block('token'), 0, count);
    }
    const tokens = (await device.read(allTokens)) as Int32Array;
    const logProbs = (await device.read(allLogProbs)) as Float32Array;
    rows.forEach((sequence, row) => {
      if (!sequence) return;
      for (let position = 0; position < steps * calls; position++) {
        const index = (Math.floor(position / steps) * count + row) * steps + (position % steps);
        if (this.append(sequence, tokens[index], logProbs[index])) {
          rows[row] = null;
          break;
        }
      }
    });
  }

  private appendToCaches(program: Program, before: number): void {
    const { kvHeads, headDim } = this.model.config;
    const count = this.device.decodeSteps * headDim;
    this.cacheNames().forEach((name, i) => {
      const written = program.block(`written.${name}`);
      this.rows.forEach((sequence, row) => {
        if (!sequence) return;
        for (let head = 0; head < kvHeads; head++) {
          const from = (row * kvHeads + head) * count;
          const to = row * this.rowSize + (head * this.context + sequence.length + before) * headDim;
          this.device.copy(written, from, this.caches[i], to, count);
        }
      });
    });
  }

  /** Adds a token to a sequence; true if that was its last. */
  private append(sequence: Sequence, token: number, logProb: number): boolean {
    sequence.tokens.push(token);
    sequence.logProbs.push(logProb);
    sequence.last = token;
    sequence.length++;
    const stopped = this.stop.has(token);
    if (!stopped && sequence.tokens.length < this.settings.maxTokens) return false;
    this.finished++;
    this.emit({
      prompt: sequence.prompt,
      sample: sequence.sample,
      tokens: Int32Array.from(sequence.tokens),
      logProbs: Float32Array.from(sequence.logProbs),
      stopReason: stopped ? 'stop' : 'length',
      policy: this.model.version,
    });
    return true;
  }

  private decoder(): Promise<Program> {
    const shape = {
      rows: this.rows.length,
      context: this.context,
      steps: this.device.decodeSteps,
      filter: this.filter,
      appends: !this.device.renewsCaches,
    };
    return this.programs.get(`decode ${JSON.stringify(shape)} ${shapeKey(this.model.config)}`, () =>
      decodeModel(this.model.config, shape),
    );
  }

  private writeFilter(program: Program): void {
    const { topK, topP, temperature } = this.settings;
    program.write('top_k', Float32Array.of(Math.min(topK, 1e9)));
    program.write('top_p', Float32Array.of(topP));
    program.write('inverse_temperature', Float32Array.of(temperature > 0 ? 1 / temperature : 1));
  }
}
