/**
 * @file A model in the device's memory: its parameters, and, for those that are trained, their gradients and
 * moments. Beside an adapter all others are frozen.
 */

import { scalesName } from '../../graph/quantized';
import { type BuiltShape, trainedParameters } from '../../model/build';
import type { ModelConfig } from '../../model/config';
import { type Parameter, parameters } from '../../model/parameters';
import { type Bits, BLOCK, bitsOf, dequantize, quantize } from '../../model/quantize';
import type { Block, Device } from './device';

export interface ResidentParameter extends Parameter {
  weight: Block;
  /** Of a weight that is held as codes of so many bits. */
  quantized: { bits: Bits; scales: Block } | null;
  training: TrainingBlocks | null;
}

export interface TrainingBlocks {
  gradient: Block;
  momentum: Block;
  variance: Block;
}

/** A model's config and how it is kept. */
export type ResidentConfig = ModelConfig & BuiltShape;

export class ResidentModel {
  /** What training is about: the adapter, or else everything. */
  readonly trained: ResidentParameter[];
  /** What stays as it is beside an adapter. */
  readonly frozen: ResidentParameter[];
  /** Optimizer steps taken. */
  step = 0;
  /** The policy's version, and whether a step has changed the weights since it was given. */
  version = 0;
  changed = false;
  /** Whether the gradient blocks hold something to add to. */
  hasGradients = false;
  /** For the second and later micro-batches of a step: made when first needed. */
  private scratch: Map<string, Block> | null = null;

  constructor(
    private readonly device: Device,
    readonly config: ResidentConfig,
    readonly trainable: boolean,
    /** Whether layers are computed again in training; undefined: where memory needs it. */
    readonly recompute?: boolean,
  ) {
    const allocate = (size: number) => device.allocate('float32', size);
    const place = (parameter: Parameter, trains: boolean): ResidentParameter => ({
      ...parameter,
      ...this.allocateWeight(parameter),
      training: trains
        ? {
            gradient: allocate(parameter.size),
            momentum: allocate(parameter.size),
            variance: allocate(parameter.size),
          }
        : null,
    });
    this.frozen = config.adapter ? parameters(config).map((parameter) => place(parameter, false)) : [];
    this.trained = trainedParameters(config).map((parameter) => place(parameter, trainable));
  }

  private allocateWeight(parameter: Parameter): Pick<ResidentParameter, 'weight' | 'quantized'> {
    const { device, config } = this;
    const { size } = parameter;
    const bits = bitsOf(parameter, config);
    return bits
      ? {
          weight: device.allocate('uint8', (size * bits) / 8),
          quantized: { bits, scales: device.allocate('float32', size / BLOCK) },
        }
      : { weight: device.allocate('float32', size), quantized: null };
  }

  get parameters(): ResidentParameter[] {
    return [...this.frozen, ...this.trained];
  }

  /** The weights as a model's inputs. */
  feeds(): Record<string, Block> {
    return Object.fromEntries(
      this.parameters.flatMap(({ name, weight, quantized }) => [
        [name, weight],
        ...(quantized ? [[scalesName(name), quantized.scales] as const] : []),
      ]),
    );
  }

  /** A parameter's numbers as they are now. */
  async read(name: string): Promise<Float32Array> {
    const found = this.parameters.find((each) => each.name === name);
    if (!found) throw new Error(`this model has no parameter "${name}"`);
    const values = await this.device.read(found.weight);
    if (!found.quantized) return values as Float32Array;
    const { bits, scales } = found.quantized;
    const codes = values as Uint8Array<ArrayBuffer>;
    return dequantize({ codes, scales: (await this.device.read(scales)) as Float32Array<ArrayBuffer> }, bits);
  }

  write({ weight, quantized }: ResidentParameter, values: Float32Array): void {
    if (!quantized) {
      this.device.write(weight, values);
      return;
    }
    const { codes, scales } = quantize(values, quantized.bits);
    this.device.write(weight, codes);
    this.device.write(quantized.scales, scales);
  }

  gradients(): Record<string, Block> {
    return Object.fromEntries(
      this.trained.flatMap(({ name, training }) => (training ? [[`grad.${name}`, training.gradient]] : [])),
    );
  }

  scratchGradients(): Record<string, Block> {
    this.scratch ??= new Map(
      this.trained.map(({ name, size }) => [`grad.${name}`, this.device.allocate('float32', size)]),
    );
    return Object.fromEntries(this.scratch);
  }

  free(): void {
    for (const { weight, quantized, training } of this.parameters) {
      this.device.free(weight);
      if (quantized) this.device.free(quantized.scales);
      if (training) for (const block of Object.values(training)) this.device.free(block);
    }
    for (const block of this.scratch?.values() ?? []) this.device.free(block);
  }
}
