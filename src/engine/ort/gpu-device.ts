/**
 * @file Computing on the GPU: onnxruntime-web's WebGPU provider on a device that we own, so that its sessions, our
 * kernels and our copies share buffers and nothing has to visit the processor.
 */

import type { InferenceSession, Tensor } from 'onnxruntime-common';
import type { DType, Model } from '../../graph/artifacts';
import type { BuiltShape } from '../../model/build';
import { DeviceLostError } from '../errors';
import {
  ARRAYS,
  type Block,
  BYTES,
  type Device,
  type DeviceInfo,
  type Numbers,
  type OptimizerStep,
  type Session,
  type TrainedParameter,
} from './device';
import { asEngineError, outOfMemory } from './host-device';
import { Kernels } from './kernels';
import { type GpuBuffers, Recording } from './recording';

type Ort = typeof import('onnxruntime-common');

interface GpuBlock extends Block {
  buffer: GPUBuffer;
}

interface GpuSession extends Session {
  native: InferenceSession;
  recording: Recording;
}

const USAGE = { storage: 0x80, copySource: 0x04, copyTarget: 0x08, mapRead: 0x01 };
/** onnxruntime reads and writes whole vectors of four numbers. */
const padded = (bytes: number): number => Math.ceil(bytes / 16) * 16;

const buffersOf = (blocks: Record<string, GpuBlock>): GpuBuffers =>
  Object.fromEntries(Object.entries(blocks).map(([name, { buffer }]) => [name, buffer]));

const bytesOf = (dtype: DType): number => (dtype === 'bool' ? 1 : BYTES[dtype]);

export class GpuDevice implements Device<GpuBlock> {
  readonly target = 'gpu';
  // The cache is updated in place, so a call makes one token; results are looked at after several.
  readonly decodeSteps = 1;
  readonly decodeCalls = 8;
  readonly renewsCaches = true;
  /** How many runs were replays. */
  replays = 0;
  private readonly kernels: Kernels;
  private readonly staging = new Map<number, GPUBuffer[]>();
  private lost: Promise<never>;
  private isLost: DeviceLostError | null = null;

  constructor(
    private readonly ort: Ort,
    private readonly device: GPUDevice,
    readonly info: DeviceInfo,
    private readonly options: InferenceSession.SessionOptions,
    /** Whether runs that repeat are recorded, and then replayed (see recording.ts). */
    private readonly records: boolean,
  ) {
    this.kernels = new Kernels(device);
    this.lost = device.lost.then(({ message }) => {
      this.isLost = new DeviceLostError(message);
      throw this.isLost;
    });
    this.lost.catch(() => {}); // it is raced against every wait; alone it is no unhandled error
  }

  allocate(dtype: GpuBlock['dtype'], size: number): GpuBlock {
    const usage = USAGE.storage | USAGE.copySource | USAGE.copyTarget;
    return { dtype, size, buffer: this.device.createBuffer({ size: padded(size * BYTES[dtype]), usage }) };
  }

  free(block: GpuBlock): void {
    block.buffer.destroy();
  }

  write(block: GpuBlock, data: Numbers, offset = 0): void {
    this.device.queue.writeBuffer(
      block.buffer,
      offset * BYTES[block.dtype],
      data as Float32Array<ArrayBuffer>,
    );
  }

  async read(block: GpuBlock): Promise<Numbers> {
    const bytes = block.size * BYTES[block.dtype];
    const copy = await this.download(block.buffer, bytes);
    return new ARRAYS[block.dtype](copy);
  }

  copy(source: GpuBlock, sourceOffset: number, target: GpuBlock, targetOffset: number, count: number): void {
    const unit = BYTES[source.dtype];
    const encoder = this.device.createCommandEncoder();
    encoder.copyBufferToBuffer(
      source.buffer,
      sourceOffset * unit,
      target.buffer,
      targetOffset * unit,
      count * unit,
    );
    this.device.queue.submit([encoder.finish()]);
  }

  async compile(model: Model): Promise<GpuSession> {
    try {
      const native = await this.create(model, false);
      const recording = new Recording(
        model,
        () => this.create(model, true),
        (buffers) => this.bind(model.inputs, buffers),
        (pairs) => this.differs(model, pairs),
      );
      const release = async () => {
        await recording.release();
        await native.release();
      };
      return { model, native, recording, release };
    } catch (error) {
      throw this.isLost ?? asEngineError(error, 'compiled');
    }
  }

