/**
 * @file Computing on the processor: onnxruntime's CPU provider, as WebAssembly in a page or natively in Node.
 *
 * Blocks are typed arrays. A run hands over new arrays for its results, which a block simply takes as its own.
 *
 * Whoever opens it switches memory patterns off: with them onnxruntime takes all of a run's memory a second
 * time, in one piece, beside what the first run took bit by bit and never gives back.
 */

import type { InferenceSession, Tensor } from 'onnxruntime-common';
import type { Model } from '../../graph/artifacts';
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
import { HostOptimizer } from './host-optimizer';
import { gumbel } from './noise';

type Ort = typeof import('onnxruntime-common');

export interface HostBlock extends Block {
  data: Numbers;
}

interface HostSession extends Session {
  native: InferenceSession;
}

export class HostDevice implements Device<HostBlock> {
  readonly target = 'cpu';
  // WebAssembly copies the cache for every call, so a call had better make several tokens.
  readonly decodeSteps = 8;
  readonly decodeCalls = 1;
  readonly renewsCaches = false;
  private readonly optimizer = new HostOptimizer(this);

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

  /** `keepsMemory`: what a run gives back stays with the session, for its next run. */
  async compile(model: Model, { keepsMemory = true } = {}): Promise<HostSession> {
    try {
      const native = await this.ort.InferenceSession.create(model.bytes, {
        ...this.options,
        enableCpuMemArena: keepsMemory,
      });
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

  optimize(shape: BuiltShape, parameters: TrainedParameter[], step: OptimizerStep): Promise<number> {
    return this.optimizer.step(shape, parameters, step);
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
    await this.optimizer.release();
  }
}

export function setNumbers(target: Numbers, data: Numbers, offset: number): void {
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
