/**
 * @file How positions are turned into rotations. transformers has spelt this in two ways: rope_theta and
 * rope_scaling next to the other fields (before version 5), and one rope_parameters object (since). Both are
 * read here, in its order of precedence; plain RoPE and Llama 3's scaling are computed, and every other
 * scaling is refused by name.
 */

import { UnsupportedModelError } from './errors';
import { Fields } from './fields';

/** Llama 3 stretches the slow rotations by `factor`, keeps the fast ones, and blends between the two. */
export interface Llama3RopeScaling {
  type: 'llama3';
  factor: number;
  lowFreqFactor: number;
  highFreqFactor: number;
  originalMaxPositions: number;
}

export interface Rope {
  ropeTheta: number;
  ropeScaling: Llama3RopeScaling | null;
}

const DEFAULT_THETA = 10_000;

export function parseRope(config: Fields, maxPositions: number): Rope {
  const scaling = config.object('rope_scaling');
  const nothing = new Fields({});
  const rope = (scaling && !scaling.isEmpty() ? scaling : config.object('rope_parameters')) ?? nothing;
  if (rope.has('full_attention') || rope.has('sliding_attention')) {
    throw new UnsupportedModelError(
      'The layers of this model rotate in different ways; choose one with a single kind of RoPE.',
    );
  }

  const ropeTheta = rope.positive('rope_theta', config.positive('rope_theta', DEFAULT_THETA));
  const rotated = rope.positive('partial_rotary_factor', config.positive('partial_rotary_factor', 1));
  if (rotated !== 1) {
    throw new UnsupportedModelError(
      `This model rotates only a part of each head (partial_rotary_factor ${rotated}); ` +
        'choose one that rotates whole heads.',
    );
  }

  const type = rope.text('rope_type', rope.text('type', 'default'));
  if (type === 'default') return { ropeTheta, ropeScaling: null };
  if (type === 'llama3') return { ropeTheta, ropeScaling: parseLlama3(rope, maxPositions) };
  throw new UnsupportedModelError(
    `This model stretches its positions with "${type}" RoPE scaling; ` +
      'choose one with plain RoPE or "llama3" scaling.',
  );
}

function parseLlama3(rope: Fields, maxPositions: number): Llama3RopeScaling {
  const lowFreqFactor = rope.positive('low_freq_factor');
  const highFreqFactor = rope.positive('high_freq_factor');
  if (highFreqFactor <= lowFreqFactor) throw rope.wrong('high_freq_factor', 'greater than low_freq_factor');
  return {
    type: 'llama3',
    factor: rope.positive('factor'),
    lowFreqFactor,
    highFreqFactor,
    originalMaxPositions: rope.count('original_max_position_embeddings', maxPositions),
  };
}
