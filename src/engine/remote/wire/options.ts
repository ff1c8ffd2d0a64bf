/** @file How a model is to be held and trained, as ModelOptions has it, on the wire. */

import { ADAPTER_TARGETS, type AdapterTarget, isTarget } from '../../../model/adapter';
import { basePrecisions } from '../../../model/build';
import type { AdapterOptions, ModelOptions } from '../../engine';
import type { Body } from './body';

export function optionsFromJson(body: Body): ModelOptions {
  return {
    ...(body.has('trainable') && { trainable: body.flag('trainable') }),
    ...(body.has('adapter') && { adapter: adapterFrom(body.object('adapter')) }),
    ...(body.has('base') && { base: precisionFrom(body) }),
    ...(body.has('recompute') && { recompute: body.flag('recompute') }),
  };
}

function adapterFrom(body: Body): AdapterOptions {
  return {
    rank: body.number('rank'),
    alpha: body.number('alpha'),
    targets: body.list('targets') as AdapterTarget[], // looked at where they are understood
    ...(body.has('seed') && { seed: body.number('seed') }),
    ...(body.has('baseName') && { baseName: body.text('baseName') }),
  };
}

function precisionFrom(body: Body): ModelOptions['base'] {
  const found = basePrecisions.find((each) => each === body.raw('base'));
  if (!found) throw body.wrong('base', `one of ${basePrecisions.join(', ')}`);
  return found;
}

/** Of Tinker's lora_config: matrices in groups, and an alpha of 32 whatever the rank. Null for rank 0, which is all weights. */
export function adapterOfTinker(config: Body): AdapterOptions | null {
  const rank = config.whole('rank', 32);
  if (rank === 0) return null;
  const [attention, mlp] = [config.flag('train_attn', true), config.flag('train_mlp', true)];
  const targets = ADAPTER_TARGETS.filter((name) => (/^[qkvo]_/.test(name) ? attention : mlp)).filter(
    isTarget,
  );
  return { rank, alpha: 32, targets, seed: config.whole('seed', 0) };
}