  async run(
    session: Session,
    feeds: Record<string, GpuBlock>,
    results: Record<string, GpuBlock>,
  ): Promise<void> {
    const { native, model, recording } = session as GpuSession;
    if (this.isLost) throw this.isLost;
    const read = buffersOf(feeds);
    const written = buffersOf(results);
    try {
      const replayed = this.records ? await this.orLost(recording.replay(read)) : null;
      if (replayed) {
        this.replays++;
        this.copyAll(model, replayed, written);
        return;
      }
      await this.orLost(native.run(this.bind(model.inputs, read), this.bind(model.outputs, written)));
      if (this.records) await this.orLost(recording.consider(read, written));
    } catch (error) {
      throw this.isLost ?? asEngineError(error, 'run');
    }
  }

  private create(model: Model, enableGraphCapture: boolean): Promise<InferenceSession> {
    return this.orLost(
      this.ort.InferenceSession.create(model.bytes, { ...this.options, enableGraphCapture }),
    );
  }

  private bind(specs: Model['inputs'], buffers: GpuBuffers): Record<string, Tensor> {
    const tensors: Record<string, Tensor> = {};
    for (const { name, dtype, shape } of specs) {
      if (dtype === 'bool') throw new TypeError(`"${name}" is a bool, and models exchange only numbers`);
      tensors[name] = this.ort.Tensor.fromGpuBuffer(buffers[name], { dataType: dtype, dims: shape });
    }
    return tensors;
  }

  private async differs(model: Model, pairs: [GPUBuffer, GPUBuffer][]): Promise<boolean> {
    const words = model.outputs.map(
      ({ shape, dtype }) => (shape.reduce((a, b) => a * b, 1) * bytesOf(dtype)) / 4,
    );
    const count = await this.download(this.kernels.differences(pairs, words), 4);
    return new Uint32Array(count)[0] > 0;
  }

  private copyAll(model: Model, from: GpuBuffers, to: GpuBuffers): void {
    const encoder = this.device.createCommandEncoder();
    for (const { name, shape, dtype } of model.outputs) {
      encoder.copyBufferToBuffer(
        from[name],
        0,
        to[name],
        0,
        shape.reduce((a, b) => a * b, 1) * bytesOf(dtype),
      );
    }
    this.device.queue.submit([encoder.finish()]);
  }

  accumulate(sums: GpuBlock[], terms: GpuBlock[]): void {
    this.kernels.accumulate(sums.map((sum, i) => ({ sum, term: terms[i] })));
  }

  noise(target: GpuBlock, keys: Uint32Array, width: number, temperature: number): void {
    this.kernels.noise(target.buffer, keys, width, temperature);
  }

  async optimize(_shape: BuiltShape, parameters: TrainedParameter[], step: OptimizerStep): Promise<number> {
    const tensors = parameters.map(({ decay, weight, gradient, momentum, variance }) => ({
      decay,
      weight: weight as GpuBlock,
      gradient: gradient as GpuBlock,
      momentum: momentum as GpuBlock,
      variance: variance as GpuBlock,
    }));
    const result = this.kernels.adamw(tensors, step);
    return new Float32Array(await this.download(result, 8))[0];
  }

  async guardMemory<T>(what: string, allocations: () => T): Promise<T> {
    this.device.pushErrorScope('out-of-memory');
    this.device.pushErrorScope('validation');
    const result = allocations();
    const errors = await this.orLost(Promise.all([this.device.popErrorScope(), this.device.popErrorScope()]));
    if (errors.some(Boolean)) throw outOfMemory(what);
    return result;
  }

  async close(): Promise<void> {
    this.kernels.destroy();
    for (const buffers of this.staging.values()) for (const buffer of buffers) buffer.destroy();
    this.device.destroy();
  }

  /** Copies a buffer's bytes to the processor. Staging buffers are used again: a step must not make new ones. */
  private async download(source: GPUBuffer, bytes: number): Promise<ArrayBuffer> {
    if (this.isLost) throw this.isLost;
    const size = padded(bytes);
    const pool = this.staging.get(size) ?? [];
    this.staging.set(size, pool);
    const buffer = pool.pop() ?? this.device.createBuffer({ size, usage: USAGE.mapRead | USAGE.copyTarget });
    const encoder = this.device.createCommandEncoder();
    encoder.copyBufferToBuffer(source, 0, buffer, 0, Math.ceil(bytes / 4) * 4);
    this.device.queue.submit([encoder.finish()]);
    try {
      await this.orLost(buffer.mapAsync(1));
    } catch (error) {
      throw this.isLost ?? error;
    }
    const copy = buffer.getMappedRange().slice(0, bytes);
    buffer.unmap();
    pool.push(buffer);
    return copy;
  }

  /** What was under way on a device that goes fails in the browser's words, a moment before the device says that it is lost. */
  private async orLost<T>(promise: Promise<T>): Promise<T> {
    try {
      return await Promise.race([promise, this.lost]);
    } catch (error) {
      await Promise.race([this.lost, new Promise((resolve) => setTimeout(resolve, 100))]).catch(() => {});
      throw this.isLost ?? error;
    }
  }
}
