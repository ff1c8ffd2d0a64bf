/** @file `bench`: measurements, as ratios where absolute figures would not travel. What is measured lives in bench/. */

import { CommandError, type CommandResult, progress } from './command';

export const usage = `bench engine [MEASUREMENT ...]   speed, as ratios: wasm, peers, decode, start, dispatches, operators, share, large-model; or all
  bench sandbox [MEASUREMENT ...]  the same for Python: throughput, start, cost, warm
  bench loop [MEASUREMENT ...]     the same for self-play: share, own
  bench node [MEASUREMENT ...]     what a remote node costs, and what a second one brings: overhead, fleet`;

interface Room {
  names: string[];
  bench(
    chosen: readonly string[],
    progress: (line: string) => void,
  ): Promise<{ results: object; text: string }>;
}

const rooms: Record<string, () => Promise<Room>> = {
  engine: async () => {
    const { benchEngine, names } = await import('../../bench/engine');
    return { names, bench: benchEngine };
  },
  sandbox: async () => {
    const { benchSandbox, names } = await import('../../bench/sandbox');
    return { names, bench: benchSandbox };
  },
  loop: async () => {
    const { benchLoop, names } = await import('../../bench/loop');
    return { names, bench: benchLoop };
  },
  node: async () => {
    const { benchNode, names } = await import('../../bench/node');
    return { names, bench: benchNode };
  },
};

export async function run(args: string[]): Promise<CommandResult> {
  const [name, ...chosen] = args;
  if (name === undefined || !Object.hasOwn(rooms, name)) {
    throw new CommandError(`bench wants to know what: ${Object.keys(rooms).join(', ')}.`, 2);
  }
  const { names, bench } = await rooms[name]();
  const unknown = chosen.find((each) => !names.includes(each));
  if (unknown !== undefined) {
    throw new CommandError(`There is no measurement "${unknown}". There is: ${names.join(', ')}.`, 2);
  }
  const { results, text } = await bench(chosen.length > 0 ? chosen : names, progress);
  return { json: { ...results }, text };
}
