/**
 * @file Settings that fit a model and a device. Of what was asked for, that is taken down which costs least: first an adapter takes the
 * place of all weights, then the base is held less exactly, and only then texts get shorter. A step that would take too long even if
 * all goes well learns from fewer tasks.
 */

import { basePrecisions } from '../../model/build';
import type { ModelShape } from '../../model/config';
import { longestContext } from '../../model/memory';
import { type Config, checkConfig, difference, readConfig } from '../../selfplay/config';
import { memoryOf, type Room, type Speed, timeOf } from './estimate';

/** What is filled in, and nothing else. */
export type Filled = Partial<Config>;

/** Of the lengths asked for; and the tokens below which hardly a task can be asked. */
const shares = [1, 3 / 4, 1 / 2, 3 / 8, 1 / 4, 3 / 16, 1 / 8, 3 / 32, 1 / 16];
const shortest = 1024;

/** Where nothing fits, the least of all: what is still too much is said of that. */
export function fitted(asked: Config, shape: ModelShape, room: Room, speed: Speed): Filled {
  const whole = Math.min(
    asked['tokens.prompt'] + asked['tokens.response'],
    shape.maxPositions,
    longestContext,
  );
  let least: Config = asked;
  for (const context of shares.map((share) => Math.floor(whole * share))) {
    if (context < Math.min(whole, shortest)) break;
    for (const way of ways(asked, room)) {
      least = readConfig({ ...asked, ...way, ...lengths(asked, context) });
      if (memoryOf(least, shape, room).refusal === null) return changes(asked, withinPatience(least, speed));
    }
  }
  return changes(asked, least);
}

function changes(asked: Config, found: Config): Filled {
  return Object.fromEntries(difference(asked, found).map(({ key, to }) => [key, to]));
}

/** How a model may be kept and trained, from what was asked for to what takes least. */
function ways(asked: Config, { halves = true }: Room): Partial<Config>[] {
  const from = basePrecisions.indexOf(asked['model.base']);
  const held = basePrecisions.slice(from).filter((base) => halves || base !== 'float16');
  const beside = held.map((base) => ({ 'model.base': base }));
  if (asked['model.train'] === 'adapter') return beside;
  // The first checkpoint holds the model below the adapter, and has to stay.
  const sparse = asked['checkpoint.sparse'] || readConfig({})['checkpoint.sparse'];
  const adapter = { 'model.train': 'adapter', 'checkpoint.sparse': sparse } as const;
  return [{}, ...beside.map((base) => ({ ...adapter, ...base }))];
}

/** As they were to each other, and even, so that the engine's buckets are used up. */
function lengths(asked: Config, context: number): Partial<Config> {
  const { 'tokens.prompt': prompt, 'tokens.content': content, 'tokens.response': response } = asked;
  const share = context / (prompt + response);
  if (share >= 1) return {};
  const even = (length: number) =>
    Math.max(1, length < 32 ? Math.floor(length) : 32 * Math.floor(length / 32));
  return {
    'tokens.prompt': even(prompt * share),
    'tokens.content': even(content * share),
    'tokens.response': even(response * share),
  };
}

/** Seconds of a step, and the least that is worth one. */
const patience = 600;
const fewest = 4;

function withinPatience(config: Config, speed: Speed): Config {
  let found = config;
  while (found.batch / 2 >= fewest && timeOf(found, speed).step.low > patience) {
    const next = { ...found, batch: Math.floor(found.batch / 2) };
    if (checkConfig(next).length > 0) break;
    found = readConfig(next);
  }
  return found;
}
