/** @file `bench`: measurements, as ratios where absolute figures would not travel. What is measured lives in bench/. */

import { CommandError, type CommandResult, progress } from './command';

export const usage =
  'bench engine [MEASUREMENT ...]   speed, as ratios: wasm, peers, decode, start, dispatches, operators, share; or all of them';

/** Rooms that are not built yet bring their benchmarks with them. */
const later = ['sandbox', 'loop'];

export async function run(args: string[]): Promise<CommandResult> {
  const [room, ...chosen] = args;
  if (room !== undefined && later.includes(room)) {
    throw new CommandError(`"bench ${room}" comes with the ${room} itself, which is not built yet.`);
  }
  if (room !== 'engine') {
    throw new CommandError(`bench wants to know what: engine, ${later.join(' or ')}.`, 2);
  }
  const { benchEngine, names } = await import('../../bench/engine');
  const unknown = chosen.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new CommandError(`There is no measurement "${unknown}". There is: ${names.join(', ')}.`, 2);
  }
  const { results, text } = await benchEngine(chosen.length > 0 ? chosen : names, progress);
  return { json: { ...results }, text };
}
