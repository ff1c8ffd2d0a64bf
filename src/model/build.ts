/**
 * @file How a model of some shape is kept: which of its numbers are trained, and how exactly the frozen ones
 * are held. A shape that says nothing of it is trained whole, in float32.
 */

import { type AdapterSettings, adapterParameters } from './adapter';
import type { ModelShape } from './config';
import { type Parameter, parameters } from './parameters';

export interface BuiltShape extends ModelShape {
  /** If present, the model's own weights are frozen and the adapter's are trained in their place. */
  adapter?: AdapterSettings;
  /** How exactly frozen weights are held. Default: float32. */
  base?: BasePrecision;
}

export const basePrecisions = ['float32', 'float16', 'int8', 'int4'] as const;
export type BasePrecision = (typeof basePrecisions)[number];

/** The parameters that gradients, moments and files of a trainer are about. */
export function trainedParameters(shape: BuiltShape): Parameter[] {
  return shape.adapter ? adapterParameters(shape, shape.adapter) : parameters(shape);
}
