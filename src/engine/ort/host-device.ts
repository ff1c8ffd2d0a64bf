/**
 * @file Computing on the processor: onnxruntime's CPU provider, as WebAssembly in a page or natively in Node.
 *
 * Blocks are typed arrays. A run hands over new arrays for its results, which a block simply takes as its own.
 *
 * Whoever opens it switches memory patterns off: with them onnxruntime takes all of a run's memory a second
 * time, in one piece, beside what the first run took bit by bit and never gives back.
 */

import type { InferenceSession, Tensor } from 'onnxruntime-common';
import { type Model, optimizerModel } from '../../graph/artifacts';
import type { BuiltShape } from '../../model/build';
import { BrokenModelError, OutOfMemoryError } from '../errors';
import {
  ARRAYS,
  type Block,
  type Device,
  type DeviceInfo,
  type Numbers,
  type OptimizerStep,
  type Session,
  type TrainedParameter,
} from './device';
import { gumbel } from './noise';
import { shapeKey } from './programs';

type Ort = typeof import('onnxruntime-common');

interface HostBlock extends Block {
  data: Numbers;
}

interface HostSession extends Session {
  native: InferenceSession;
}

export class HostDevice implements Device<HostBlock> {
  readonly target = 'cpu';
  // The cache is copied into and out of every call, so a call had better make several tokens.
  readonly decodeSteps = 8;
  readonly decodeCalls = 1;
  readonly updatesInPlace = true; // a result is a new array, which takes its block's place
  /** By architecture. */
  private readonly optimizers = new Map<string, HostSession>();

  constructor(
    private readonly ort: Ort,
    readonly info: DeviceInfo,
    private readonly options: InferenceSession.SessionOptions,
  ) {}

  allocate(dtype: HostBlock['dtype'], size: number): HostBlock {
    return { dtype, size, data: new ARRAYS[dtype](size) };
  }

  free(block: HostBlock): void {
    block.data = block.data.subarray(0, 0); // whoever still holds the block no longer holds the memory
  }

  write(block: HostBlock, data: Numbers, offset = 0): void {
    setNumbers(block.data, data, offset);
  }

  async read(block: HostBlock): Promise<Numbers> {
    return block.data.slice();
  }

  copy(
    source: HostBlock,
    sourceOffset: number,
    target: HostBlock,
    targetOffset: number,
    count: number,
  ): void {
    setNumbers(target.data, source.data.subarray(sourceOffset, sourceOffset + count), targetOffset);
  }

  async compile(model: Model): Promise<HostSession> {
    try {
      const native = await this.ort.InferenceSession.create(model.bytes, this.options);
      return { model, native, release: () => native.release() };
    } catch (error) {
      throw asEngineError(error, 'compiled');
    }
  }

  async run(
    session: Session,
    feeds: Record<string, HostBlock>,
    results: Record<string, HostBlock>,
  ): Promise<void> {
    const { native, model } = session as HostSession;
    const tensors: Record<string, Tensor> = {};
    for (const { name, dtype, shape } of model.inputs) {
      tensors[name] = new this.ort.Tensor(dtype, feeds[name].data, shape);
    }
    let outputs: Awaited<ReturnType<InferenceSession['run']>>;
    try {
      outputs = await native.run(tensors, Object.keys(results));
    } catch (error) {
      throw asEngineError(error, 'run');
    }
    for (const [name, block] of Object.entries(results)) block.data = outputs[name].data as Numbers;
  }

  accumulate(sums: HostBlock[], terms: HostBlock[]): void {
    sums.forEach((sum, i) => {
      const [a, b] = [sum.data as Float32Array, terms[i].data as Float32Array];
      for (let j = 0; j < a.length; j++) a[j] += b[j];
    });
  }

  noise(target: HostBlock, keys: Uint32Array, width: number, temperature: number): void {
    const data = target.data as Float32Array;
    if (temperature === 0) {
      data.fill(0);
      return;
    }
    keys.forEach((key, row) => {
      for (let i = 0; i < width; i++) data[row * width + i] = temperature * gumbel(key, i);
    });
  }

  async optimize(shape: BuiltShape, parameters: TrainedParameter[], step: OptimizerStep): Promise<number> {
    const key = shapeKey(shape);
    let session = this.optimizers.get(key);
    if (!session) {
      session = await this.compile(optimizerModel(shape));
      this.optimizers.set(key, session);
    }
    const feeds: Record<string, HostBlock> = {};
    for (const [name, value] of Object.entries(optimizerInputs(step))) {
      feeds[name] = { dtype: 'float32', size: 1, data: Float32Array.of(value) };
    }
    const norm = this.allocate('float32', 1);
    const results: Record<string, HostBlock> = { grad_norm: norm };
    const updates: [HostBlock, HostBlock][] = [];
    for (const { name, weight, gradient, momentum, variance } of parameters) {
      feeds[`grad.${name}`] = gradient as HostBlock;
      for (const [key, block] of [
        ['', weight],
        ['m.', momentum],
        ['v.', variance],
      ] as const) {
        feeds[`${key}${name}`] = block as HostBlock;
        const next: HostBlock = { ...(block as HostBlock) };
        results[`new.${key}${name}`] = next;
        updates.push([block as HostBlock, next]);
      }
    }
    await this.run(session, feeds, results);
    const value = norm.data[0] as number;
    if (Number.isFinite(value)) for (const [block, next] of updates) block.data = next.data;
    return value;
  }

  async guardMemory<T>(what: string, allocations: () => T): Promise<T> {
    try {
      return allocations();
    } catch (error) {
      if (error instanceof RangeError) throw outOfMemory(what);
      throw error;
    }
  }

  async close(): Promise<void> {
    for (const session of this.optimizers.values()) await session.release();
    this.optimizers.clear();
  }
}

/** The optimizer model's scalar inputs. */
export function optimizerInputs(step: OptimizerStep): Record<string, number> {
  const { beta1, beta2 } = step;
  return {
    learning_rate: step.learningRate,
    beta1,
    beta2,
    one_minus_beta1: 1 - beta1,
    one_minus_beta2: 1 - beta2,
    correction1: 1 - beta1 ** step.step,
    correction2: 1 - beta2 ** step.step,
    epsilon: step.epsilon,
    weight_decay: step.weightDecay,
    max_grad_norm: Math.min(step.maxGradNorm, 3e38), // Infinity - Infinity is NaN, the largest float is not
  };
}

function setNumbers(target: Numbers, data: Numbers, offset: number): void {
  (target as Float32Array).set(data as Float32Array, offset);
}

export const outOfMemory = (what: string): OutOfMemoryError =>
  new OutOfMemoryError(`There is not enough memory for ${what}: choose a smaller model, batch or context.`);

/** onnxruntime throws plain errors; only their texts tell what happened. */
export function asEngineError(error: unknown, when: 'compiled' | 'run'): Error {
  const text = error instanceof Error ? error.message : String(error);
  if (
    /bad_alloc|out of memory|Failed to allocate|memory access out of bounds|Array buffer allocation/i.test(
      text,
    )
  ) {
    return outOfMemory(`this model, as it was ${when}`);
  }
  return new BrokenModelError(`onnxruntime could not have this model ${when}: ${text}`);
}
