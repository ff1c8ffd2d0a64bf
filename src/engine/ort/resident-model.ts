/**
 * @file A model in the device's memory: its parameters, and, for those that are trained, their gradients and moments. Beside an adapter
 * all others are frozen.
 */

import { type BuiltShape, trainedParameters } from '../../model/build';
import type { ModelConfig } from '../../model/config';
import { type Parameter, parameters } from '../../model/parameters';
import type { Block, Device } from './device';

export interface ResidentParameter extends Parameter {
  weight: Block;
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
  ) {
    const allocate = (size: number) => device.allocate('float32', size);
    const place = (parameter: Parameter, trains: boolean): ResidentParameter => ({
      ...parameter,
      weight: allocate(parameter.size),
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

  get parameters(): ResidentParameter[] {
    return [...this.frozen, ...this.trained];
  }

  /** The weights as a model's inputs. */
  feeds(): Record<string, Block> {
    return Object.fromEntries(this.parameters.map(({ name, weight }) => [name, weight]));
  }

  /** A parameter's numbers as they are now. */
  async read(name: string): Promise<Float32Array> {
    const found = this.parameters.find((each) => each.name === name);
    if (!found) throw new Error(`this model has no parameter "${name}"`);
    return (await this.device.read(found.weight)) as Float32Array;
  }

  write({ weight }: ResidentParameter, values: Float32Array): void {
    this.device.write(weight, values);
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
    for (const { weight, training } of this.parameters) {
      this.device.free(weight);
      if (training) for (const block of Object.values(training)) this.device.free(block);
    }
    for (const block of this.scratch?.values() ?? []) this.device.free(block);
  }
}
