/**
 * @file The solver at work: questions out, answers in, each judged as soon as it is there. Equal answers to one question are judged
 * once; thoughts each by themselves.
 */

import type { Judged } from '../store/records';
import { type Completion, complete, type Prompt } from './completions';
import type { Answer, Reading } from './dialect';
import type { Scene } from './players';
import { judgeAnswer, type Solvable } from './questions';
import { samplingOf } from './requests';
import { success } from './rewards';
import { withTrace } from './truths';

export interface Problem {
  task: Solvable;
  question: Prompt;
}

export interface Attempt {
  completion: Completion;
  reading: Reading<Answer>;
  judged: Judged;
  /** What it counts in the task's solve rate: 0 to 1. */
  success: number;
}

/** `samples` attempts at each problem. `name` tells these attempts from others of the same step. */
export async function attempt(
  scene: Scene,
  problems: readonly Problem[],
  samples: number,
  name: string,
): Promise<Attempt[][]> {
  const { config, executor, players, truths } = scene;
  const known = problems.map(() => new Map<string, Promise<Judged>>());
  const judge = (index: number, answer: string): Promise<Judged> => {
    const before = known[index].get(answer);
    if (before) return before;
    const judged = judgeAnswer(executor, problems[index].task, answer);
    known[index].set(answer, judged);
    return judged;
  };
  return complete(
    scene,
    {
      name,
      prompts: problems.map(({ question }) => question),
      samples,
      sampling: samplingOf(config, 'solve'),
    },
    async (completion, index) => {
      const { task } = problems[index];
      const reading = players.dialect.parseAnswer(task.mode, completion.text);
      const verdict: Judged =
        reading.parsed === null
          ? { kind: 'unread', reason: reading.reason }
          : await judge(index, reading.parsed.answer);
      const judged = await withTrace(config, truths, task, reading, verdict);
      return { completion, reading, judged, success: success(config, task.mode, judged) };
    },
  );
}

/** Mean success. */
export function solveRate(attempts: readonly Attempt[]): number {
  return attempts.reduce((sum, { success }) => sum + success, 0) / attempts.length;
}
