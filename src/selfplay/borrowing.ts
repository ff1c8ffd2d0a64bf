/**
 * @file Programs on the inputs of others. A run invents a few thousand programs, and each comes with an input or two; what it says
 * of those is soon known by heart. On an input that another task came with the same program is a lesson that was not there before, and
 * all of it is still the run's own.
 */

import type { Pair, Task } from '../store/records';
import { isSmallTask } from './gate';
import type { Scene } from './players';
import { kindsOf } from './probes';
import { Draws } from './random';
import type { Weighing } from './teaching';

/** Inputs by the kinds of their arguments. */
export type Lenders = ReadonlyMap<string, readonly string[]>;

/** Inputs that are tried for one that is wanted: some fail, and some of the others are better to be taught. */
const tried = 4;

/** Each once, oldest first. */
export function lendersOf(tasks: readonly Pick<Task, 'pairs'>[]): Lenders {
  const lenders = new Map<string, Set<string>>();
  for (const { pairs } of tasks) {
    for (const [index, kinds] of kindsOfInputs(pairs).entries()) {
      if (kinds === null) continue;
      const alike = lenders.get(kinds) ?? new Set();
      lenders.set(kinds, alike.add(pairs[index][0]));
    }
  }
  return new Map([...lenders].map(([kinds, inputs]) => [kinds, [...inputs]]));
}

/** A run asks this of the same tasks in every step, and reading an input takes longer than all the rest. */
const read = new WeakMap<readonly Pair[], readonly (string | null)[]>();

function kindsOfInputs(pairs: readonly Pair[]): readonly (string | null)[] {
  const before = read.get(pairs);
  if (before) return before;
  const kinds = pairs.map(([input]) => kindsOf(input));
  read.set(pairs, kinds);
  return kinds;
}

/** A call of the task's program on an input of others, as often as the settings say; else, or where none is fit to be taught, null. */
export async function borrow(
  scene: Scene,
  { id, mode, program, pairs }: Task,
  lenders: Lenders,
  weigh: Weighing,
): Promise<Pair | null> {
  const { config, executor, step } = scene;
  const draws = new Draws(config.seed, step, `input that ${id} borrows as ${mode}`);
  if (!draws.chance(config['hindsight.borrowed'])) return null;
  const own = new Set(pairs.map(([input]) => input));
  const others = (lenders.get(kindsOf(pairs[0][0]) ?? '') ?? []).filter((input) => !own.has(input));
  const inputs = draws.distinct(others.length, tried).map((index) => others[index]);
  if (inputs.length === 0) return null;
  const outcomes = await executor.validate(program, inputs);
  const weights = outcomes.map(({ verdict, steps }) =>
    verdict === 'ok' ? weigh({ program, effort: steps }) : 0,
  );
  for (const index of draws.weightedDistinct(weights, tried)) {
    const outcome = outcomes[index];
    if (outcome.verdict !== 'ok') continue;
    if (config['gate.small'] && !(await isSmallTask(scene, program, inputs[index]))) continue;
    return [inputs[index], outcome.output];
  }
  return null;
}
