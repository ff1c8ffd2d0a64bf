/**
 * @file How exactly each parameter of a model is held: in float32, in float16, or as codes of few bits. Only matrices are held in less
 * than float32, and only frozen ones; norms and biases are small.
 */

import { isAdapters } from './adapter';
import type { BasePrecision, BuiltShape } from './build';
import { UnsupportedModelError } from './errors';
import { float16FromFloats } from './half';
import type { Parameter } from './parameters';
import { type Bits, bitsOf, quantizedBytes } from './quantize';

export type Held = { as: 'float32' } | { as: 'float16' } | { as: 'codes'; bits: Bits };

export function heldAs(parameter: Parameter, shape: BuiltShape): Held {
  const base: BasePrecision = shape.base ?? 'float32';
  switch (base) {
    case 'float32':
      return { as: 'float32' };
    case 'float16': {
      // Two to a word, as devices copy them.
      const isHeld = parameter.shape.length === 2 && parameter.size % 2 === 0 && !isAdapters(parameter.name);
      return isHeld ? { as: 'float16' } : { as: 'float32' };
    }
    case 'int8':
    case 'int4': {
      const bits = bitsOf(parameter, shape);
      return bits ? { as: 'codes', bits } : { as: 'float32' };
    }
    default:
      return base satisfies never;
  }
}

/** `width`: bytes of a number that is held as it is. */
export function heldBytes(size: number, held: Held, width = 4): number {
  switch (held.as) {
    case 'float32':
      return size * width;
    case 'float16':
      return size * 2;
    case 'codes':
      return quantizedBytes(size, held.bits);
    default:
      return held satisfies never;
  }
}

/** From here on numbers round to infinity. */
const tooLarge = 65_520;

/** Throws where one of them is too large for float16. */
export function checkHalves(name: string, values: Float32Array): void {
  const largest = values.find((value) => Math.abs(value) >= tooLarge);
  if (largest === undefined) return;
  throw new UnsupportedModelError(
    `"${name}" holds ${largest}, which float16 cannot: keep this model in float32.`,
  );
}

export function halvesOf(name: string, values: Float32Array): Uint16Array<ArrayBuffer> {
  checkHalves(name, values);
  return float16FromFloats(values);
}
