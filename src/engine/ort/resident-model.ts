/**
 * @file A model in the device's memory: its parameters, and, for those that are trained, their gradients and
 * moments. Beside an adapter all others are frozen.
 */

import { scalesName } from '../../graph/quantized';
import { type BuiltShape, trainedParameters } from '../../model/build';
import type { ModelConfig } from '../../model/config';
import { floatsFromFloat16 } from '../../model/half';
import { type Held, halvesOf, heldAs } from '../../model/held';
import { type Parameter, parameters } from '../../model/parameters';
import { type Bits, BLOCK, dequantize, quantize } from '../../model/quantize';
import type { Block, Device } from './device';

export interface ResidentParameter extends Parameter {
  weight: Block;
  /** How exactly; codes have scales beside them. */
  held: ResidentHeld;
  training: TrainingBlocks | null;
}

type ResidentHeld = Exclude<Held, { as: 'codes' }> | { as: 'codes'; bits: Bits; scales: Block };

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

  private allocateWeight(parameter: Parameter): Pick<ResidentParameter, 'weight' | 'held'> {
    const { device, config } = this;
    const { size } = parameter;
    const held = heldAs(parameter, config);
    switch (held.as) {
      case 'float32':
      case 'float16':
        return { weight: device.allocate(held.as, size), held };
      case 'codes':
        return {
          weight: device.allocate('uint8', (size * held.bits) / 8),
          held: { ...held, scales: device.allocate('float32', size / BLOCK) },
        };
      default:
        return held satisfies never;
    }
  }

  get parameters(): ResidentParameter[] {
    return [...this.frozen, ...this.trained];
  }

  /** The weights as a model's inputs. */
  feeds(): Record<string, Block> {
    return Object.fromEntries(
      this.parameters.flatMap(({ name, weight, held }) => [
        [name, weight],
        ...(held.as === 'codes' ? [[scalesName(name), held.scales] as const] : []),
      ]),
    );
  }

  /** A parameter's numbers as they are now. */
  async read(name: string): Promise<Float32Array> {
    const found = this.parameters.find((each) => each.name === name);
    if (!found) throw new Error(`this model has no parameter "${name}"`);
    const values = await this.device.read(found.weight);
    const { held } = found;
    switch (held.as) {
      case 'float32':
        return values as Float32Array;
      case 'float16':
        return floatsFromFloat16(values as Uint16Array);
      case 'codes': {
        const codes = values as Uint8Array<ArrayBuffer>;
        const scales = (await this.device.read(held.scales)) as Float32Array<ArrayBuffer>;
        return dequantize({ codes, scales }, held.bits);
      }
      default:
        return held satisfies never;
    }
  }

  write({ name, weight, held }: ResidentParameter, values: Float32Array): void {
    switch (held.as) {
      case 'float32':
        this.device.write(weight, values);
        return;
      case 'float16':
        this.device.write(weight, halvesOf(name, values));
        return;
      case 'codes': {
        const { codes, scales } = quantize(values, held.bits);
        this.device.write(weight, codes);
        this.device.write(held.scales, scales);
        return;
      }
      default:
        held satisfies never;
    }
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
    for (const { weight, held, training } of this.parameters) {
      this.device.free(weight);
      if (held.as === 'codes') this.device.free(held.scales);
      if (training) for (const block of Object.values(training)) this.device.free(block);
    }
    for (const block of this.scratch?.values() ?? []) this.device.free(block);
  }
}
