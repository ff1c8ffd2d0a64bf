/**
 * @file What the engine needs of a place that computes: memory that stays there between calls, ONNX sessions over it,
 * and the three jobs that are not ONNX graphs. The rest of the engine is written once, over this interface.
 *
 * One call at a time: onnxruntime-web breaks when two runs overlap, even of different sessions. Callers go through the
 * engine's queue.
 */

import type { DType, Model, Target } from '../../graph/artifacts';
import type { BuiltShape } from '../../model/build';
import type { MemoryLimits } from '../../model/memory';
import type { AdamParams, Backend } from '../engine';

/** A block of numbers that lives where the backend computes. */
export interface Block {
  readonly dtype: Exclude<DType, 'bool'>;
  /** Elements. */
  readonly size: number;
}

export type Numbers = Float32Array | Int32Array | BigInt64Array | Uint8Array | Uint16Array;

/** A compiled model. */
export interface Session {
  readonly model: Model;
  release(): Promise<void>;
}

/** The blocks of one parameter that an optimizer step reads and writes. */
export interface TrainedParameter {
  name: string;
  decay: boolean;
  weight: Block;
  gradient: Block;
  momentum: Block;
  variance: Block;
}

export interface OptimizerStep extends Required<AdamParams> {
  /** Counts from 1. */
  step: number;
}

export interface DeviceInfo {
  backend: Backend;
  description: string;
  threads: number;
  /** Bytes that may be taken in all, and by one tensor. */
  memory: number;
  largestTensor: number;
  /** Whether numbers of 16 bits may be held here. */
  float16: boolean;
}

export interface Device<B extends Block = Block> {
  readonly info: DeviceInfo;
  /** What models are to be written for. */
  readonly target: Target;
  /** Tokens per decode call: several where a call copies the cache, one where the cache is updated in place. */
  readonly decodeSteps: number;
  /** Whether a decode call renews the caches; else it gives what is to be appended to them (src/graph/cached-attention.ts). */
  readonly renewsCaches: boolean;
  /** Decode calls in a row without looking at their results. */
  readonly decodeCalls: number;

  allocate(dtype: B['dtype'], size: number): B;
  free(block: B): void;
  write(block: B, data: Numbers, offset?: number): void;
  read(block: B): Promise<Numbers>;
  /** Copies elements between blocks of the same type. */
  copy(source: B, sourceOffset: number, target: B, targetOffset: number, count: number): void;

  compile(model: Model): Promise<Session>;
  /** Feeds and results may share a block only where the model updates it in place. */
  run(session: Session, feeds: Record<string, B>, results: Record<string, B>): Promise<void>;

  /** sums[i] += terms[i] */
  accumulate(sums: B[], terms: B[]): void;
  /** Gumbel noise times the temperature, [keys.length, width]; each row from its own key. */
  noise(target: B, keys: Uint32Array, width: number, temperature: number): void;
  /** AdamW on every parameter, or on none if a gradient is not finite; the global gradient norm before clipping. */
  optimize(shape: BuiltShape, parameters: TrainedParameter[], step: OptimizerStep): Promise<number>;

  /** Runs allocations that may exceed memory; throws OutOfMemoryError, rather than failing later, if they did. */
  guardMemory<T>(what: string, allocations: () => T): Promise<T>;
  close(): Promise<void>;
}

export const limitsOf = ({ memory, largestTensor }: DeviceInfo): MemoryLimits => ({
  maxBufferSize: largestTensor,
  maxBindingSize: largestTensor,
  budgetBytes: memory,
});

export const BYTES = { float32: 4, int32: 4, int64: 8, uint8: 1, float16: 2 } as const;

/** The arrays that hold blocks of each type. */
export const ARRAYS = {
  float32: Float32Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  /** Their bits. */
  float16: Uint16Array,
} as const;
