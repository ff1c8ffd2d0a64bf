/**
 * @file A model in the device's memory: its parameters, and, if it trains, their gradients and moments.
 */

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

export class ResidentModel {
  readonly parameters: ResidentParameter[];
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
    readonly config: ModelConfig,
    readonly trainable: boolean,
  ) {
    const allocate = (size: number) => device.allocate('float32', size);
    this.parameters = parameters(config).map((parameter) => ({
      ...parameter,
      weight: allocate(parameter.size),
      training: trainable
        ? {
            gradient: allocate(parameter.size),
            momentum: allocate(parameter.size),
            variance: allocate(parameter.size),
          }
        : null,
    }));
  }

  /** The weights as a model's inputs. */
  feeds(): Record<string, Block> {
    return Object.fromEntries(this.parameters.map(({ name, weight }) => [name, weight]));
  }

  gradients(): Record<string, Block> {
    return Object.fromEntries(
      this.parameters.flatMap(({ name, training }) =>
        training ? [[`grad.${name}`, training.gradient]] : [],
      ),
    );
  }

  scratchGradients(): Record<string, Block> {
    this.scratch ??= new Map(
      this.parameters.map(({ name, size }) => [`grad.${name}`, this.device.allocate('float32', size)]),
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
