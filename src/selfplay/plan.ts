/**
 * @file What a step is going to ask, drawn from the buffers at its start; or, as the original can, for several steps at once, so that
 * they know nothing of each other's tasks. What is drawn in advance is part of a run's state.
 */

import type { Mode, Task } from '../store/records';
import { type Asking, askProposers, rebuild, type StoredAsking, store } from './asking';
import { drawTasks } from './mixing';
import type { Scene } from './players';
import { Draws } from './random';
import { drawsPrompts, proposing } from './schedule';

export interface Planned {
  asked: Partial<Record<Mode, Asking[]>>;
  /** Tasks for the solver; null where they are drawn after the proposals. */
  solve: Partial<Record<Mode, Task[]>> | null;
}

/** Plain data, by ids. */
export interface PlanState {
  steps: [step: number, asked: [Mode, StoredAsking[]][], solve: [Mode, number[]][]][];
}

export class Plan {
  private readonly upcoming = new Map<number, Planned>();

  static tasksOf({ steps }: PlanState): number[] {
    return steps.flatMap(([, asked, solve]) => [
      ...asked.flatMap(([, askings]) => askings.flatMap((each) => each.tasks.flat())),
      ...solve.flatMap(([, ids]) => ids),
    ]);
  }

  /** `tasks` must hold those that `tasksOf` names. */
  static async restore(scene: Scene, { steps }: PlanState, tasks: ReadonlyMap<number, Task>): Promise<Plan> {
    const plan = new Plan();
    for (const [step, asked, solve] of steps) {
      const planned: Planned = { asked: {}, solve: {} };
      for (const [mode, askings] of asked) {
        planned.asked[mode] = await Promise.all(askings.map((each) => rebuild(scene, mode, each, tasks)));
      }
      for (const [mode, ids] of solve) planned.solve![mode] = ids.map((id) => tasks.get(id) as Task);
      plan.upcoming.set(step, planned);
    }
    return plan;
  }

  state(): PlanState {
    return {
      steps: [...this.upcoming].map(([step, { asked, solve }]) => [
        step,
        entries(asked).map(([mode, askings]) => [mode, askings.map(store)]),
        entries(solve ?? {}).map(([mode, tasks]) => [mode, tasks.map(({ id }) => id)]),
      ]),
    };
  }

  /** Of this step; those of the next are drawn with it if the settings say so. */
  async take(scene: Scene): Promise<Planned> {
    const { step, config } = scene;
    if (drawsPrompts(step, config) || !this.upcoming.has(step)) {
      this.upcoming.clear();
      const last = step + config['prompts.every'] - 1 - ((step - 1) % config['prompts.every']);
      for (let each = step; each <= last; each++) this.upcoming.set(each, await draw(scene, each));
    }
    const planned = this.upcoming.get(step) as Planned;
    this.upcoming.delete(step);
    return planned;
  }
}

/** For `step`, which may be a later one, from the buffers as they are. */
async function draw(scene: Scene, step: number): Promise<Planned> {
  const { config, buffers } = scene;
  const planned: Planned = { asked: {}, solve: config['solve.when'] === 'previous-step' ? {} : null };
  for (const mode of config.modes) {
    if (proposing(step, config) !== 'off') {
      planned.asked[mode] = await askProposers(scene, mode, config.batch, undefined, step);
    }
    if (planned.solve) {
      const draws = new Draws(config.seed, step, `tasks of ${mode}`);
      planned.solve[mode] = drawTasks(buffers.of(mode), config.batch, scene.step, config, draws);
    }
  }
  return planned;
}

const entries = <T>(table: Partial<Record<Mode, T>>) => Object.entries(table) as [Mode, T][];
